"""What changed in a stack since its checkpoint was written, one JSON object per line."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from engine.errors import StateError
from engine.state_failures import NOTHING_CHANGED, recorded_until_then, unwritable

JsonObject = dict[str, Any]

_VERSION: Final = 1
_CLOSED: Final = -1


class Journal:
    """What changed since the checkpoint was written, one JSON object per line."""

    def __init__(self, file: Path, *, stack: str, base: str) -> None:
        """Start an empty journal.

        Args:
            file: Where; what was there is gone.
            stack: Whose state it is.
            base: The digest of the checkpoint that it goes on from.

        Raises:
            StateError: If it cannot be written.
        """
        self._file = file
        self._stack = stack
        self._size = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        try:
            self._descriptor = os.open(file, flags, 0o600)
        except OSError as error:
            raise unwritable(file, stack=stack, error=error) from error
        try:
            self._write({"version": _VERSION, "base": base}, NOTHING_CHANGED, is_durable=False)
        except StateError:
            self.close()
            raise

    def append(self, entry: JsonObject, *, is_durable: bool) -> None:
        """Add an entry; a durable one is on the disk when this returns.

        Raises:
            StateError: If it cannot be written; the entry is not in the journal then.
        """
        self._write(entry, recorded_until_then(self._file), is_durable=is_durable)

    def close(self) -> None:
        """Give the file back. Whoever adds something later, because the run was cut off, is told that it is gone."""
        descriptor, self._descriptor = self._descriptor, _CLOSED
        os.close(descriptor)

    def _write(self, entry: JsonObject, meaning: str, *, is_durable: bool) -> None:
        line = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            if is_durable:
                os.fsync(self._descriptor)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise unwritable(
                self._file,
                stack=self._stack,
                error=error,
                needed_bytes=len(line),
                meaning=meaning,
            ) from error
        self._size += len(line)


def journal_entries(file: Path, *, base: str | None) -> Iterator[JsonObject]:
    """Yield the entries that belong to the checkpoint; a last line cut short never happened.

    Args:
        file: The journal.
        base: The digest of the checkpoint; None if there is no checkpoint at all.

    Raises:
        StateError: If it is damaged, was written by a newer version, or tells of a checkpoint that is gone.
    """
    try:
        lines = file.read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    except OSError as error:
        raise StateError(f"{file} cannot be read ({error.strerror}). {NOTHING_CHANGED}") from error
    entries = [_entry(file, number, line) for number, line in enumerate(lines[:-1], start=1)]
    if not entries:
        return
    head = entries[0]
    if head.get("version", _VERSION) != _VERSION:
        raise StateError(
            f"{file} was written by a newer version (journal version {head['version']}, this one reads "
            f"{_VERSION}). {NOTHING_CHANGED} Use that version to finish its run."
        )
    if base is None and len(entries) > 1:
        raise StateError(
            f"{file} tells of a run on a state that is not there any more ({file.with_suffix('.json').name}). "
            f"{NOTHING_CHANGED} Put back a copy of the state; if nothing of the stack is left in any cluster, "
            "delete the journal instead."
        )
    if head.get("base") == base:
        yield from entries[1:]


def _entry(file: Path, number: int, line: bytes) -> JsonObject:
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    if not isinstance(entry, dict):
        raise StateError(
            f"{file} is damaged at line {number}. {NOTHING_CHANGED} Put back a copy of it. If it is deleted instead, "
            "the stack is taken for what it was before its last run, and objects made since are told as foreign."
        )
    return entry
