"""Writes the lab's files: whole or not at all, and readable by their owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_PRIVATE_FILE, _PRIVATE_DIRECTORY = 0o600, 0o700


def write_text(path: Path, text: str) -> None:
    """Write a private file in one step; a reader sees the old content or the new."""
    private_directory(path.parent)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
    with os.fdopen(descriptor, "w") as output:
        output.write(text)
    draft.replace(path)


def private_directory(path: Path) -> Path:
    """Make a directory that only its owner may enter, with its parents, and return it."""
    path.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_DIRECTORY)
    return path
