"""What a run of the Pulumi CLI failed with, as the embedded engine would tell it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engine.errors import (
    DeploymentError,
    LockedError,
    PassphraseError,
    PolicyError,
    ProgramBugError,
    ProgramError,
)
from engine.events import Phase
from engine.outcome import Outcome
from engine.urns import label
from kafka_mirror.errors import KafkaMirrorError, UnreachableError, UsageError

_UNKNOWN_STACK: Final = re.compile(r'unknown stack "organization/[^/"]+/([^"]+)"')
_ENDPOINT: Final = re.compile(r"https?://[^/\s\"]+")


def never_deployed(stack: str) -> UsageError:
    """Return the error for a stack that has no state."""
    return UsageError(
        f"stack '{stack}' was never deployed: run `kafka-mirror stack up {stack} --engine pulumi` first"
    )


def failure(outcome: Outcome, errors: Sequence[str], *, said: str) -> KafkaMirrorError:
    """Return what a run failed with.

    Args:
        outcome: As far as it came.
        errors: What it told as errors.
        said: What the CLI printed on its standard error, which counts if it told nothing.
    """
    mandatory = [one for one in outcome.violations if one.is_mandatory]
    text = "\n".join(errors)
    if mandatory:
        return PolicyError(
            "\n".join(f"{one.policy}: {label(one.urn)}: {one.message}" for one in mandatory),
            outcome,
        )
    if not text:
        return refusal(said, stack=outcome.stack)
    if "Traceback (most recent call last)" in text:
        return ProgramBugError(text)
    if unknown := _UNKNOWN_STACK.search(text):
        return never_deployed(unknown[1])
    return _failed_step(outcome, errors)


def refusal(said: str, *, stack: str) -> KafkaMirrorError:
    """Return why the CLI did not even begin."""
    text = said.strip().removeprefix("error: ")
    if "passphrase" in text:
        return PassphraseError(f"stack '{stack}': {text}")
    if "is currently locked" in text:
        return LockedError(f"stack '{stack}': {text}")
    return UsageError(f"stack '{stack}': pulumi says: {text}")


def _failed_step(outcome: Outcome, errors: Sequence[str]) -> KafkaMirrorError:
    unreachable = next((error for error in errors if "unreachable" in error), None)
    if unreachable is not None:
        found = _ENDPOINT.search(unreachable)
        where = found[0] if found else "the address in its kubeconfig"
        return UnreachableError(f"a cluster of stack '{outcome.stack}'", where, unreachable)
    text = "\n".join(errors)
    return ProgramError(text) if outcome.phase is Phase.PREVIEW else DeploymentError(text, outcome)
