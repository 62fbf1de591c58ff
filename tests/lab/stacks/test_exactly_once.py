"""A flow that starts at the end and writes exactly once: nothing old, and nothing twice though its worker is killed.

The user at the target has what planning grants it and no more, so this also shows that the rights of exactly-once suffice.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lab.demo.comparison import Record, compare
from lab.demo.reading import end_offsets, read_topic
from lab.demo.samples import started
from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.stacks.load import RATE, WITHIN, application, deployed, worker
from tests.lab.stacks.small import SmallStacks

pytestmark = pytest.mark.lab

TOPIC, COPY, OLD, KILLS = "once", "dev.once", 100, 2
RESTARTED = "KafkaMirrorMaker2 dev-to-stg restarts its worker, and with it both connectors"


def test_a_killed_worker_of_a_flow_that_writes_exactly_once_doubles_nothing(
    stacks: SmallStacks, tmp_path: Path, figures: Figures
) -> None:
    with _topic_at_dev(stacks):
        _send(stacks, tmp_path, OLD, start=0)
        with _flow(stacks, start="latest", exactlyOnce=True):
            first = _first_arrival(stacks, tmp_path)
            with _sending(stacks, tmp_path):
                for _ in range(KILLS):
                    _goes_on(stacks, tmp_path)
                    _kill_worker(stacks)
                _goes_on(stacks, tmp_path)
            at_dev = _records(stacks, tmp_path, "dev", TOPIC)
            sent = at_dev[at_dev.index(first) :]
            assert wait_until(
                lambda: len(_records(stacks, tmp_path, "stg", COPY)) >= len(sent), within=WITHIN
            )
            arrived = _records(stacks, tmp_path, "stg", COPY)

    found = compare(TOPIC, {0: sent}, {0: arrived})
    figures(
        f"Exactly once, {KILLS} kills under {RATE} records/s",
        records=len(sent),
        lost=found.lost,
        doubled=found.duplicated,
    )
    assert len(at_dev) - len(sent) >= OLD
    assert found.is_equal


@contextmanager
def _topic_at_dev(stacks: SmallStacks) -> Iterator[None]:
    """Have a topic of its own at dev: transactions leave marks between the records of a copy."""

    def add(configuration: dict[str, Any]) -> None:
        configuration["topics"][TOPIC] = {"sites": ["dev"]}
        for user in ("mirror-reader", "item-producer", "item-consumer"):
            configuration["users"][user]["access"][0]["topics"].append(TOPIC)

    def remove(configuration: dict[str, Any]) -> None:
        del configuration["topics"][TOPIC]
        for user in ("mirror-reader", "item-producer", "item-consumer"):
            configuration["users"][user]["access"][0]["topics"].remove(TOPIC)

    try:
        with _edited(stacks, "dev", add, remove):
            yield
    finally:
        # The users that are replicated to it had rights on the topic as well.
        stacks.up("stg")


@contextmanager
def _flow(stacks: SmallStacks, **options: Any) -> Iterator[None]:
    """Have the flow take the topic in, with some options more."""

    def add(configuration: dict[str, Any]) -> None:
        flow = configuration["flows"]["dev-to-stg"]
        flow["topics"].append(TOPIC)
        flow.update(options)

    def remove(configuration: dict[str, Any]) -> None:
        flow = configuration["flows"]["dev-to-stg"]
        flow["topics"].remove(TOPIC)
        for option in options:
            del flow[option]

    with _edited(stacks, "stg", add, remove, told=RESTARTED):
        yield


@contextmanager
def _edited(
    stacks: SmallStacks, stack: str, edit: Any, undo: Any, *, told: str = ""
) -> Iterator[None]:
    stacks.edit(stack, edit)
    try:
        assert told in deployed(stacks, stack).told
        yield
    finally:
        stacks.edit(stack, undo)
        stacks.up(stack)


def _send(stacks: SmallStacks, directory: Path, count: int, *, start: int) -> None:
    producer = application(stacks, "dev", "item-producer", directory)
    arguments = (str(count), "--start", str(start), "--quiet")
    printed = directory / f"sent-{start}.txt"
    with started(
        "send_items.py", *arguments, application=producer, topic=TOPIC, printed=printed
    ) as sample:
        sample.wait(within=WITHIN.total_seconds())


@contextmanager
def _sending(stacks: SmallStacks, directory: Path) -> Iterator[None]:
    producer = application(stacks, "dev", "item-producer", directory)
    arguments = ("10000000", "--start", "1000000", "--rate", str(RATE), "--quiet")
    printed = directory / "sent-steadily.txt"
    with started(
        "send_items.py", *arguments, application=producer, topic=TOPIC, printed=printed
    ) as sample:
        yield
        sample.stop()


def _first_arrival(stacks: SmallStacks, directory: Path) -> Record:
    """Send one record after another until one arrives: from there on the flow has its place."""
    numbers = iter(range(OLD, 1_000_000))

    def has_arrived() -> bool:
        _send(stacks, directory, 1, start=next(numbers))
        return bool(_records(stacks, directory, "stg", COPY))

    assert wait_until(has_arrived, within=WITHIN)
    return _records(stacks, directory, "stg", COPY)[0]


def _records(stacks: SmallStacks, directory: Path, site: str, topic: str) -> list[Record]:
    """Return what is committed in a topic of one partition; nothing if there is none."""
    consumer = application(stacks, site, "item-consumer", directory)
    if not end_offsets(consumer, topic):
        return []
    return read_topic(consumer, topic)[0]


def _goes_on(stacks: SmallStacks, directory: Path) -> None:
    """Wait until the flow has mirrored for two seconds more."""
    consumer = application(stacks, "stg", "item-consumer", directory)
    before = sum(end_offsets(consumer, COPY).values())
    assert wait_until(
        lambda: sum(end_offsets(consumer, COPY).values()) > before + 2 * RATE, within=WITHIN
    )


def _kill_worker(stacks: SmallStacks) -> None:
    process = worker(stacks)
    assert process is not None
    process.signal(signal.SIGKILL)
    assert wait_until(lambda: worker(stacks) not in {None, process}, within=WITHIN)
