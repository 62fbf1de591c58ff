"""One operation on one stack: what its phases share, and the phases themselves."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from engine.cancellation import Cancellation
from engine.cluster import Clusters
from engine.deleting import (
    delete_all,
    delete_orphans,
    delete_replaced,
    preview_deletes,
    refuse_protected,
)
from engine.encryption import PassphraseCrypter, read_passphrase
from engine.events import Event, Listener, Phase
from engine.monitor import served
from engine.options import Options
from engine.outcome import Outcome
from engine.policy import PolicyPack, StackIdentity
from engine.program import run_program
from engine.project import Project
from engine.redaction import Redactor
from engine.references import StackReferences
from engine.refreshing import refresh_all
from engine.reporting import Reporter
from engine.run import Run
from engine.stack_state import StackState
from engine.state import StateFile
from engine.verdict import goes_on, outcome_of, raise_for
from kafka_mirror.errors import ConfigurationError, Problem


class Session:
    """What the phases of one operation share."""

    def __init__(
        self,
        project: Project,
        stack: str,
        options: Options,
        *,
        listener: Listener,
        cleanup: ExitStack,
    ) -> None:
        """Read the configuration and find the passphrase.

        Raises:
            UsageError: If one of them cannot be used.
        """
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
        self._configuration = project.configuration(stack)
        passphrase = read_passphrase(self._environment, stack=stack)
        self._redactor.learn_texts([passphrase])
        self._crypter, self._reader = self._crypters(passphrase)
        self._clusters = Clusters(options.connect, self._environment)
        self._identity: StackIdentity | None = None
        self._packs: list[PolicyPack] | None = None

    # The phases.

    def preview(self) -> Outcome:
        """Run the program without changing anything."""
        run = self._new_run(Phase.PREVIEW, self.load(), is_preview=True)
        self._run_program(run)
        stale = run.stale() if not run.ending and not run.ending.program else ()
        if not run.ending and not run.ending.program and not self._cancelled.is_set():
            run.judge_stack()
            preview_deletes(run, stale)
        outcome = self._finished(run)
        refuse_protected(stale)
        return outcome

    def update(self) -> Outcome:
        """Run the program and deploy what it registers, then delete what it no longer does."""
        with self._recorded() as state:
            run = self._new_run(Phase.UPDATE, state, is_preview=False)
            self._run_program(run)
            if goes_on(run):
                run.judge_stack()
            if goes_on(run):
                delete_all(run, run.stale())
                delete_orphans(run, run.seen)
            if goes_on(run):
                delete_replaced(run)
                run.record_root()
        return self._finished(run)

    def refresh(self) -> Outcome:
        """Read every live object."""
        with self._recorded() as state:
            run = self._new_run(Phase.REFRESH, state, is_preview=False)
            refresh_all(run)
        return self._finished(run)

    def destroy(self) -> Outcome:
        """Delete every resource."""
        refuse_protected(self.load().resources.values())
        with self._recorded() as state:
            run = self._new_run(Phase.DESTROY, state, is_preview=False)
            delete_orphans(run, ())
            delete_all(run, list(state.resources.values()))
            if goes_on(run):
                delete_replaced(run)
        return self._finished(run)

    # What they share.

    def load(self) -> StackState:
        """Read the state."""
        self._reader.verify()
        state = StackState(self.file.load(self._reader))
        state.recover()
        for resource in state.resources.values():
            self._redactor.learn([resource.inputs, resource.outputs])
        return state

    @contextmanager
    def _recorded(self) -> Iterator[StackState]:
        """Give the state with a journal under it; however it ends, the checkpoint is whole again."""
        loaded = self.load()
        is_readable = self._reader is self._crypter
        if loaded.is_changed or not self.file.exists or not is_readable:
            self.file.write(loaded.snapshot(), self._crypter)
            self._reader = self._crypter
        journal = self.file.open_journal()
        state = StackState(loaded.snapshot(), journal=journal, crypter=self._crypter)
        try:
            yield state
        finally:
            journal.close()
            if state.is_changed:
                self.file.write(state.snapshot(), self._crypter)
            else:
                self.file.drop_journal()

    def _crypters(self, passphrase: str) -> tuple[PassphraseCrypter, PassphraseCrypter]:
        """Return what the configuration and new state are, and what the old state is encrypted with."""
        configured, stored = self._configuration.encryption_salt, self.file.read_salt()
        if self._configuration.has_secrets and not configured:
            message = f"Pulumi.{self._stack}.yaml has secure values and no encryptionsalt to read them with."
            raise ConfigurationError([Problem("encryptionsalt", message)])
        salt = configured or stored
        if not salt:
            made = PassphraseCrypter.create(passphrase, stack=self._stack)
            return made, made
        crypter = PassphraseCrypter(passphrase, salt, stack=self._stack)
        if stored in {"", salt}:
            return crypter, crypter
        return crypter, PassphraseCrypter(passphrase, stored, stack=self._stack)

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
                # Ctrl-C: whoever waits for an object stops waiting, and what it had begun is recorded.
                self._cancelled.set()
                raise

    def _finished(self, run: Run) -> Outcome:
        self._told |= {*run.reporter.diagnostics, *run.reporter.violations}
        outcome = outcome_of(run, timedelta(seconds=time.monotonic() - self._started))
        raise_for(run, outcome)
        return outcome
