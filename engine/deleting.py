"""Taking resources away: in reverse dependency order, side by side where nothing stands between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from engine.checkpoint import ResourceState
from engine.errors import StateError
from engine.events import Op
from engine.graph import deletion_waves
from engine.handlers import StepError, WrongInputError
from engine.kubernetes_objects import is_ours
from engine.object_names import object_name
from engine.providers import handler_of
from engine.run import Run
from engine.stepping import delete_one
from engine.urns import label
from kafka_mirror.errors import KafkaMirrorError, UsageError
from kafka_mirror.kubernetes_api import JsonObject

_PARALLEL: Final = 32


def refuse_protected(resources: Iterable[ResourceState]) -> None:
    """Refuse to delete protected resources, all of them named.

    Raises:
        UsageError: If there is any.
    """
    names = sorted(label(state.urn) for state in resources if state.protect)
    if names:
        raise UsageError(
            f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} protected and would be deleted; "
            "nothing was changed. Set protect to false in the program and deploy that first."
        )


def preview_deletes(run: Run, resources: Sequence[ResourceState]) -> None:
    """Tell what would be deleted."""
    for wave in deletion_waves(resources):
        for state in wave:
            if not state.external:
                run.reporter.step(Op.DELETE, state.urn).done()


def delete_all(run: Run, resources: Sequence[ResourceState]) -> None:
    """Delete resources; what cannot be deleted keeps what it needs. Failures are noted in the run."""
    with ThreadPoolExecutor(max_workers=_PARALLEL, thread_name_prefix="delete") as pool:
        try:
            _delete_in_waves(run, resources, pool)
        except BaseException:
            # Ctrl-C: what has not begun does not begin.
            run.cancelled.set()
            raise


def _delete_in_waves(
    run: Run, resources: Sequence[ResourceState], pool: ThreadPoolExecutor
) -> None:
    kept: set[str] = set()
    for wave in deletion_waves(resources):
        free = [state for state in wave if state.urn not in kept]
        gone = pool.map(lambda one: _delete(run, one), free)
        for state, is_gone in zip(free, gone, strict=True):
            if not is_gone:
                kept |= _everything_needed(state, resources)


def delete_replaced(run: Run) -> None:
    """Forget the replaced providers: nothing of theirs is left."""
    gone = {state.urn for state in run.state.replaced}
    if gone:
        run.state.end(None, drop_replaced=gone)


def delete_orphans(run: Run, seen: Iterable[str]) -> None:
    """Delete the objects whose creation was interrupted and that are no longer wanted."""
    present = (one for one in run.state.resources.values() if not one.pending_replacement)
    known = set(seen) | {one.urn for one in present}
    for operation in list(run.state.pending):
        state = operation.resource
        if state.urn in known:
            continue
        is_there = state.type.startswith("kubernetes:") and _is_there(run, state)
        if not is_there or _delete(run, state):
            run.state.record_settled(state.urn)


def _is_there(run: Run, state: ResourceState) -> bool:
    context = run.context(state, lambda _: None)
    live: JsonObject | None = object_name(state.inputs).find(context.cluster())
    return live is not None and is_ours(live)


def _delete(run: Run, state: ResourceState) -> bool:
    if state.external:
        run.state.end(None, drop=[state.urn])
        return True
    running = run.reporter.step(Op.DELETE, state.urn)
    try:
        if not state.custom:
            run.state.end(None, drop=[state.urn])
        elif run.cancelled.is_set():
            running.done("not begun: the run was stopped")
            return False
        else:
            delete_one(run, handler_of(state.type), state, running.progress)
    except (StepError, WrongInputError, KafkaMirrorError) as error:
        running.done(str(error))
        if isinstance(error, StateError):
            # What cannot be recorded is not begun, here and in every other step.
            run.cancelled.set()
        run.ending.note_failed_step(f"{label(state.urn)}: {error}", error)
        return False
    running.done()
    return True


def _everything_needed(state: ResourceState, resources: Sequence[ResourceState]) -> set[str]:
    by_urn = {other.urn: other for other in resources}
    found: set[str] = set()
    todo = [state.urn]
    while todo:
        for urn in by_urn[todo.pop()].prerequisites() & by_urn.keys() - found:
            found.add(urn)
            todo.append(urn)
    return found
