"""Every error this project raises on purpose, and the exit code each one leaves with.

KafkaMirrorError                     exit code
  ConfigurationError(problems)       2   what the user wrote: every problem at once, in file order
    DialectError                     2   a dialect cannot say a field
  UsageError                         2   the command cannot be carried out as asked; nothing changed
  RefusedError                       1   a check or the other side said no; nothing after it was applied
  UnreachableError(what, endpoint)   3   no answer, or the credential was refused

A finding of a check is data, not an exception. Anything else that escapes is a bug of ours (70).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong in what the user wrote.

    Attributes:
        path: Where, as ``pulumi config set --path`` takes it; empty for the stack as a whole.
        message: What was found, what is allowed, and the next step. Never a secret's value.
    """

    path: str
    message: str

    def __str__(self) -> str:
        """Return the one line that is shown to the user."""
        return f"{self.path}: {self.message}" if self.path else self.message


class KafkaMirrorError(Exception):
    """What went wrong, told to a user without a traceback."""

    exit_code: ClassVar[int] = 70


class ConfigurationError(KafkaMirrorError):
    """The configuration cannot be used as written; holds every problem found, in file order."""

    exit_code: ClassVar[int] = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class DialectError(ConfigurationError):
    """A dialect (operator API, properties, Connect) has no way to say a field."""


class UsageError(KafkaMirrorError):
    """The command cannot be carried out as asked, for example a stack that is locked or unknown."""

    exit_code: ClassVar[int] = 2


class RefusedError(KafkaMirrorError):
    """A policy, the API server or an operator refused; the message names the object and the reason."""

    exit_code: ClassVar[int] = 1


class UnreachableError(KafkaMirrorError):
    """No answer from a cluster, or its credential was refused."""

    exit_code: ClassVar[int] = 3

    def __init__(self, what: str, endpoint: str, reason: str) -> None:
        self.what, self.endpoint, self.reason = what, endpoint, reason
        super().__init__(f"{what} at {endpoint}: {reason}")
