"""Becomes another program that is killed when the process that started it dies (Linux).

Run as a plain script, so that no Python code runs between a fork and an exec in a process with threads:
``python -I -S child.py PARENT_PID PROGRAM [ARGUMENT …]``. It leaves no trace in the process list: it execs.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask the kernel for the death signal, check that the parent still lives, and exec."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died before the call above
            sys.exit(1)
    try:
        os.execvp(program[0], program)  # noqa: S606 - no shell wanted
    except OSError as error:
        sys.exit(f"{program[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
