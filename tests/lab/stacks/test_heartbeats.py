"""A site that writes heartbeats, and a flow that takes them along: life is seen at the target while nobody writes.

The worker beside the source logs in as a user that may do nothing else.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lab.demo.comparison import Record
from lab.demo.reading import end_offsets, read_topic
from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.stacks.load import WITHIN, application, deployed
from tests.lab.stacks.small import SmallStacks

pytestmark = pytest.mark.lab

TOPIC, COPY, FLOW = "heartbeats", "dev.heartbeats", "dev-to-stg"
READERS = ("mirror-reader", "item-consumer")


def test_heartbeats_of_a_source_arrive_at_the_target(
    stacks: SmallStacks, tmp_path: Path, figures: Figures
) -> None:
    with _heartbeats(stacks):
        assert wait_until(lambda: len(_beats(stacks, tmp_path)) > 2, within=WITHIN)
        seen, now = _beats(stacks, tmp_path), datetime.now(UTC).timestamp()

    figures("Heartbeats", **{"age when read at the target (s)": f"{now - _sent_at(seen[-1]):.1f}"})
    assert {one.key for one in seen} == {_text(FLOW) + _text("dev")}
    assert 0 <= now - _sent_at(seen[-1]) < WITHIN.total_seconds()


@contextmanager
def _heartbeats(stacks: SmallStacks) -> Iterator[None]:
    def add(configuration: dict[str, Any]) -> None:
        configuration["sites"]["dev"]["heartbeats"] = [FLOW]
        for user in READERS:
            configuration["users"][user]["access"][0]["topics"].append(TOPIC)

    def remove(configuration: dict[str, Any]) -> None:
        del configuration["sites"]["dev"]["heartbeats"]
        for user in READERS:
            configuration["users"][user]["access"][0]["topics"].remove(TOPIC)

    stacks.edit("dev", add)
    try:
        made = deployed(stacks, "dev").changes
        assert {
            ("create", "KafkaConnect/dev-heartbeats"),
            ("create", "KafkaConnector/dev-dev-to-stg"),
        } <= made
        deployed(stacks, "stg")
        yield
    finally:
        stacks.edit("dev", remove)
        stacks.up("dev")
        stacks.up("stg")


def _beats(stacks: SmallStacks, directory: Path) -> list[Record]:
    consumer = application(stacks, "stg", "item-consumer", directory)
    if not end_offsets(consumer, COPY):
        return []
    return read_topic(consumer, COPY)[0]


def _text(value: str) -> bytes:
    """Return a text as Kafka's own protocol writes it: its length in two bytes first."""
    return struct.pack(">h", len(value)) + value.encode()


def _sent_at(record: Record) -> float:
    """Return when a heartbeat was sent, in seconds: behind a version of two bytes, in milliseconds."""
    assert record.value is not None
    version, milliseconds = struct.unpack(">hq", record.value)
    assert version == 0
    return float(milliseconds / 1000)
