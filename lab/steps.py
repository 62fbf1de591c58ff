"""The events that long work in the lab yields; the CLI draws them, tests collect them.

Work is a generator of `Step`. A failure is an exception, never a step. Closing the generator stops the work and whatever
child process it runs.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Phase(StrEnum):
    """Where a piece of work stands."""

    STARTED = "started"
    PROGRESS = "progress"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event of a named piece of work.

    Attributes:
        name: One short line, the same in every event of one piece of work.
        phase: Started, in progress, or done.
        detail: The cost at the start ("about 7 min, once"), what moves in between, where it came from at the end.
        elapsed: Since this piece of work started.
    """

    name: str
    phase: Phase
    detail: str = ""
    elapsed: timedelta = timedelta()


Steps = Generator[Step]


class Work:
    """Makes the events of one piece of work and knows how long it has taken."""

    def __init__(self, name: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self._clock = clock
        self._began = clock()

    def started(self, cost: str = "") -> Step:
        """Return the first event; `cost` says what is about to happen and how long it takes."""
        self._began = self._clock()
        return self._step(Phase.STARTED, cost)

    def progress(self, detail: str) -> Step:
        """Return an event that tells what moves."""
        return self._step(Phase.PROGRESS, detail)

    def done(self, detail: str = "") -> Step:
        """Return the last event."""
        return self._step(Phase.DONE, detail)

    def _step(self, phase: Phase, detail: str) -> Step:
        elapsed = timedelta(seconds=self._clock() - self._began)
        return Step(name=self.name, phase=phase, detail=detail, elapsed=elapsed)


def one_after_another(*works: Iterator[Step]) -> Steps:
    """Run pieces of work in turn."""
    for work in works:
        yield from work


def side_by_side(*works: Iterator[Step]) -> Steps:
    """Run pieces of work at the same time, each in its own thread, and yield their events as they come.

    The first failure stops the others and is raised once they have stopped; so does closing this generator. A piece of work
    therefore has to yield at least every second or so.
    """
    events: queue.Queue[Step | BaseException | None] = queue.Queue()
    stop = threading.Event()
    threads = [threading.Thread(target=_feed, args=(work, events, stop)) for work in works]
    for thread in threads:
        thread.start()
    failure: BaseException | None = None
    running = len(threads)
    try:
        while running:
            event = events.get()
            if event is None:
                running -= 1
            elif isinstance(event, BaseException):
                failure = failure or event
                stop.set()
            elif failure is None:
                yield event
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if failure is not None:
        raise failure


def _feed(
    work: Iterator[Step], events: queue.Queue[Step | BaseException | None], stop: threading.Event
) -> None:
    """Pass the events of one piece of work on, then its failure if it has one, then None."""
    try:
        for step in work:
            events.put(step)
            if stop.is_set():
                break
    except BaseException as error:  # noqa: BLE001 - raised in the thread that asked
        events.put(error)
    finally:
        if isinstance(work, Generator):
            work.close()
        events.put(None)
