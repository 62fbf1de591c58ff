"""Runs the sample applications as a user would: as processes of their own, told everything by variables."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Final

from lab.demo.applications import Application
from lab.demo.reading import end_offsets, group_positions
from lab.errors import LabError
from lab.waiting import wait_until

_SAMPLES: Final = Path(__file__).resolve().parents[2] / "samples"
_SEQUENCE: Final = re.compile(r"^\S+ offset \d+ +sequence (\d+)\b", re.MULTILINE)
# The last of these: it was asked to end before it listened to that, and had done nothing yet.
_ENDED_WELL: Final = frozenset({0, 128 + signal.SIGTERM, -signal.SIGTERM})
_SENT_WITHIN: Final = 120
_RECEIVED_WITHIN: Final = timedelta(seconds=180)
_LOOK_EVERY: Final = timedelta(milliseconds=250)


@dataclass(slots=True)
class Sample:
    """A sample that runs in the background and what it prints."""

    name: str
    process: subprocess.Popen[bytes]
    printed: Path

    def stop(self, *, within: float = 60) -> None:
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
            raise LabError(f"{self.name} did not end within {within:g} s:\n{self.end()}") from error
        if code not in _ENDED_WELL:
            raise LabError(f"{self.name} left with {code}:\n{self.end()}")

    def sequences(self) -> list[int]:
        """Return the sequence numbers it has printed so far, in order."""
        return [int(number) for number in _SEQUENCE.findall(self.printed.read_text())]

    def end(self) -> str:
        """Return the last lines it has printed."""
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
        sample.wait(within=_SENT_WITHIN)


def receive(application: Application, topic: str, *, printed: Path) -> list[int]:
    """Receive until the group is where the topic ends now, and return the sequence numbers in order.

    The sample commits what it has printed, so nothing depends on how long the group takes to be let in, or a broker to answer.

    Raises:
        LabError: If the sample fails, or the group does not get there in time.
    """
    ends = end_offsets(application, topic)
    with started(
        "receive_items.py", "--idle", "0", application=application, topic=topic, printed=printed
    ) as sample:

        def has_all() -> bool:
            return sample.process.poll() is not None or _is_at(application, topic, ends)

        is_there = wait_until(has_all, within=_RECEIVED_WITHIN, every=_LOOK_EVERY)
        sample.stop()
        if not is_there:
            raise LabError(
                f"{sample.name} did not come to the end of {topic} within {_RECEIVED_WITHIN.total_seconds():g} s:\n"
                f"{sample.end()}"
            )
        return sample.sequences()


def _is_at(application: Application, topic: str, ends: Mapping[int, int]) -> bool:
    """Tell whether the application's group has read every partition up to an end."""
    positions = group_positions(application, application.group, topic, len(ends))
    return all(positions.get(number, 0) >= end for number, end in ends.items())
