"""What a run of the Pulumi CLI failed with, as the embedded engine would tell it."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from typing import Final

from engine.encryption import BlindCrypter
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
from engine.state import StateFile
from engine.urns import label
from kafka_mirror.errors import KafkaMirrorError, UnreachableError, UsageError

_UNKNOWN_STACK: Final = re.compile(r'unknown stack "organization/[^/"]+/([^"]+)"')
_MISSING_PROVIDER: Final = re.compile(
    r"Could not automatically download and install (\w+) plugin '(pulumi-[\w-]+)'(?: at version (v[\w.+-]+))?"
)
_MISSING_HOST: Final = re.compile(r"no language plugin '(pulumi-language-\w+)' found")
_ENDPOINT: Final = re.compile(r"https?://[^/\s\"]+")


def never_deployed(stack: str) -> UsageError:
    """Return the error for a stack that has no state."""
    return UsageError(
        f"stack '{stack}' was never deployed: run `kafka-mirror stack up {stack} --engine pulumi` first"
    )


def refuse_embedded(file: StateFile) -> None:
    """Refuse a stack that the CLI does not have and the embedded engine has deployed: it would be made twice.

    Raises:
        UsageError: If it is so.
    """
    if file.exists and file.load(BlindCrypter()).resources:
        raise UsageError(
            f"stack '{file.stack}' was deployed by the embedded engine, and the Pulumi CLI has no state of it. Leave --engine "
            f"away, or hand the state over: `pulumi stack import --file {file.file}` (docs/pulumi.md)."
        )


def missing_plugin(said: str, *, home: str) -> UsageError | None:
    """Return the error for a part of the CLI that is not there; None if none is told to be missing.

    Args:
        said: Whatever the CLI said.
        home: Where it keeps its plugins.
    """
    if found := _MISSING_HOST.search(said):
        return UsageError(
            f"--engine pulumi needs '{found[1]}' beside the command 'pulumi', or on PATH. It comes with the Pulumi CLI "
            "(https://www.pulumi.com/docs/install/)."
        )
    if found := _MISSING_PROVIDER.search(said):
        kind, plugin, version = found.groups()
        name = plugin.removeprefix(f"pulumi-{kind}-")
        return UsageError(
            f"--engine pulumi needs '{plugin}'{f' {version}' if version else ''}, which could not be downloaded. Put it on PATH, "
            f"or install it with `PULUMI_HOME={home} pulumi plugin install {kind} {name} {version or ''}".rstrip()
            + "`."
        )
    return None


def killed(outcome: Outcome, number: int) -> DeploymentError:
    """Return the error for a CLI that a signal ended."""
    name = signal.Signals(number).name
    return DeploymentError(
        f"the Pulumi CLI was ended by {name}. The next `up` finds out what became of the steps that had begun.",
        outcome,
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
