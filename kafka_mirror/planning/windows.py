"""How often a flow has to flush, checkpoint and sync so that a moved group re-reads little enough."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kafka_mirror.mirrormaker.keys import DEFAULT_OFFSET_LAG_MAX

PROCESSING: Final = timedelta(milliseconds=1500)
"""What the steps between the intervals take at most; measured on a loaded machine with two cores."""

SHORTEST_OBJECTIVE: Final = timedelta(seconds=5)
_DEFAULT: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Interval:
    """How often something happens, and why so often."""

    value: timedelta
    because: str

    @property
    def seconds(self) -> int:
        """Whole seconds, as the connectors take them."""
        return round(self.value.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """The intervals of one flow.

    Attributes:
        flush: ``offset.flush.interval.ms`` of the worker.
        checkpoint: ``emit.checkpoints.interval.seconds``.
        sync: ``sync.group.offsets.interval.seconds``.
        discovery: ``refresh.topics.interval.seconds``, ``refresh.groups.interval.seconds`` and
            ``sync.topic.configs.interval.seconds``.
    """

    flush: Interval
    checkpoint: Interval
    sync: Interval
    discovery: Interval


def intervals(*, duplicate_window: timedelta, discovery: timedelta | None = None) -> Intervals:
    """Share a duplicate window out among the three intervals that add up to it.

    Each gets a third of what processing leaves, in whole seconds, and never more than MirrorMaker's own
    default of 60 s. Discovery is as short as the window unless it is given, and a minute at most: see
    `window_after_source_restart`.

    Raises:
        ValueError: If the window is shorter than SHORTEST_OBJECTIVE.
    """
    if duplicate_window < SHORTEST_OBJECTIVE:
        raise ValueError(
            f"the shortest window that whole-second intervals can keep is {SHORTEST_OBJECTIVE.seconds}s"
        )
    third = timedelta(
        seconds=max(1, math.floor((duplicate_window - PROCESSING).total_seconds() / 3))
    )
    share = min(third, _DEFAULT)
    because = (
        "MirrorMaker's default, which is short enough"
        if share < third
        else f"a third of {duplicate_window.total_seconds():g}s less {PROCESSING.total_seconds():g}s of processing"
    )
    one = Interval(share, because)
    return Intervals(
        flush=one,
        checkpoint=one,
        sync=one,
        discovery=_discovery(duplicate_window, discovery),
    )


def _discovery(duplicate_window: timedelta, given: timedelta | None) -> Interval:
    if given is not None:
        return Interval(given, "the flow's objectives.discovery")
    whole = timedelta(seconds=math.floor(duplicate_window.total_seconds()))
    if whole < _DEFAULT:
        return Interval(whole, "the duplicate window: groups may be out of sight for as long")
    return Interval(_DEFAULT, "a minute, which is short enough")


def window_after_source_restart(window: timedelta, spans: Intervals) -> timedelta:
    """Return how much traffic a group may re-read if it moves soon after the source was restarted.

    A source that goes down may answer the checkpoint connector that it has no groups: the connector is left
    without a task, and no group is synced until it looks again. Measured with Kafka 4.3.
    """
    return window + spans.discovery.value


def duplicate_window(
    rate: float,
    *,
    flush: timedelta,
    checkpoint: timedelta,
    sync: timedelta,
    lag_max: int = DEFAULT_OFFSET_LAG_MAX,
) -> int:
    """Bound the records per partition that a group re-reads after failover.

    Args:
        rate: Records per second written to the partition; zero for an idle one.
        flush: The worker's ``offset.flush.interval.ms``.
        checkpoint: ``emit.checkpoints.interval.seconds``.
        sync: ``sync.group.offsets.interval.seconds``.
        lag_max: ``offset.lag.max``, in records.

    Returns:
        Records, rounded up, for a group that keeps up; one that lags by L re-reads up to 2 L more.

    Raises:
        ValueError: If `rate` is negative.

    Source: ``OffsetSyncWriter`` and ``MirrorCheckpointTask`` of Kafka 4.3, and measurements over twelve
    settings, of which this bound held in all.
    """
    if rate < 0:
        raise ValueError("a rate cannot be negative")
    until_synced = min(max(lag_max, 1), rate * flush.total_seconds())
    return math.ceil(until_synced + rate * (checkpoint + sync + PROCESSING).total_seconds())
