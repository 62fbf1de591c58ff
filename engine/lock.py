"""One run at a time per stack.

The lock is the kernel's (it ends with its holder, however that dies); the file's content only tells who holds it.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from engine.errors import LockedError


@contextmanager
def locked(file: Path, *, stack: str, operation: str) -> Iterator[None]:
    """Hold a stack.

    Args:
        file: The lock; it stays, empty, when the stack is let go.
        stack: What is held.
        operation: What for.

    Raises:
        LockedError: If another process holds it; the message says which.
        OSError: If the file cannot be written.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(
                f"stack '{stack}' is in use by {_holder(descriptor)}. Wait for it, or stop it."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _myself(operation).encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _myself(operation: str) -> str:
    return json.dumps(
        {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "operation": operation,
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )


def _holder(descriptor: int) -> str:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        return (
            f"process {holder['pid']} on {holder['host']}, which runs `{holder['operation']}` "
            f"since {holder['since']}"
        )
    except (ValueError, KeyError, TypeError):
        # It has not said yet, or is of another version.
        return "another process"
