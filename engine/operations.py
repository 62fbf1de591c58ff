"""The operations on a stack: preview, up, refresh, destroy and reading its outputs.

``up`` runs the program twice: first as a preview with the policy packs on it, which ends the run if anything is refused
or a mandatory policy is violated, so that no such mistake is found with half of the stack applied; then for real.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from engine.cancellation import Cancellation
from engine.cluster import Clusters, Connect, connect
from engine.configuration import StackConfiguration
from engine.deleting import (
    delete_all,
    delete_orphans,
    delete_replaced,
    preview_deletes,
    refuse_protected,
)
from engine.encryption import BlindCrypter, PassphraseCrypter, read_passphrase
from engine.errors import DeploymentError, PolicyError, ProgramBugError, ProgramError, UnservedError
from engine.events import Event, Listener, Phase, ignore
from engine.monitor import served
from engine.outcome import Outcome
from engine.policy import PolicyPack, PolicySettings, StackIdentity
from engine.program import run_program
from engine.project import Project
from engine.properties import plain, shown
from engine.redaction import Redactor
from engine.references import StackReferences, root_outputs
from engine.refreshing import refresh_all
from engine.reporting import Reporter
from engine.run import Run
from engine.state import StackState, StateFile
from engine.urns import label
from kafka_mirror.errors import ConfigurationError, Problem, UsageError

_STOPPED = (
    "The run was stopped; what was done before is recorded, and the next run goes on from there."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How an operation is run.

    Attributes:
        state_directory: Where state is kept; KAFKA_MIRROR_STATE, then ``.kafka-mirror/state`` by default.
        policy_packs: Directories of the packs to run.
        policy_settings: Per policy an enforcement level, or a mapping with it and the policy's own properties.
        environment: What is added to the environment of program, packs and kubeconfig look-up.
        refresh: Read the live objects before anything is compared (``up`` only).
        connect: How clusters are reached.
        cancelled: Set it from another thread to end the operation as an interruption would.
    """

    state_directory: Path | None = None
    policy_packs: tuple[Path, ...] = ()
    policy_settings: PolicySettings = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    refresh: bool = False
    connect: Connect = connect
    cancelled: threading.Event = field(default_factory=threading.Event)


def preview(
    project: Project, stack: str, *, options: Options | None = None, on_event: Listener = ignore
) -> Outcome:
    """Tell what `up` would do. Nothing is written and no cluster is asked.

    Raises:
        PolicyError: If a mandatory policy is violated.
        UsageError: If the program, its configuration or the state cannot be used.
    """
    with _session(project, stack, options or Options(), on_event) as session:
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
    with _session(project, stack, options, on_event) as session, session.file.lock():
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
        session.require_deployed()
        with session.file.lock():
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
        session.require_deployed()
        with session.file.lock():
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
        session.require_deployed()
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
) -> Iterator[_Session]:
    with ExitStack() as cleanup:
        yield _Session(project, stack, options, listener, cleanup)


class _Session:
    """What the phases of one operation share."""

    def __init__(
        self,
        project: Project,
        stack: str,
        options: Options,
        listener: Listener,
        cleanup: ExitStack,
    ) -> None:
        self._project = project
        self._stack = stack
        self._options = options
        self._listener = listener
        self._cleanup = cleanup
        self._environment = {**os.environ, **options.environment}
        self._redactor = Redactor()
        self._cancelled = Cancellation(options.cancelled)
        self._started = time.monotonic()
        self._told: frozenset[Event] = frozenset()
        self._states = project.state_directory(options.state_directory)
        self.file: StateFile = self._states.stack(project.name, stack)
        self._configuration = self._read_configuration()
        passphrase = read_passphrase(self._environment, stack=stack)
        self._redactor.learn_texts([passphrase])
        self._crypter = self._make_crypter(passphrase)
        self._clusters = Clusters(options.connect, self._environment)
        self._identity: StackIdentity | None = None
        self._packs: list[PolicyPack] | None = None

    # Set-up.

    def require_deployed(self) -> None:
        """Refuse a stack that has no state."""
        _require_deployed(self.file)

    def load(self) -> StackState:
        """Read the state."""
        self._crypter.verify()
        state = StackState(self.file.load(self._crypter))
        state.recover()
        return state

    def _read_configuration(self) -> StackConfiguration:
        return self._project.configuration(self._stack)

    def _make_crypter(self, passphrase: str) -> PassphraseCrypter:
        salt = self._configuration.encryption_salt or self.file.read_salt()
        if salt:
            return PassphraseCrypter(passphrase, salt, stack=self._stack)
        if self._configuration.has_secrets:
            raise ConfigurationError(
                [
                    Problem(
                        "encryptionsalt",
                        f"Pulumi.{self._stack}.yaml has secure values and no encryptionsalt to read them with.",
                    )
                ]
            )
        return PassphraseCrypter.create(passphrase, stack=self._stack)

    def _identified(self) -> StackIdentity:
        if self._identity is None:
            configuration = self._configuration.opened(self._crypter)
            self._redactor.learn_texts(
                configuration.values[key] for key in configuration.secret_keys
            )
            self._identity = StackIdentity(
                project=self._project.name, stack=self._stack, configuration=configuration
            )
        return self._identity

    def _started_packs(self, *, is_preview: bool) -> list[PolicyPack]:
        if self._packs is None:
            self._packs = []
            for directory in self._options.policy_packs:
                pack = PolicyPack(
                    directory,
                    environment=self._environment,
                    settings=self._options.policy_settings,
                )
                self._cleanup.callback(pack.stop)
                self._packs.append(pack)
        for pack in self._packs:
            pack.set_stack(self._identified(), is_preview=is_preview)
        return self._packs

    def _new_run(self, phase: Phase, state: StackState, *, is_preview: bool) -> Run:
        needs_packs = phase in {Phase.PREVIEW, Phase.UPDATE}
        return Run(
            self._identified(),
            state,
            is_preview=is_preview,
            clusters=self._clusters,
            references=StackReferences(self._states, self._environment, project=self._project.name),
            packs=self._started_packs(is_preview=is_preview) if needs_packs else [],
            reporter=Reporter(
                phase, self._stack, self._listener, redactor=self._redactor, told=self._told
            ),
            cancelled=self._cancelled,
        )

    # Phases.

    def preview(self) -> Outcome:
        """Run the program without changing anything."""
        state = self.load()
        run = self._new_run(Phase.PREVIEW, state, is_preview=True)
        self._run_program(run)
        if not run.problems and not run.problems.program and not self._cancelled.is_set():
            run.judge_stack()
            stale = run.stale()
            preview_deletes(run, stale)
            outcome = self._outcome(run)
            self._raise_violations(run, outcome)
            refuse_protected(stale)
            return outcome
        outcome = self._outcome(run)
        self._raise_problems(run, outcome)
        return outcome

    def update(self) -> Outcome:
        """Run the program and deploy what it registers, then delete what it no longer does."""
        with self._recorded() as state:
            run = self._new_run(Phase.UPDATE, state, is_preview=False)
            self._run_program(run)
            if self._goes_on(run):
                run.judge_stack()
            if self._goes_on(run):
                delete_all(run, run.stale())
                delete_orphans(run, run.seen)
                if self._goes_on(run):
                    delete_replaced(run)
                    run.record_root()
        outcome = self._outcome(run)
        self._raise_violations(run, outcome)
        self._raise_problems(run, outcome)
        return outcome

    def refresh(self) -> Outcome:
        """Read every live object."""
        with self._recorded() as state:
            run = self._new_run(Phase.REFRESH, state, is_preview=False)
            refresh_all(run)
        outcome = self._outcome(run)
        self._raise_problems(run, outcome)
        return outcome

    def destroy(self) -> Outcome:
        """Delete every resource."""
        refuse_protected(self.load().resources.values())
        with self._recorded() as state:
            run = self._new_run(Phase.DESTROY, state, is_preview=False)
            delete_orphans(run, ())
            delete_all(run, list(state.resources.values()))
            if self._goes_on(run):
                delete_replaced(run)
        outcome = self._outcome(run)
        self._raise_problems(run, outcome)
        return outcome

    def _goes_on(self, run: Run) -> bool:
        """Tell whether nothing has ended the run so far."""
        problems = run.problems
        ended = problems or problems.program or run.reporter.mandatory or self._cancelled.is_set()
        return not ended

    @contextmanager
    def _recorded(self) -> Iterator[StackState]:
        """Give the state with a journal under it; however it ends, the checkpoint is whole again."""
        loaded = self.load()
        if loaded.is_changed or not self.file.exists:
            self.file.write(loaded.snapshot(), self._crypter)
        journal = self.file.open_journal()
        state = StackState(loaded.snapshot(), journal=journal, crypter=self._crypter)
        try:
            yield state
        except BaseException:
            self._cancelled.set()
            raise
        finally:
            journal.close()
            if state.is_changed:
                self.file.write(state.snapshot(), self._crypter)
            else:
                self.file.drop_journal()

    def _run_program(self, run: Run) -> None:
        with served(run) as address:
            try:
                run_program(
                    self._project,
                    run,
                    address=address,
                    environment=self._environment,
                    cleanup=self._cleanup,
                )
            except BaseException:
                run.cancelled.set()
                raise

    # Results.

    def _outcome(self, run: Run) -> Outcome:
        self._told |= {*run.reporter.diagnostics, *run.reporter.violations}
        return Outcome(
            phase=run.reporter.phase,
            stack=self._stack,
            steps=run.ordered_steps(),
            outputs=dict(sorted(shown(run.outputs).items())),
            diagnostics=tuple(run.reporter.diagnostics),
            violations=tuple(
                sorted(run.reporter.violations, key=lambda item: (not item.is_mandatory, item))
            ),
            elapsed=timedelta(seconds=time.monotonic() - self._started),
        )

    def _raise_violations(self, run: Run, outcome: Outcome) -> None:
        found = run.reporter.mandatory
        if found and not run.problems:
            raise PolicyError(
                "\n".join(f"{item.policy}: {label(item.urn)}: {item.message}" for item in found),
                outcome,
            )

    def _raise_problems(self, run: Run, outcome: Outcome) -> None:
        problems, mask = run.problems, self._redactor.masked
        if self._cancelled.is_wanted_outside and not problems:
            raise DeploymentError(_STOPPED, outcome)
        if problems.bugs:
            raise problems.bugs[0]
        if problems.inputs:
            raise UnservedError([mask(message) for message in dict.fromkeys(problems.inputs)])
        if problems.steps:
            raise DeploymentError("\n".join(map(mask, problems.steps)), outcome)
        if problems.errors:
            raise problems.errors[0]
        if problems.program:
            message = mask("\n".join(problems.program))
            raise (ProgramBugError if run.is_program_broken else ProgramError)(message)
