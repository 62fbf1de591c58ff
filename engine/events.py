"""What a run tells while it goes on, for whoever draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from engine.diff import PropertyChange


class Op(StrEnum):
    """What is done to a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    READ = "read"
    SAME = "same"


class Phase(StrEnum):
    """The parts of a run."""

    PREVIEW = "preview"
    UPDATE = "update"
    DESTROY = "destroy"
    REFRESH = "refresh"


class Severity(StrEnum):
    """How much a diagnostic matters."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One resource and what is done to it; secrets in the changes are hidden."""

    op: Op
    urn: str
    type: str
    name: str
    changes: tuple[PropertyChange, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """A part of the run begins."""

    phase: Phase
    stack: str


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step that changes something begins. Resources that stay as they are have no such event."""

    phase: Phase
    step: Step


@dataclass(frozen=True, slots=True)
class StepProgress:
    """What a step is waiting for now."""

    step: Step
    message: str


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step ended; ``error`` is empty if it went well."""

    phase: Phase
    step: Step
    elapsed: timedelta
    error: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something the program, a pack or the engine has to say."""

    severity: Severity
    message: str
    urn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PolicyViolation:
    """One violation found by a policy pack."""

    policy: str
    urn: str
    message: str
    is_mandatory: bool
    pack: str
    description: str = ""
    severity: str = ""


Event = PhaseStarted | StepStarted | StepProgress | StepDone | Diagnostic | PolicyViolation
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Listen to nothing."""
    del event
