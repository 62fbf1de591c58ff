"""Starts a program in a session of its own, prints its process id and ends, so that nobody's child it is.

Run as a plain script: ``python -I -S detached.py LOG PROGRAM [ARGUMENT …]``.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Start the program with its output in the log and no input."""
    log, program = sys.argv[1], sys.argv[2:]
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    pid = os.posix_spawn(
        program[0],
        program,
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log, flags, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    sys.stdout.write(f"{pid}\n")


if __name__ == "__main__":
    main()
