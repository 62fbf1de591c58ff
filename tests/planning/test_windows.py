"""Intervals keep the window they were derived from, and windows grow with traffic."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_mirror.planning.windows import (
    PROCESSING,
    Interval,
    duplicate_window,
    intervals,
    window_after_source_restart,
)

MINUTE = timedelta(minutes=1)
spans = st.integers(1, 600).map(lambda seconds: timedelta(seconds=seconds))
rates = st.floats(0, 1e6, allow_nan=False)


@pytest.mark.parametrize(
    ("rate", "interval", "records"),
    [
        pytest.param(0, MINUTE, 0, id="idle topic re-reads nothing"),
        pytest.param(1, MINUTE, 182, id="quiet topic: the flush counts, not the lag"),
        pytest.param(10, MINUTE, 1315, id="defaults: lag max, then two minutes and processing"),
        pytest.param(20, timedelta(seconds=1), 90, id="measured at most 73"),
        pytest.param(500, timedelta(seconds=5), 5850, id="measured at most 4734"),
    ],
)
def test_the_duplicate_window_is_lag_plus_two_intervals(
    rate: float, interval: timedelta, records: int
) -> None:
    assert duplicate_window(rate, flush=interval, checkpoint=interval, sync=interval) == records


@given(rate=rates, more=rates, flush=spans, checkpoint=spans, sync=spans)
def test_a_window_never_shrinks_when_traffic_or_an_interval_grows(
    rate: float, more: float, flush: timedelta, checkpoint: timedelta, sync: timedelta
) -> None:
    window = duplicate_window(rate, flush=flush, checkpoint=checkpoint, sync=sync)

    assert duplicate_window(rate + more, flush=flush, checkpoint=checkpoint, sync=sync) >= window
    assert duplicate_window(rate, flush=flush, checkpoint=checkpoint + MINUTE, sync=sync) >= window
    assert (
        duplicate_window(rate, flush=flush, checkpoint=checkpoint, sync=sync, lag_max=101) >= window
    )


@pytest.mark.parametrize(
    ("window", "discovery", "because"),
    [
        (5.5, 5, "the duplicate window: groups may be out of sight for as long"),
        (59, 59, "the duplicate window: groups may be out of sight for as long"),
        (60, 60, "a minute, which is short enough"),
        (3600, 60, "a minute, which is short enough"),
    ],
)
def test_discovery_is_as_short_as_the_window_unless_it_is_given(
    window: float, discovery: int, because: str
) -> None:
    found = intervals(duplicate_window=timedelta(seconds=window))

    assert found.discovery == Interval(timedelta(seconds=discovery), because)
    restarted = window_after_source_restart(timedelta(seconds=window), found)
    assert restarted == timedelta(seconds=window + discovery)


def test_a_negative_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="a rate cannot be negative"):
        duplicate_window(-1, flush=MINUTE, checkpoint=MINUTE, sync=MINUTE)


@given(window=st.integers(5_000, 10_000_000).map(lambda ms: timedelta(milliseconds=ms)))
def test_intervals_are_whole_seconds_that_keep_their_window(window: timedelta) -> None:
    found = intervals(duplicate_window=window, discovery=MINUTE)

    for one in (found.flush, found.checkpoint, found.sync):
        assert one.value == timedelta(seconds=one.seconds)
        assert timedelta(seconds=1) <= one.value <= MINUTE
    total = found.flush.value + found.checkpoint.value + found.sync.value + PROCESSING
    assert total <= window


@given(window=st.integers(5, 400), longer=st.integers(0, 400))
def test_a_longer_window_never_shortens_an_interval(window: int, longer: int) -> None:
    short = intervals(duplicate_window=timedelta(seconds=window), discovery=MINUTE)
    long = intervals(duplicate_window=timedelta(seconds=window + longer), discovery=MINUTE)

    assert long.sync.value >= short.sync.value


@pytest.mark.parametrize(
    ("window", "interval"),
    [
        pytest.param(
            15, Interval(timedelta(seconds=4), "a third of 15s less 1.5s of processing"), id="third"
        ),
        pytest.param(
            600, Interval(MINUTE, "MirrorMaker's default, which is short enough"), id="default"
        ),
    ],
)
def test_an_interval_says_why(window: int, interval: Interval) -> None:
    found = intervals(duplicate_window=timedelta(seconds=window), discovery=timedelta(seconds=7))

    assert found.flush == found.checkpoint == found.sync == interval
    assert found.discovery == Interval(timedelta(seconds=7), "the flow's objectives.discovery")


def test_a_window_that_whole_seconds_cannot_keep_is_refused() -> None:
    with pytest.raises(
        ValueError, match="the shortest window that whole-second intervals can keep is 5s"
    ):
        intervals(duplicate_window=timedelta(milliseconds=4999), discovery=MINUTE)
