"""What a run tells while it goes on, for whoever draws it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from engine.diff import PropertyChange


class Op(StrEnum):
    """What is done to a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    READ = "read"
    SAME = "same"

    @property
    def past(self) -> str:
        """How it is called once it is done."""
        return {Op.READ: "read", Op.SAME: "unchanged"}.get(self, f"{self.removesuffix('e')}ed")


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
    """One resource and what is done to it; secrets are hidden in all of it.

    Attributes:
        op: What is done.
        urn: Of the resource.
        type: Its Pulumi type.
        name: Its Pulumi name.
        changes: The properties that differ.
        reason: Why it is done, where the changes do not say it.
        before: Its inputs when it was last deployed; empty for what is new, and for components.
        after: Its inputs as they are declared now; empty for what is deleted, and for components.
    """

    op: Op
    urn: str
    type: str
    name: str
    changes: tuple[PropertyChange, ...] = ()
    reason: str = ""
    before: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    after: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def kind(self) -> str:
        """The last part of its type, such as ``KafkaTopic``."""
        return self.type.rsplit(":", 1)[-1]


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
