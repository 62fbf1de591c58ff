"""Parts that end by themselves are started again, less and less often."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import cast

import pytest

from lab.keeping import Keeper
from lab.processes import ProcessSpec, ProcessTable


class Process:
    def __init__(self, name: str) -> None:
        self.name = name
        self.log = Path(f"/logs/{name}.log")
        self.code: int | None = None

    def returncode(self) -> int | None:
        return self.code


class Table:
    """Processes that end when the test says so."""

    def __init__(self) -> None:
        self.processes: dict[str, Process] = {}
        self.started: list[str] = []

    def start(self, spec: ProcessSpec) -> Process:
        self.started.append(spec.name)
        self.processes[spec.name] = Process(spec.name)
        return self.processes[spec.name]

    def kill(self, name: str) -> None:
        del self.processes[name]

    def ended(self) -> list[Process]:
        return [process for process in self.processes.values() if process.code is not None]

    def end(self, name: str, code: int = 1) -> None:
        self.processes[name].code = code


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper(table: Table, clock: Clock) -> Keeper:
    keeper = Keeper(cast("ProcessTable", table), clock=clock)
    for name in ("etcd", "operator"):
        keeper.keep(
            ProcessSpec(name=name, argv=(name,), cwd=Path("/"), log=Path(f"/logs/{name}.log"))
        )
    table.started.clear()
    return keeper


def test_a_part_that_ends_is_started_again_at_once_and_counted(table, keeper):
    table.end("operator", -9)
    keeper.look()
    assert table.started == ["operator"]
    assert keeper.restarts == {"operator": 1}
    assert keeper.troubles == ()


def test_a_part_that_ends_again_and_again_is_started_less_and_less_often(table, keeper, clock):
    times = []
    for _ in range(1000):
        keeper.look()
        for name in table.started:
            times.append(clock.now)
            assert name == "etcd"
        table.started.clear()
        table.end("etcd")
        clock.now += 0.5
    pauses = [after - before for before, after in pairwise(times)]
    assert pauses[:5] == [1.5, 2.5, 5.5, 10.5, 30.5]
    assert set(pauses[5:]) == {30.5}


def test_only_what_ends_again_and_again_is_a_trouble_and_it_passes(table, keeper, clock):
    for _ in range(3):
        table.end("etcd")
        keeper.look()
        clock.now += 2
        keeper.look()
    assert keeper.troubles == (
        "etcd ended by itself 3 times in a row, the last time with 1; see /logs/etcd.log",
    )
    clock.now += 31
    assert keeper.troubles == ()
    assert keeper.restarts == {"etcd": 3}


def test_what_lasted_starts_at_once_when_it_ends_again(table, keeper, clock):
    for _ in range(4):
        clock.now += 60
        table.end("etcd")
        keeper.look()
    assert len(table.started) == 4
    assert keeper.troubles == ()
