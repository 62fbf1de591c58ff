"""Moves a consumer group from the source to the target under load, and counts what it reads twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from kafka_mirror.planning import Intervals, duplicate_window
from lab.demo.applications import Application
from lab.demo.reading import end_offsets, group_positions
from lab.demo.samples import Sample, receive, started
from lab.errors import LabError
from lab.steps import Step, Work
from lab.waiting import wait_until

TOPIC: Final = "items"
_RATE: Final = 60
_AT_MOST: Final = 100_000
_SYNCED_WITHIN: Final = timedelta(seconds=300)
_POLL: Final = timedelta(milliseconds=250)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMove:
    """What a moved group went through, in records unless said otherwise.

    Attributes:
        rate: Records per second that were sent while the group moved.
        read_before: By the group at the source.
        read_after: By the group at the target.
        read_twice: At both.
        skipped: Sent, and read at neither.
        planned_window: The most that should be read twice.
        out_of_service: From the last read at the source to the first at the target.
    """

    rate: float
    read_before: int
    read_after: int
    read_twice: int
    skipped: int
    planned_window: int
    out_of_service: timedelta

    @property
    def is_as_planned(self) -> bool:
        """Whether nothing was skipped and no more was read twice than planned."""
        return self.skipped == 0 and self.read_twice <= self.planned_window


@dataclass(slots=True)
class GroupMoveRun:
    """The move as it goes on; `result` is there once the steps have ended.

    Attributes:
        already: Sequence numbers that the group has read at the source before.
        next_sequence: The first sequence number to send.
        intervals: Of the flow, from which the planned window follows.
        directory: Where the samples' output goes.
        topic: That the group reads.
    """

    source: Application
    target: Application
    sender: Application
    intervals: Intervals
    already: set[int]
    next_sequence: int
    directory: Path
    topic: str = TOPIC
    result: GroupMove | None = None

    def steps(self) -> Iterator[Step]:
        """Send and read at the source until the target knows the group, then go on there."""
        work = Work(
            f"Group {self.source.group} moves from {self.source.site} to {self.target.site}"
        )
        yield work.started(f"under {_RATE} records/s")
        before = end_offsets(self.source, self.topic)
        began = time.monotonic()
        with self._sending() as sender, self._receiving() as receiver:
            yield work.progress(f"waiting until {self.target.site} knows the group's position")
            self._wait_until_synced(before)
            receiver.stop()
            stopped = time.monotonic()
            sender.stop()
            seen = self.already | set(receiver.sequences())
        after = end_offsets(self.source, self.topic)
        elapsed = time.monotonic() - began
        yield work.progress("stopped at the source; waiting for the last records")
        self._wait_for(
            lambda: end_offsets(self.target, self.topic) == after,
            f"the last records of {self.topic} arrive",
        )
        resumed = time.monotonic()
        there = receive(self.target, self.topic, printed=self._file("received at target"))
        rates = [(after[number] - before[number]) / elapsed for number in after]
        self.result = GroupMove(
            rate=sum(rates),
            read_before=len(seen),
            read_after=len(there),
            read_twice=len(seen & set(there)),
            skipped=len(set(range(sum(after.values()))) - seen - set(there)),
            planned_window=sum(map(self._window, rates)),
            out_of_service=timedelta(seconds=resumed - stopped),
        )
        yield work.done(
            f"{self.result.read_twice} records read twice, {self.result.skipped} skipped"
        )

    def _window(self, rate: float) -> int:
        return duplicate_window(
            rate,
            flush=self.intervals.flush.value,
            checkpoint=self.intervals.checkpoint.value,
            sync=self.intervals.sync.value,
        )

    def _sending(self) -> AbstractContextManager[Sample]:
        arguments = (
            str(_AT_MOST),
            "--start",
            str(self.next_sequence),
            "--rate",
            str(_RATE),
            "--quiet",
        )
        return started(
            "send_items.py",
            *arguments,
            application=self.sender,
            topic=self.topic,
            printed=self._file("sent"),
        )

    def _receiving(self) -> AbstractContextManager[Sample]:
        return started(
            "receive_items.py",
            "--idle",
            "0",
            application=self.source,
            topic=self.topic,
            printed=self._file("received at source"),
        )

    def _wait_until_synced(self, before: dict[int, int]) -> None:
        """Wait until the group's position at the target has followed this run's records."""

        def has_followed() -> bool:
            positions = group_positions(self.target, self.source.group, self.topic, len(before))
            # A partition that none of the samples' keys leads to stays empty, and without a position.
            return all(positions.get(number, 0) > end for number, end in before.items() if end)

        self._wait_for(has_followed, f"the position of group {self.source.group} follows")

    def _wait_for(self, is_met: Callable[[], bool], what: str) -> None:
        if not wait_until(is_met, within=_SYNCED_WITHIN, every=_POLL):
            raise LabError(
                f"waited {_SYNCED_WITHIN.total_seconds():g} s at {self.target.site} until {what}, in vain"
            )

    def _file(self, what: str) -> Path:
        return self.directory / f"{what}.txt"
