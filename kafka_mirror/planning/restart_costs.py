"""What a change costs, in seconds: computed from the object as it was deployed and as it is declared.

The spans of a stand-still are measured, on two loaded cores: a worker that starts anew mirrors after 10 to 49 s
(``tests/lab/stacks/test_rotation.py``), a connector that is configured anew after 0.4 to 4.5 s, and a checkpoint
connector syncs its first group after 2.5 to 20 s. What is mirrored again is bounded by ``offset.flush.interval.ms``
of the worker that stops (``SourceTaskOffsetCommitter``); a worker killed at 2,000 records/s repeated 0.6 s of traffic
with an interval of 1 s and 2.9 s with one of 5 s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from kafka_mirror.mirrormaker import keys
from kafka_mirror.planning.worker_settings import WorkerSettings, worker_settings

NOTHING: Final = timedelta()


@dataclass(frozen=True, slots=True)
class Span:
    """From the shortest to the longest that was measured."""

    least: timedelta
    most: timedelta

    def __str__(self) -> str:
        """As a message has it."""
        return f"{self.least.total_seconds():g} to {self.most.total_seconds():g} s"


WORKER_RESTART: Final = Span(timedelta(seconds=10), timedelta(seconds=50))
CONNECTOR_RESTART: Final = Span(timedelta(seconds=1), timedelta(seconds=5))
CHECKPOINT_RESTART: Final = Span(timedelta(seconds=3), timedelta(seconds=20))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An update of one object.

    Attributes:
        kind: Of the object.
        paths: The properties that differ, such as ``spec.mirrors[0].sourceConnector.tasksMax``.
        before: Its properties as they were last deployed.
        after: Its properties as they are declared.
        nodes: How many nodes a Kafka has, if that is known.
    """

    kind: str
    paths: tuple[str, ...]
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    nodes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What an object goes through, and what that means for those who depend on it.

    Attributes:
        what: What it does, said of the object.
        cost: What that means.
        stands_still: For how long nothing goes on, at most; None if nobody can tell beforehand.
        mirrored_again: How much traffic arrives twice after a stop that is not orderly, at most; None likewise.
        duplicate_windows: That of the flow before and after, if it is another.
    """

    what: str
    cost: str
    stands_still: timedelta | None = None
    mirrored_again: timedelta | None = None
    duplicate_windows: tuple[timedelta, timedelta] | None = None


def workers_cost(change: Change) -> Cost:
    """Return the cost of workers that restart: one after another, each with what it runs."""
    before, after = worker_settings(change.before), worker_settings(change.after)
    count = before.replicas
    what = (
        "restarts its worker, and with it both connectors"
        if count == 1
        else f"restarts its {count} workers one after another, and with them both connectors"
    )
    if not before.is_running:
        return _idle(what, before)
    # A worker that comes back waits for the one it was, as long as the leader of the group was told to.
    delay = max(before.rebalance_delay, after.rebalance_delay)
    each = "" if count == 1 else " for each"
    waiting = f", and up to {_seconds(delay)} more ({keys.REBALANCE_DELAY})" if delay else ""
    return Cost(
        what=what,
        cost=f"mirroring stands still for about {WORKER_RESTART}{each}{waiting}; {_again(before)}",
        stands_still=(WORKER_RESTART.most + delay) * count,
        mirrored_again=before.flush,
    )


def move_cost(change: Change) -> Cost:
    """Return the cost of a flow whose workers stop in one place and start in another: nobody can tell how fast."""
    what = "stops where it runs and starts anew where it is to run"
    before = worker_settings(change.before)
    if not before.is_running:
        return _idle(what, before)
    return Cost(
        what=what,
        cost=f"mirroring stands still until the new workers are up; {_again(before)}",
        mirrored_again=before.flush,
    )


def source_cost(change: Change) -> Cost:
    """Return the cost of a source connector that is configured anew."""
    what = "restarts the source connector"
    before = worker_settings(change.before)
    if not before.is_running:
        return _idle(what, before)
    return Cost(
        what=what,
        cost=f"mirroring stands still for about {CONNECTOR_RESTART}; {_again(before)}",
        stands_still=CONNECTOR_RESTART.most,
        mirrored_again=before.flush,
    )


def checkpoint_cost(change: Change) -> Cost:
    """Return the cost of a checkpoint connector that is configured anew."""
    what = "restarts the checkpoint connector"
    before = worker_settings(change.before)
    if not before.is_running:
        return _idle(what, before)
    return Cost(
        what=what,
        cost=f"group offsets stand still for about {CHECKPOINT_RESTART}; no record is concerned",
        stands_still=CHECKPOINT_RESTART.most,
        mirrored_again=NOTHING,
    )


def scaling_cost(change: Change) -> Cost:
    """Return the cost of another number of workers."""
    before, after = worker_settings(change.before), worker_settings(change.after)
    what = f"gets {_workers(after.replicas)} instead of {before.replicas}"
    if not before.is_running:
        return _idle(what, before)
    if after.replicas == 0:
        return Cost(
            what=what, cost=f"the flow stands still until it has one again; {_again(before)}"
        )
    return Cost(
        what=what,
        cost=f"a task that moves to another worker stands still for about {CONNECTOR_RESTART}; {_again(before)}",
        stands_still=CONNECTOR_RESTART.most,
        mirrored_again=before.flush,
    )


def window_cost(change: Change) -> Cost:
    """Return what other intervals mean for a group that moves."""
    before, after = worker_settings(change.before), worker_settings(change.after)
    intervals = ", ".join(
        f"{name} {_seconds(old)}" + ("" if old == new else f" -> {_seconds(new)}")
        for name, old, new in (
            ("flush", before.flush, after.flush),
            ("checkpoint", before.checkpoint, after.checkpoint),
            ("sync", before.sync, after.sync),
        )
    )
    windows = before.duplicate_window, after.duplicate_window
    old, new = map(_seconds, windows)
    return Cost(
        what="gets another duplicate window",
        cost=f"a group that keeps up re-reads at most {old} of traffic when it moves, {new} from then on "
        f"({intervals})",
        stands_still=NOTHING,
        mirrored_again=NOTHING,
        duplicate_windows=windows,
    )


def _workers(count: int) -> str:
    return "1 worker" if count == 1 else f"{count} workers"


def _idle(what: str, settings: WorkerSettings) -> Cost:
    state = settings.state if settings.replicas else "without a worker"
    return Cost(
        what=what,
        cost=f"the flow is {state}: nothing stands still for it, and nothing is mirrored again",
        stands_still=NOTHING,
        mirrored_again=NOTHING,
    )


def _again(settings: WorkerSettings) -> str:
    return (
        f"at most {_seconds(settings.flush)} of traffic is mirrored again ({keys.OFFSET_FLUSH_INTERVAL}), "
        "and none after an orderly stop"
    )


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():g} s"
