"""One operation on one stack: what its phases share, and the phases themselves."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from engine.cancellation import Cancellation
from engine.cluster import Clusters
from engine.deleting import (
    delete_all,
    delete_orphans,
    delete_replaced,
    preview_deletes,
    refuse_protected,
)
from engine.diff import changes_between
from engine.encryption import PassphraseCrypter, read_passphrase
from engine.events import Event, Listener, Phase
from engine.monitor import served
from engine.options import Options
from engine.outcome import Outcome
from engine.policy import PolicyPack, StackIdentity
from engine.program import run_program
from engine.project import Project
from engine.redaction import Redactor
from engine.references import StackReferences, root_outputs
from engine.refreshing import refresh_all
from engine.reporting import Reporter
from engine.run import Run
from engine.stack_state import StackState
from engine.state import StateFile
from engine.state_failures import recorded_until_then
from engine.verdict import goes_on, outcome_of, raise_for
from kafka_mirror.errors import ConfigurationError, Problem


class _Crypters(NamedTuple):
    """What the configuration and new state are encrypted with, and what the old state is."""

    writer: PassphraseCrypter
    reader: PassphraseCrypter


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
        self._passphrase = read_passphrase(self._environment, stack=stack)
        self._redactor.learn_texts([self._passphrase])
        self._opened: _Crypters | None = None
        self._clusters = Clusters(
            options.connect, self._environment, overrules=options.force_conflicts
        )
        self._identity: StackIdentity | None = None
        self._packs: list[PolicyPack] | None = None

    # The phases.

    def preview(self) -> Outcome:
        """Run the program without changing anything."""
        return self._previewed(self.load())

    def preview_refreshed(self) -> Outcome:
        """Run the program against what the clusters have now; that is read, and not recorded."""
        state = self.load()
        self._read_live(state)
        return self._previewed(state)

    def _previewed(self, state: StackState) -> Outcome:
        run = self._new_run(Phase.PREVIEW, state, is_preview=True)
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
            before = root_outputs(state.snapshot().resources)
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
        outcome = self._finished(run)
        changes = changes_between(before, run.outputs) if before else ()
        return replace(outcome, changed_outputs=changes)

    def refresh(self) -> Outcome:
        """Read every live object."""
        with self._recorded() as state:
            return self._read_live(state)

    def _read_live(self, state: StackState) -> Outcome:
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
        reader = self._crypters.reader
        reader.verify()
        state = StackState(self.file.load(reader))
        state.recover()
        for resource in state.resources.values():
            self._redactor.learn([resource.inputs, resource.outputs])
        return state

    @contextmanager
    def _recorded(self) -> Iterator[StackState]:
        """Give the state with a journal under it; however it ends, the checkpoint is whole again."""
        loaded = self.load()
        writer = self._crypters.writer
        # A journal that was left behind is started anew: what it told has to be in the checkpoint first.
        is_whole = self.file.exists and not self.file.has_journal
        if loaded.is_changed or not is_whole or self._crypters.reader is not writer:
            self.file.write(loaded.snapshot(), writer)
            self._opened = _Crypters(writer, writer)
        journal = self.file.open_journal()
        state = StackState(loaded.snapshot(), journal=journal, crypter=writer)
        try:
            yield state
        finally:
            journal.close()
            if state.is_changed:
                meaning = recorded_until_then(self.file.journal_file)
                self.file.write(state.snapshot(), writer, meaning=meaning)
            else:
                self.file.drop_journal()

    @property
    def _crypters(self) -> _Crypters:
        """Read once, when first needed: whoever changes the stack holds it by then."""
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _open(self) -> _Crypters:
        configured, stored = self._configuration.encryption_salt, self.file.read_salt()
        if self._configuration.has_secrets and not configured:
            message = f"Pulumi.{self._stack}.yaml has secure values and no encryptionsalt to read them with."
            raise ConfigurationError([Problem("encryptionsalt", message)])
        salt = configured or stored
        if not salt:
            made = PassphraseCrypter.create(self._passphrase, stack=self._stack)
            return _Crypters(made, made)
        crypter = PassphraseCrypter(self._passphrase, salt, stack=self._stack)
        if stored in {"", salt}:
            return _Crypters(crypter, crypter)
        reader = PassphraseCrypter(self._passphrase, stored, stack=self._stack)
        return _Crypters(crypter, reader)

    def _identified(self) -> StackIdentity:
        if self._identity is None:
            configuration = self._configuration.opened(self._crypters.writer)
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
            finally:
                if self._cancelled.is_set():
                    # Nobody needs their answers now; one that hangs would be waited for.
                    for pack in self._packs or ():
                        pack.stop()

    def _finished(self, run: Run) -> Outcome:
        self._told |= {*run.reporter.diagnostics, *run.reporter.violations}
        outcome = outcome_of(run, timedelta(seconds=time.monotonic() - self._started))
        raise_for(run, outcome)
        return outcome
