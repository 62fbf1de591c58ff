"""What is said when the state of a stack cannot be written or used: where, why, what it means, and what to do."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from engine.errors import StateError

NOTHING_CHANGED: Final = "Nothing was changed."
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def unwritable(
    file: Path, *, stack: str, error: OSError, needed_bytes: int = 0, meaning: str = NOTHING_CHANGED
) -> StateError:
    """Tell that the state cannot be written.

    Args:
        file: What was to be written.
        stack: Whose state it is.
        error: What the system said.
        needed_bytes: How much was to be written; told where space is what is missing.
        meaning: What it means for the stack, in whole sentences.
    """
    is_full = error.errno in _FULL
    needs = f" ({needed_bytes:,} bytes are needed)" if is_full and needed_bytes else ""
    mend = "Free some space there" if is_full else "Make that place writable"
    return StateError(
        f"the state of stack '{stack}' cannot be written to {file}: {error.strerror}{needs}. "
        f"{meaning} {mend} and run the same command again."
    )


def recorded_until_then(journal: Path) -> str:
    """Say what a run means that could not go on recording."""
    return f"No further object is changed; what was done before is recorded in {journal}."


def put_back(file: Path) -> str:
    """Say what to do with a damaged file."""
    backup = backup_of(file)
    copy = f" ({backup} is the one before the last change)" if backup.exists() else ""
    return f"{NOTHING_CHANGED} Put back a copy of it{copy}."


def backup_of(file: Path) -> Path:
    """Return where the checkpoint before the last one is kept."""
    return file.with_name(f"{file.name}.bak")
