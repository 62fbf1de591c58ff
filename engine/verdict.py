"""What a run came to: its outcome, or the error that ended it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from engine.errors import DeploymentError, PolicyError, ProgramBugError, ProgramError, UnservedError
from engine.events import Phase
from engine.outcome import Outcome
from engine.properties import shown
from engine.run import Run
from engine.urns import label
from kafka_mirror.errors import KafkaMirrorError, UnreachableError

STOPPED = (
    "The run was stopped; what was done before is recorded, and the next run goes on from there."
)

_WHEN_IT_ANSWERS: Final = (
    "What was done before is recorded: run the same command again when it answers."
)


def goes_on(run: Run) -> bool:
    """Tell whether nothing has ended the run so far."""
    ending = run.ending
    return not (ending or ending.program or run.reporter.mandatory or ending.cancelled.is_set())


def outcome_of(run: Run, elapsed: timedelta) -> Outcome:
    """Return what a run did, or would do."""
    reporter = run.reporter
    return Outcome(
        phase=reporter.phase,
        stack=run.identity.stack,
        steps=run.ordered_steps(),
        outputs=dict(sorted(shown(run.outputs).items())),
        diagnostics=tuple(reporter.diagnostics),
        violations=tuple(
            sorted(reporter.violations, key=lambda item: (not item.is_mandatory, item))
        ),
        elapsed=elapsed,
    )


def raise_for(run: Run, outcome: Outcome) -> None:
    """Raise the error that ended the run, if any did.

    Raises:
        UnservedError: If the program asks for what is not served, or declares what cannot be deployed.
        DeploymentError: If steps failed, or the run was stopped from outside.
        PolicyError: If nothing else failed and a mandatory policy is violated.
        ProgramError: If the program stopped with a message.
        ProgramBugError: If the program ended with a traceback.
        KafkaMirrorError: What a cluster, the state or another stack gave as reason.
    """
    ending, mask = run.ending, run.reporter.redactor.masked
    mandatory = run.reporter.mandatory
    if ending.bugs:
        raise ending.bugs[0]
    if ending.inputs:
        raise UnservedError([mask(message) for message in dict.fromkeys(ending.inputs)])
    if ending.steps:
        raise DeploymentError("\n".join(map(mask, ending.steps)), outcome)
    if ending.errors:
        raise _advised(ending.errors[0], run.reporter.phase)
    if mandatory:
        lines = (f"{item.policy}: {label(item.urn)}: {item.message}" for item in mandatory)
        raise PolicyError("\n".join(lines), outcome)
    if ending.cancelled.is_wanted_outside:
        raise DeploymentError(STOPPED, outcome)
    if ending.program:
        message = mask("\n".join(ending.program))
        raise (ProgramBugError if ending.is_program_broken else ProgramError)(message)


def _advised(error: KafkaMirrorError, phase: Phase) -> KafkaMirrorError:
    """Say what it means for the stack that a server is away."""
    if phase is Phase.PREVIEW or not isinstance(error, UnreachableError):
        return error
    return UnreachableError(error.what, error.endpoint, f"{error.reason}. {_WHEN_IT_ANSWERS}")
