"""The state of a stack on disk: a checkpoint, and a journal of what changed since.

Rewriting the whole checkpoint at every step would cost the square of the number of resources. So each begun and each
finished change is one line appended to the journal and flushed to the disk; at the end of the run the checkpoint is
written anew, atomically, and the journal goes. Whoever reads the state replays a journal that was left behind, so a
kill at any moment loses nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.checkpoint import (
    Crypter,
    Deployment,
    PendingOperation,
    deployment_from_json,
    deployment_to_json,
    pending_from_json,
    resource_from_json,
)
from engine.envelope import owners_of, parsed, salt_of
from engine.errors import StateError
from engine.journal import Journal, journal_entries
from engine.lock import locked
from engine.stack_state import StackState
from engine.state_failures import NOTHING_CHANGED, backup_of, put_back, unwritable

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StateDirectory:
    """Where the stacks of a backend are kept."""

    root: Path

    def stack(self, project: str, stack: str) -> StateFile:
        """Return where one stack is kept."""
        return StateFile(self.root / "stacks" / project / f"{stack}.json", stack)

    def stacks(self, project: str) -> tuple[str, ...]:
        """Return the names of the stacks of a project that were ever deployed."""
        return tuple(sorted(file.stem for file in (self.root / "stacks" / project).glob("*.json")))


class StateFile:
    """One stack on disk."""

    def __init__(self, file: Path, stack: str) -> None:
        self.file = file
        self.stack = stack
        self.journal_file = file.with_suffix(".journal")

    @contextmanager
    def lock(self, operation: str) -> Iterator[None]:
        """Hold the stack against other runs.

        Args:
            operation: What it is held for; told to whoever wants it meanwhile.

        Raises:
            LockedError: If another run holds it.
            StateError: If the state cannot be written.
        """
        file = self.file.with_suffix(".lock")
        with ExitStack() as held:
            try:
                _private_directory(file.parent)
                held.enter_context(locked(file, stack=self.stack, operation=operation))
            except OSError as error:
                raise unwritable(file, stack=self.stack, error=error) from error
            yield

    @property
    def exists(self) -> bool:
        """Tell whether the stack was ever deployed."""
        return self.file.exists()

    @property
    def has_journal(self) -> bool:
        """Tell whether a run has left a journal behind."""
        return self.journal_file.exists()

    def read_salt(self) -> str:
        """Return the encryption salt the state was written with; empty if there is none.

        Raises:
            StateError: If the file is not a checkpoint this engine can read.
        """
        raw = self._read()
        return salt_of(raw, where=self.file) if raw else ""

    def load(self, crypter: Crypter) -> Deployment:
        """Read the stack, an unfinished run included.

        Raises:
            StateError: If the file or its journal is damaged.
            PassphraseError: If its secrets were encrypted with another passphrase.
        """
        raw = self._read()
        if raw is None:
            return Deployment()
        try:
            deployment = deployment_from_json(raw, crypter)
            return self._replayed(deployment, crypter)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise StateError(
                f"{self.file} is damaged ({type(error).__name__}). {put_back(self.file)}"
            ) from error

    def write(
        self, deployment: Deployment, crypter: Crypter, *, meaning: str = NOTHING_CHANGED
    ) -> None:
        """Replace the checkpoint in one step and drop the journal; the one before is kept as a backup.

        Args:
            deployment: What to write.
            crypter: Encrypts its secrets.
            meaning: What it means for the stack if this fails.

        Raises:
            StateError: If it cannot be written; checkpoint and journal are then as they were.
        """
        content = deployment_to_json(deployment, crypter, time=datetime.now(UTC))
        text = (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
        try:
            _private_directory(self.file.parent)
            _write_atomically(self.file, text)
            self.journal_file.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(
                self.file, stack=self.stack, error=error, needed_bytes=len(text), meaning=meaning
            ) from error

    def drop_journal(self) -> None:
        """Drop a journal that holds nothing."""
        self.journal_file.unlink(missing_ok=True)

    def open_journal(self) -> Journal:
        """Start a new journal on the checkpoint as it is now.

        Raises:
            StateError: If it cannot be written.
        """
        return Journal(self.journal_file, stack=self.stack, base=_digest(self.file))

    def _read(self) -> JsonObject | None:
        try:
            content = self.file.read_bytes()
        except FileNotFoundError:
            # A journal alone means that the checkpoint was lost.
            list(journal_entries(self.journal_file, base=None))
            return None
        except OSError as error:
            raise StateError(
                f"{self.file} cannot be read ({error.strerror}). {NOTHING_CHANGED}"
            ) from error
        return self._own(parsed(content, where=self.file))

    def _own(self, raw: JsonObject) -> JsonObject:
        """Refuse the state of another stack: everything in it would be taken for this one's."""
        for owner in owners_of(raw):
            if owner != (self._project, self.stack):
                raise StateError(
                    f"{self.file} holds stack '{owner.stack}' of project '{owner.project}', not stack '{self.stack}' "
                    f"of project '{self._project}'. {put_back(self.file)}"
                )
        return raw

    @property
    def _project(self) -> str:
        return self.file.parent.name

    def _replayed(self, deployment: Deployment, crypter: Crypter) -> Deployment:
        memory = StackState(deployment)
        begun: dict[int, PendingOperation] = {}
        for entry in journal_entries(self.journal_file, base=_digest(self.file)):
            if "begin" in entry:
                begun[entry["operation"]] = pending_from_json(entry["begin"], crypter)
                continue
            begun.pop(entry.get("operation", -1), None)
            for urn in entry.get("settled", ()):
                memory.settle(urn)
            memory.apply(
                put=[resource_from_json(item, crypter) for item in entry.get("put", ())],
                drop=entry.get("drop", ()),
                drop_replaced=entry.get("dropReplaced", ()),
            )
        memory.pending.extend(begun.values())
        return memory.snapshot()


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _private_directory(directory: Path) -> None:
    for path in (*reversed(directory.parents), directory):
        if not path.exists():
            path.mkdir(mode=0o700, exist_ok=True)


def _keep_backup(file: Path) -> None:
    """Let the checkpoint that is about to be replaced have a second name; that takes no space."""
    if file.exists():
        backup_of(file).unlink(missing_ok=True)
        backup_of(file).hardlink_to(file)


def _write_atomically(file: Path, content: bytes) -> None:
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        _keep_backup(file)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
