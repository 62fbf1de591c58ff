"""Runs a Pulumi program where the Pulumi CLI is absent: the same program, state and policy packs.

It knows Pulumi's protocols and Kubernetes. It is a stand-in, kept small: what it does not serve it refuses by name.
"""

from engine.diff import PropertyChange
from engine.errors import (
    DeploymentError,
    LockedError,
    PassphraseError,
    PolicyError,
    PolicyPackError,
    ProgramBugError,
    ProgramError,
    StateError,
    UnservedError,
)
from engine.events import (
    Diagnostic,
    Event,
    Listener,
    Op,
    Phase,
    PhaseStarted,
    PolicyViolation,
    Severity,
    Step,
    StepDone,
    StepProgress,
    StepStarted,
)
from engine.operations import destroy, outputs, preview, refresh, up
from engine.options import Options
from engine.outcome import Outcome
from engine.project import Project

__all__ = [
    "DeploymentError",
    "Diagnostic",
    "Event",
    "Listener",
    "LockedError",
    "Op",
    "Options",
    "Outcome",
    "PassphraseError",
    "Phase",
    "PhaseStarted",
    "PolicyError",
    "PolicyPackError",
    "PolicyViolation",
    "ProgramBugError",
    "ProgramError",
    "Project",
    "PropertyChange",
    "Severity",
    "StateError",
    "Step",
    "StepDone",
    "StepProgress",
    "StepStarted",
    "UnservedError",
    "destroy",
    "outputs",
    "preview",
    "refresh",
    "up",
]
