"""Runs a tool the lab needs (go, mvn, java) to its end, with its output in a log and a tick while it works."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from lab.errors import LabError
from lab.processes import end_group, spawn

TICK = timedelta(milliseconds=500)
_TAIL_LINES = 15


def run(
    argv: Sequence[str], *, cwd: Path, log: Path, env: Mapping[str, str] | None = None
) -> Generator[int]:
    """Run a command to its end and yield the number of lines it has written, every half second.

    Args:
        argv: The command; never holds a secret.
        cwd: Where it runs.
        log: Takes its standard output and error; made anew.
        env: Added to this process's environment.

    Raises:
        LabError: If it leaves with anything but 0; holds the last lines of the log.
    """
    process = spawn(argv, cwd=cwd, log=log, env={**os.environ, **(env or {})}, append=False)
    try:
        while True:
            try:
                process.wait(TICK.total_seconds())
                break
            except subprocess.TimeoutExpired:
                yield _count_lines(log)
    finally:
        end_group(process)
    if process.returncode != 0:
        raise LabError(
            f"{argv[0]} {argv[1] if len(argv) > 1 else ''} left with {process.returncode}:\n{tail(log)}\n"
            f"All of it is in {log}."
        )


def tail(log: Path, *, lines: int = _TAIL_LINES) -> str:
    """Return the last lines of a log, indented, or a word that there are none."""
    if not log.exists():
        return "  (no log)"
    text = log.read_text(errors="replace").splitlines()[-lines:]
    return "\n".join(f"  {line}" for line in text) or "  (the log is empty)"


def _count_lines(log: Path) -> int:
    return log.read_bytes().count(b"\n")
