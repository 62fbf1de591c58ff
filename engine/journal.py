"""What changed in a stack since its checkpoint was written, one JSON object per line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

JsonObject = dict[str, Any]


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


def journal_entries(file: Path, *, base: str) -> Iterator[JsonObject]:
    """Yield the entries that belong to the checkpoint; a last line cut short never happened."""
    try:
        lines = file.read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    entries = [json.loads(line) for line in lines[:-1]]
    if entries and entries[0].get("base") == base:
        yield from entries[1:]
