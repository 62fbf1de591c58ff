"""What can end a run of the engine, on top of the error tree of the project.

KafkaMirrorError                       exit code
  UsageError
    ProgramError                       2   the program stopped with a message for its user (pulumi.RunError)
    UnservedError                      2   the program uses what this engine does not serve; each by name
    PassphraseError                    2   no passphrase, or not the right one
    StateError                         2   the state cannot be used as found
    LockedError                        2   another run holds the stack
    PolicyPackError                    2   a policy pack cannot be used, or does not answer
  RefusedError
    DeploymentError                    1   a step failed; holds the outcome so far
      PolicyError                      1   a mandatory policy is violated; nothing after it was applied
  ProgramBugError                     70   the program ended with a traceback
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from kafka_mirror.errors import KafkaMirrorError, RefusedError, UsageError

if TYPE_CHECKING:
    from engine.outcome import Outcome


class ProgramError(UsageError):
    """The program stopped with a message for its user."""


class ProgramBugError(KafkaMirrorError):
    """The program ended with a traceback, which is the message."""

    exit_code: ClassVar[int] = 70


class UnservedError(UsageError):
    """The program uses features this engine does not serve."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class PassphraseError(UsageError):
    """There is no passphrase, or it is not the one the secrets were encrypted with."""


class StateError(UsageError):
    """The state of a stack cannot be read or used."""


class LockedError(UsageError):
    """Another run holds the stack."""


class PolicyPackError(UsageError):
    """A policy pack cannot be used, or does not answer."""


class DeploymentError(RefusedError):
    """A step failed; ``outcome`` tells what was done before it."""

    def __init__(self, message: str, outcome: Outcome) -> None:
        super().__init__(message)
        self.outcome = outcome


class PolicyError(DeploymentError):
    """At least one mandatory policy is violated; ``outcome.violations`` lists all of them."""
