"""Deploys stacks of the project into a lab: the same program, the lab's clusters."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import engine
from engine.events import Event
from engine.interchange import Operations
from lab.directory import LabDirectory
from lab.environment import PASSPHRASE_VARIABLE, environment
from lab.steps import Step, Work

_PACK: Final = "policies"
_UNCHANGED: Final = frozenset({engine.Op.SAME, engine.Op.READ})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What a deployment did.

    Attributes:
        changes: Resources per operation.
        outputs: Of the stack, secrets included.
        elapsed: How long it took.
    """

    stack: str
    changes: Mapping[engine.Op, int]
    outputs: Mapping[str, Any]
    elapsed: timedelta


def deploy(
    lab: LabDirectory, project: Path, stack: str, *, by: Operations = engine
) -> Generator[Step, None, Deployment]:
    """Deploy a stack, with the policy pack, and return its outputs.

    Args:
        lab: Where to.
        project: The folder of Pulumi.yaml.
        stack: Which of its stacks.
        by: What runs the program.

    Raises:
        KafkaMirrorError: Whatever the engine refuses or fails with.
    """
    loaded, options = engine.Project.load(project), engine_options(lab)
    work = Work(f"Stack {stack}")
    yield work.started()
    events: queue.Queue[Event | engine.Outcome | BaseException] = queue.Queue()
    thread = threading.Thread(target=_run, args=(by, loaded, stack, options, events), daemon=True)
    thread.start()
    try:
        outcome = yield from _told(events, work)
    finally:
        # Whoever stops listening, because of Ctrl-C for example, wants the deployment to end too.
        options.cancelled.set()
        thread.join()
    yield work.done(_counted(outcome.changes))
    return Deployment(
        stack=stack,
        changes=outcome.changes,
        outputs=by.outputs(loaded, stack, options=engine_options(lab), show_secrets=True),
        elapsed=outcome.elapsed,
    )


def _told(
    events: queue.Queue[Event | engine.Outcome | BaseException], work: Work
) -> Generator[Step, None, engine.Outcome]:
    while True:
        event = events.get()
        if isinstance(event, BaseException):
            raise event
        if isinstance(event, engine.Outcome):
            return event
        said = _said(event)
        if said:
            yield work.progress(said)


def engine_options(lab: LabDirectory) -> engine.Options:
    """Return the options that lead the engine into a lab, with the policy pack of this checkout."""
    pack = Path(__file__).resolve().parents[1] / _PACK
    # A passphrase in the caller's environment is for other stacks, and would come before the lab's file.
    passphrase = (
        {PASSPHRASE_VARIABLE: lab.passphrase.read_text()} if lab.passphrase.exists() else {}
    )
    return engine.Options(
        state_directory=lab.state,
        policy_packs=(pack,),
        environment={**environment(lab), **passphrase},
    )


def _run(
    by: Operations,
    project: engine.Project,
    stack: str,
    options: engine.Options,
    events: queue.Queue[Event | engine.Outcome | BaseException],
) -> None:
    try:
        events.put(by.up(project, stack, options=options, on_event=events.put))
    except BaseException as error:  # noqa: BLE001 - raised in the thread that asked
        events.put(error)


def _said(event: Event) -> str:
    match event:
        case engine.StepStarted(phase=engine.Phase.UPDATE, step=step):
            return f"{step.op} {step.kind} {step.name}"
        case engine.StepProgress(step=step, message=message):
            return f"{step.kind} {step.name}: {message}"
        case _:
            return ""


def _counted(changes: Mapping[engine.Op, int]) -> str:
    unchanged = sum(count for op, count in changes.items() if op in _UNCHANGED)
    changed = Counter({op: count for op, count in changes.items() if op not in _UNCHANGED})
    said = [f"{count} {op.past}" for op, count in sorted(changed.items())]
    return ", ".join([*said, f"{unchanged} unchanged"] if unchanged or not said else said)
