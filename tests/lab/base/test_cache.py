from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lab.binaries import cache
from lab.steps import Phase, Steps, Work

pytestmark = pytest.mark.usefixtures("cache_directory")


def fill(into: Path) -> Steps:
    (into / "part").write_text("whole")
    yield Work("part").progress("1 file")


def fail(into: Path) -> Steps:
    (into / "part").write_text("half")
    yield Work("part").progress("half a file")
    raise RuntimeError("the network is gone")


def refuse(into: Path) -> Steps:
    raise AssertionError("it is there already")


def ensure(make=fill):
    return cache.ensure("part-1.0", Work("part"), cost="a minute, once", make=make, tool="test")


def test_the_cost_is_said_first_and_the_result_last():
    told = [(step.phase, step.detail) for step in ensure()]
    assert told == [
        (Phase.STARTED, "a minute, once"),
        (Phase.PROGRESS, "1 file"),
        (Phase.DONE, "1 file"),
    ]
    assert (cache.entry("part-1.0") / "part").read_text() == "whole"


def test_what_is_there_is_not_made_again():
    list(ensure())
    assert [(step.phase, step.detail) for step in ensure(refuse)] == [(Phase.DONE, "cached")]


def test_a_failure_leaves_no_entry():
    with pytest.raises(RuntimeError):
        list(ensure(fail))
    assert [path.name for path in cache.cache_root().iterdir()] == ["locks"]


def test_work_that_is_given_up_leaves_no_entry():
    work = ensure()
    next(work)
    next(work)
    work.close()
    assert not cache.entry("part-1.0").exists()


def test_what_a_killed_process_left_is_thrown_away():
    leftover = cache.entry("part-1.0.partial")
    leftover.mkdir(parents=True)
    (leftover / "stale").touch()
    list(ensure())
    assert [path.name for path in cache.entry("part-1.0").iterdir()] == ["part"]


def test_two_that_want_one_entry_make_it_once():
    is_making, may_end = threading.Event(), threading.Event()

    def make_slowly(into: Path) -> Steps:
        is_making.set()
        may_end.wait()
        yield from fill(into)

    first = threading.Thread(target=lambda: list(ensure(make_slowly)))
    first.start()
    is_making.wait()
    second = ensure(refuse)
    assert next(second).detail == "another process is fetching or building; waiting"
    may_end.set()
    assert [step.detail for step in second][-1] == "cached"
    first.join()
