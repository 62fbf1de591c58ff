from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from lab.steps import Phase, Steps, Work, one_after_another, side_by_side


def work(name: str, *details: str) -> Steps:
    steps = Work(name)
    yield steps.started()
    for detail in details:
        yield steps.progress(detail)
    yield steps.done()


def test_elapsed_counts_from_the_start_of_the_work():
    ticks = iter((0.0, 10.0, 10.0, 13.5))
    steps = Work("build", clock=lambda: next(ticks))
    assert steps.started("about 7 min").elapsed == timedelta()
    assert steps.done().elapsed == timedelta(seconds=3.5)


def test_works_one_after_another_keep_their_order():
    names = [step.name for step in one_after_another(work("a"), work("b"))]
    assert names == ["a", "a", "b", "b"]


def test_works_side_by_side_tell_everything():
    told = [(step.name, step.phase) for step in side_by_side(work("a", "x"), work("b"))]
    assert sorted(told) == sorted(
        [
            ("a", Phase.STARTED),
            ("a", Phase.PROGRESS),
            ("a", Phase.DONE),
            ("b", Phase.STARTED),
            ("b", Phase.DONE),
        ]
    )


def endless(closed: threading.Event) -> Steps:
    steps = Work("endless")
    try:
        while True:
            yield steps.progress("still going")
    finally:
        closed.set()


def failing() -> Steps:
    yield Work("failing").started()
    raise RuntimeError("no network")


def test_a_failure_ends_the_others_and_is_raised():
    closed = threading.Event()
    with pytest.raises(RuntimeError, match="no network"):
        list(side_by_side(endless(closed), failing()))
    assert closed.is_set()


def test_giving_up_ends_all():
    closed = threading.Event()
    steps = side_by_side(endless(closed))
    next(steps)
    steps.close()
    assert closed.is_set()
