"""Reading the live objects of a stack into its state."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from engine.checkpoint import ResourceState, touched
from engine.diff import changes_between
from engine.events import Op
from engine.handlers import StepError
from engine.kubernetes_objects import KubernetesHandler, drifted_inputs
from engine.run import Run
from engine.urns import label
from kafka_mirror.errors import KafkaMirrorError

_PARALLEL: Final = 32


def refresh_all(run: Run) -> None:
    """Compare every object with its state. What differs is recorded; what is gone is forgotten."""
    objects = [
        state
        for state in run.state.snapshot().resources
        if state.type.startswith("kubernetes:") and not state.delete
    ]
    with ThreadPoolExecutor(max_workers=_PARALLEL, thread_name_prefix="refresh") as pool:
        list(pool.map(lambda state: _refresh(run, state), objects))


def _refresh(run: Run, state: ResourceState) -> None:
    try:
        made = KubernetesHandler().read(state, run.context(state, lambda _: None))
    except (StepError, KafkaMirrorError) as error:
        run.ending.note_failed_step(f"{label(state.urn)}: {error}", error)
        return
    if made is None:
        running = run.reporter.step(Op.DELETE, state.urn, reason="it is gone from its cluster")
        run.state.end(None, drop=[state.urn])
        running.done()
        return
    inputs = state.inputs if state.external else drifted_inputs(state.inputs, made.outputs)
    changes = changes_between(state.inputs, inputs)
    fresh = replace(state, inputs=inputs, outputs=made.outputs)
    running = run.reporter.step(Op.UPDATE if changes else Op.SAME, state.urn, changes=changes)
    if fresh != state:
        run.state.end(None, put=[touched(fresh, now=datetime.now(UTC))])
    running.done()
