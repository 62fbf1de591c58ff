"""The operations on a stack: preview, up, refresh, destroy and reading its outputs.

``up`` runs the program twice: first as a preview with the policy packs on it, which ends the run if anything is refused
or a mandatory policy is violated, so that no such mistake is found with half of the stack applied; then for real.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from engine.encryption import BlindCrypter
from engine.events import Listener, ignore
from engine.options import Options
from engine.outcome import Outcome
from engine.project import Project
from engine.properties import plain, shown
from engine.references import root_outputs
from engine.session import Session
from engine.state import StateFile
from kafka_mirror.errors import UsageError


def preview(
    project: Project, stack: str, *, options: Options | None = None, on_event: Listener = ignore
) -> Outcome:
    """Tell what `up` would do. Nothing is written, and no cluster is asked unless the options say refresh.

    Raises:
        PolicyError: If a mandatory policy is violated.
        UsageError: If the program, its configuration or the state cannot be used.
        UnreachableError: If a cluster that is asked does not answer.
    """
    options = options or Options()
    with _session(project, stack, options, on_event) as session:
        if options.refresh and session.file.exists:
            return session.preview_refreshed()
        return session.preview()


def up(
    project: Project, stack: str, *, options: Options | None = None, on_event: Listener = ignore
) -> Outcome:
    """Make the stack what the program says.

    Raises:
        PolicyError: If a mandatory policy is violated.
        DeploymentError: If a step failed; what was done before it is recorded.
        UsageError: If the program, its configuration or the state cannot be used; nothing was changed.
        UnreachableError: If a cluster does not answer.
    """
    options = options or Options()
    with _session(project, stack, options, on_event) as session, session.file.lock("up"):
        if options.refresh and session.file.exists:
            session.refresh()
        session.preview()
        return session.update()


def refresh(
    project: Project, stack: str, *, options: Options | None = None, on_event: Listener = ignore
) -> Outcome:
    """Read the live objects into the state.

    Raises:
        UsageError: If the stack was never deployed or its state cannot be used.
        UnreachableError: If a cluster does not answer.
    """
    with _session(project, stack, options or Options(), on_event) as session:
        _require_deployed(session.file)
        with session.file.lock("refresh"):
            return session.refresh()


def destroy(
    project: Project, stack: str, *, options: Options | None = None, on_event: Listener = ignore
) -> Outcome:
    """Delete everything the stack has made, in reverse order.

    Raises:
        UsageError: If a resource is protected, or the state cannot be used; nothing was changed.
        DeploymentError: If something could not be deleted; what is gone is recorded.
        UnreachableError: If a cluster does not answer.
    """
    with _session(project, stack, options or Options(), on_event) as session:
        _require_deployed(session.file)
        with session.file.lock("destroy"):
            return session.destroy()


def outputs(
    project: Project,
    stack: str,
    *,
    options: Options | None = None,
    show_secrets: bool = False,
) -> Mapping[str, Any]:
    """Return the outputs of a stack as it was last deployed; secrets as ``[secret]`` unless asked for.

    Without secrets no passphrase is needed.

    Raises:
        UsageError: If the stack was never deployed or its state cannot be used.
        PassphraseError: If secrets are asked for and there is no passphrase, or not the right one.
    """
    options = options or Options()
    if not show_secrets:
        file = project.state_directory(options.state_directory).stack(project.name, stack)
        _require_deployed(file)
        values = root_outputs(file.load(BlindCrypter()).resources)
        return dict(sorted(shown(values).items()))
    with _session(project, stack, options, ignore) as session:
        _require_deployed(session.file)
        values = root_outputs(session.load().snapshot().resources)
        return dict(sorted(plain(values).items()))


def _require_deployed(file: StateFile) -> None:
    if not file.exists:
        raise UsageError(
            f"stack '{file.stack}' was never deployed: run `kafka-mirror stack up {file.stack}` first"
        )


@contextmanager
def _session(
    project: Project, stack: str, options: Options, listener: Listener
) -> Iterator[Session]:
    with ExitStack() as cleanup:
        yield Session(project, stack, options, listener=listener, cleanup=cleanup)
