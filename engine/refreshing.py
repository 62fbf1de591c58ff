"""Reading the live objects of a stack into its state."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from engine.checkpoint import ResourceState, touched
from engine.diff import PropertyChange, changes_between, parse_path
from engine.drift import changed_by, drifted_inputs
from engine.events import Op
from engine.handlers import StepError
from engine.kubernetes_objects import find_live, made_of
from engine.properties import plain
from engine.run import Run
from engine.takeover import manager_of
from engine.urns import label
from kafka_mirror.errors import KafkaMirrorError
from kafka_mirror.kubernetes_api import JsonObject

_PARALLEL: Final = 32
# They change with every look of an operator at the object, and say nothing that another resource could use.
_PASSING: Final = frozenset({"conditions", "observedGeneration"})


def refresh_all(run: Run) -> None:
    """Compare every object with its state. What differs is recorded; what is gone is forgotten."""
    objects = [
        state
        for state in run.state.snapshot().resources
        if state.type.startswith("kubernetes:") and not state.delete
    ]
    gone = set()
    with ThreadPoolExecutor(max_workers=_PARALLEL, thread_name_prefix="refresh") as pool:
        for state, live in zip(
            objects, pool.map(lambda one: _read(run, one), objects), strict=True
        ):
            if isinstance(live, Exception):
                run.ending.note_failed_step(f"{label(state.urn)}: {live}", live)
            elif live is None:
                gone.add(state.urn)
                _forget(run, state)
            else:
                _record(run, state, live)
    if gone:
        _let_go(run, gone)


def _read(run: Run, state: ResourceState) -> JsonObject | Exception | None:
    try:
        return find_live(state, run.context(state, lambda _: None))
    except (StepError, KafkaMirrorError) as error:
        return error


def _forget(run: Run, state: ResourceState) -> None:
    running = run.reporter.step(Op.DELETE, state.urn, reason="it is gone from its cluster")
    run.state.end(None, drop=[state.urn])
    running.done()


def _record(run: Run, state: ResourceState, live: JsonObject) -> None:
    manager = manager_of(state)
    inputs = state.inputs if state.external else drifted_inputs(state.inputs, live, manager=manager)
    changes = changes_between(state.inputs, inputs)
    outputs = made_of(state, live).outputs
    fresh = replace(state, inputs=inputs, outputs=outputs)
    running = run.reporter.step(
        Op.UPDATE if changes else Op.SAME,
        state.urn,
        changes=changes,
        reason=_hands(live, changes, manager=manager) if changes else _news(state.outputs, outputs),
    )
    if fresh != state:
        run.state.end(None, put=[touched(fresh, now=datetime.now(UTC))])
    running.done()


def _hands(live: JsonObject, changes: Sequence[PropertyChange], *, manager: str) -> str:
    """Return who has set the fields that differ, as far as the API server knows."""
    paths = [parse_path(change.path) for change in changes]
    names = changed_by(live, paths, manager=manager)
    return f"changed by {', '.join(names)}" if names else ""


def _news(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Return what the operator reports otherwise than when the object was last looked at."""
    old, new = (_lasting(plain(outputs.get("status"))) for outputs in (before, after))
    paths = [change.path for change in changes_between({"status": old}, {"status": new})]
    return f"{', '.join(paths)} changed" if paths else ""


def _lasting(status: Any) -> Any:
    if not isinstance(status, dict):
        return status
    return {key: value for key, value in status.items() if key not in _PASSING}


def _let_go(run: Run, gone: Collection[str]) -> None:
    """Take the references to resources that are gone out of the others, as Pulumi does: a state must be whole."""
    for state in run.state.snapshot().resources:
        needed = tuple(urn for urn in state.dependencies if urn not in gone)
        by_property = {
            key: tuple(urn for urn in urns if urn not in gone)
            for key, urns in state.property_dependencies.items()
        }
        if (needed, by_property) != (state.dependencies, dict(state.property_dependencies)):
            fresh = replace(state, dependencies=needed, property_dependencies=by_property)
            run.state.end(None, put=[fresh])
