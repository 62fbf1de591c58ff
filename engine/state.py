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
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.checkpoint import (
    Crypter,
    Deployment,
    PendingOperation,
    ResourceState,
    deployment_from_json,
    deployment_to_json,
    in_dependency_order,
    pending_from_json,
    pending_to_json,
    resource_from_json,
    resource_to_json,
    salt_of,
)
from engine.errors import StateError
from engine.lock import locked

JsonObject = dict[str, Any]

_INTERRUPTED = "the run was interrupted"


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
        self._journal_file = file.with_suffix(".journal")

    def lock(self) -> AbstractContextManager[None]:
        """Hold the stack against other runs."""
        _private_directory(self.file.parent)
        return locked(self.file.with_suffix(".lock"), stack=self.stack)

    @property
    def exists(self) -> bool:
        """Tell whether the stack was ever deployed."""
        return self.file.exists()

    def read_salt(self) -> str:
        """Return the encryption salt the state was written with; empty if there is none.

        Raises:
            StateError: If the file is not a checkpoint this engine can read.
        """
        raw = self._read()
        return salt_of(raw, where=str(self.file)) if raw else ""

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
                f"{self.file} is damaged ({type(error).__name__}). Put back a copy of it."
            ) from error

    def write(self, deployment: Deployment, crypter: Crypter) -> None:
        """Replace the checkpoint in one step and drop the journal."""
        content = deployment_to_json(deployment, crypter, time=datetime.now(UTC))
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        try:
            _private_directory(self.file.parent)
            _write_atomically(self.file, text.encode())
            self._journal_file.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def drop_journal(self) -> None:
        """Drop a journal that holds nothing."""
        self._journal_file.unlink(missing_ok=True)

    def open_journal(self) -> Journal:
        """Start a new journal on the checkpoint as it is now."""
        try:
            return Journal(self._journal_file, base=_digest(self.file))
        except OSError as error:
            raise self._unwritable(error) from error

    def _read(self) -> JsonObject | None:
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateError(f"{self.file} cannot be read ({error.strerror}).") from error
        try:
            raw = json.loads(text)
        except ValueError:
            raw = None
        if not isinstance(raw, dict):
            raise StateError(f"{self.file} is not a Pulumi checkpoint. Put back a copy of it.")
        return raw

    def _replayed(self, deployment: Deployment, crypter: Crypter) -> Deployment:
        memory = StackState(deployment)
        begun: dict[int, PendingOperation] = {}
        for entry in _journal_entries(self._journal_file, base=_digest(self.file)):
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

    def _unwritable(self, error: OSError) -> StateError:
        return StateError(f"the state in {self.file.parent} cannot be written: {error.strerror}.")


class Journal:
    """What changed since the checkpoint was written, one JSON object per line."""

    def __init__(self, file: Path, *, base: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(file, flags, 0o600)
        self._size = 0
        self.append({"base": base}, is_durable=False)

    def append(self, entry: JsonObject, *, is_durable: bool) -> None:
        """Add an entry; a durable one is on the disk when this returns."""
        line = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            if is_durable:
                os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(line)

    def close(self) -> None:
        """Give the file back."""
        os.close(self._descriptor)


class StackState:
    """The resources of a stack during a run; thread-safe.

    With a journal every change is recorded as it is made; without one (a preview) nothing is.
    """

    def __init__(
        self,
        deployment: Deployment,
        *,
        journal: Journal | None = None,
        crypter: Crypter | None = None,
    ) -> None:
        self.resources = {state.urn: state for state in deployment.resources if not state.delete}
        self.replaced = [state for state in deployment.resources if state.delete]
        self.pending = list(deployment.pending)
        self.is_changed = False
        self._deployment = deployment
        self._journal = journal
        self._crypter = crypter
        self._lock = threading.Lock()
        self._last_operation = 0
        self._open: dict[int, PendingOperation] = {}

    def get(self, urn: str) -> ResourceState | None:
        """Return a resource."""
        with self._lock:
            return self.resources.get(urn)

    def begin(self, type_: str, resource: ResourceState) -> int:
        """Record that a change begins; returns the number to end it with."""
        with self._lock:
            self._last_operation += 1
            number = self._last_operation
            self.is_changed = True
            pending = self._open[number] = PendingOperation(type_, resource)
        self._record(
            lambda crypter: {"operation": number, "begin": pending_to_json(pending, crypter)},
            is_durable=True,
        )
        return number

    def end(
        self,
        number: int | None,
        *,
        put: Iterable[ResourceState] = (),
        drop: Iterable[str] = (),
        drop_replaced: Iterable[str] = (),
    ) -> None:
        """Record what a change has led to: states that now hold, URNs that are gone.

        Args:
            number: What `begin` returned; None for a change outside any cluster.
            put: States that now hold.
            drop: URNs of resources that are gone.
            drop_replaced: URNs of replaced predecessors that are gone.
        """
        put, drop, drop_replaced = list(put), list(drop), list(drop_replaced)
        self.apply(put=put, drop=drop, drop_replaced=drop_replaced)
        if number is not None:
            with self._lock:
                self._open.pop(number, None)

        def entry(crypter: Crypter) -> JsonObject:
            return {
                "operation": number,
                "put": [resource_to_json(state, crypter) for state in put],
                "drop": drop,
                "dropReplaced": drop_replaced,
            }

        self._record(entry, is_durable=number is not None)

    def recover(self) -> None:
        """Mark the resources that an interrupted run was changing: how far it came is not known.

        An interrupted creation stays pending, for it takes a cluster to tell what became of it.
        """
        kept = []
        for operation in self.pending:
            state = self.resources.get(operation.resource.urn)
            if operation.type == "creating" and state is None:
                kept.append(operation)
            elif state is not None:
                self.resources[state.urn] = replace(state, init_errors=(_INTERRUPTED,))
            self.is_changed = True
        self.pending = kept

    def settle(self, urn: str) -> None:
        """Forget the interrupted operations of a resource: what became of them is known."""
        with self._lock:
            self.pending = [item for item in self.pending if item.resource.urn != urn]
            self.is_changed = True

    def record_settled(self, urn: str) -> None:
        """Forget the interrupted operations of a resource, on disk too."""
        self.settle(urn)
        self._record(lambda _: {"settled": [urn]}, is_durable=True)

    def apply(
        self,
        *,
        put: Iterable[ResourceState] = (),
        drop: Iterable[str] = (),
        drop_replaced: Iterable[str] = (),
    ) -> None:
        """Change the resources in memory alone."""
        gone = set(drop_replaced)
        with self._lock:
            self.is_changed = True
            for urn in drop:
                self.resources.pop(urn, None)
            if gone:
                self.replaced = [state for state in self.replaced if state.urn not in gone]
            for state in put:
                if state.delete:
                    self.replaced.append(state)
                else:
                    self.resources[state.urn] = state

    def snapshot(self) -> Deployment:
        """Return the stack as it is now, in the order that Pulumi demands."""
        with self._lock:
            return Deployment(
                resources=in_dependency_order([*self.resources.values(), *self.replaced]),
                pending=(*self.pending, *self._open.values()),
                salt=self._deployment.salt,
                other=self._deployment.other,
            )

    def _record(self, entry: Callable[[Crypter], JsonObject], *, is_durable: bool) -> None:
        if self._journal is None or self._crypter is None:
            return
        line = entry(self._crypter)
        try:
            with self._lock:
                self._journal.append(line, is_durable=is_durable)
        except OSError as error:
            raise StateError(f"the state cannot be written: {error.strerror}.") from error


def _journal_entries(file: Path, *, base: str) -> Iterator[JsonObject]:
    """Yield the entries that belong to the checkpoint; a last line cut short never happened."""
    try:
        lines = file.read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    entries = [json.loads(line) for line in lines[:-1]]
    if entries and entries[0].get("base") == base:
        yield from entries[1:]


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _private_directory(directory: Path) -> None:
    for path in (*reversed(directory.parents), directory):
        if not path.exists():
            path.mkdir(mode=0o700, exist_ok=True)


def _write_atomically(file: Path, content: bytes) -> None:
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
