"""Runs the sample applications as a user would: as processes of their own, told everything by variables."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from lab.demo.applications import Application
from lab.errors import LabError

_SAMPLES: Final = Path(__file__).resolve().parents[2] / "samples"
_SEQUENCE: Final = re.compile(r"^\S+ offset \d+ +sequence (\d+)\b", re.MULTILINE)
_STOPPED: Final = 128 + signal.SIGTERM


@dataclass(slots=True)
class Sample:
    """A sample that runs in the background and what it prints."""

    name: str
    process: subprocess.Popen[bytes]
    printed: Path

    def stop(self, *, within: float = 30) -> None:
        """Ask it to end, and wait until it has committed and closed.

        Raises:
            LabError: If it failed before.
        """
        self.process.send_signal(signal.SIGTERM)
        self.wait(within=within)

    def wait(self, *, within: float) -> None:
        """Wait until it ends by itself.

        Raises:
            LabError: If it fails, or takes too long.
        """
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired as error:
            raise LabError(
                f"{self.name} did not end within {within:g} s:\n{self._end()}"
            ) from error
        if code not in {0, _STOPPED}:
            raise LabError(f"{self.name} left with {code}:\n{self._end()}")

    def sequences(self) -> list[int]:
        """Return the sequence numbers it has printed so far, in order."""
        return [int(number) for number in _SEQUENCE.findall(self.printed.read_text())]

    def _end(self) -> str:
        return "\n".join(self.printed.read_text(errors="replace").splitlines()[-10:])


@contextmanager
def started(
    script: str, *arguments: str, application: Application, topic: str, printed: Path
) -> Iterator[Sample]:
    """Run a sample for the length of a block; it never outlives it."""
    with printed.open("wb") as output:
        process = _start(script, arguments, application, topic, output)
    sample = Sample(f"{script} at {application.site}", process, printed)
    try:
        yield sample
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _start(
    script: str, arguments: tuple[str, ...], application: Application, topic: str, output: IO[bytes]
) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **application.environment(topic)}
    return subprocess.Popen(
        [sys.executable, str(_SAMPLES / script), *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )


def send(application: Application, topic: str, count: int, *, start: int, printed: Path) -> None:
    """Send items and wait until every one is acknowledged."""
    arguments = (str(count), "--start", str(start), "--quiet")
    with started(
        "send_items.py", *arguments, application=application, topic=topic, printed=printed
    ) as sample:
        sample.wait(within=120)


def receive(application: Application, topic: str, *, idle: float, printed: Path) -> list[int]:
    """Receive until nothing comes for `idle` seconds, and return the sequence numbers in order."""
    with started(
        "receive_items.py",
        "--idle",
        f"{idle:g}",
        application=application,
        topic=topic,
        printed=printed,
    ) as sample:
        sample.wait(within=120)
        return sample.sequences()
