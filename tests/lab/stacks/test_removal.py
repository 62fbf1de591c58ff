"""A flow that is removed leaves its place and its copies at the target: made again it goes on, and afresh only on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from kafka_mirror.kubernetes_api import NotFoundError
from lab.demo.applications import GROUP, Application
from lab.demo.comparison import Record, TopicComparison, compare
from lab.demo.reading import end_offsets, group_positions, read_topic
from lab.demo.samples import send
from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.stacks.load import application, deployed
from tests.lab.stacks.small import SmallStacks

pytestmark = pytest.mark.lab

Configuration = dict[str, Any]
TOPIC: Final = "items"
COPY: Final = "dev.items"
COPIES: Final = {"dev.items", "dev.Orders_EU", "dev.load"}
INTERNAL: Final = {"dev.checkpoints.internal", "mm2-offset-syncs.dev.internal"}
STORAGE: Final = {f"__mm2-dev-to-stg-{one}" for one in ("configs", "offsets", "status")}
COUNT: Final = 100
WITHIN: Final = timedelta(seconds=180)
_PARTITIONS: Final = 3
"""That a test may have given the topic by now."""


def _watched(configuration: Configuration) -> None:
    """Add an administrator of whatever a flow makes at stg, who may read it too."""
    topics = [
        {"pattern": r"dev\..*"},
        {"pattern": "__mm2-dev-to-stg-.*"},
        "mm2-offset-syncs.dev.internal",
    ]
    configuration["users"]["keeper"] = {
        "sites": ["stg"],
        "shared": True,
        "access": [
            {"role": "admin", "topics": topics, "groups": [GROUP]},
            {"role": "consumer", "topics": topics, "groups": [GROUP]},
        ],
    }


def _stopped(configuration: Configuration) -> None:
    configuration["flows"]["dev-to-stg"]["state"] = "stopped"


def _without_flow(configuration: Configuration) -> None:
    configuration["flows"] = {}
    configuration["users"]["mirror-writer"]["access"] = []


class Removal:
    """What is at both sites, before, while and after the flow is away."""

    def __init__(self, stacks: SmallStacks, directory: Path) -> None:
        self.stacks, self.directory = stacks, directory
        self.sent = 0

    @property
    def source(self) -> Application:
        return application(self.stacks, "dev", "item-consumer", self.directory)

    @property
    def keeper(self) -> Application:
        outputs = self.stacks.outputs("stg")
        return Application.at(
            "stg",
            "keeper",
            sites=outputs["sites"],
            passwords=outputs["credentials"],
            directory=self.directory,
        )

    def send(self) -> None:
        producer = application(self.stacks, "dev", "item-producer", self.directory)
        printed = self.directory / f"sent-{self.sent}.txt"
        send(producer, TOPIC, COUNT, start=self.sent, printed=printed)
        self.sent += COUNT

    def commit(self) -> None:
        """Let the group have read the source to its end."""
        ends = end_offsets(self.source, TOPIC)
        consumer = Consumer(self.source.client(**{"group.id": GROUP}))
        places = [TopicPartition(TOPIC, number, end) for number, end in ends.items() if end]
        consumer.commit(offsets=places, asynchronous=False)
        consumer.close()

    def positions(self) -> dict[int, int]:
        return group_positions(self.keeper, GROUP, COPY, _PARTITIONS)

    def ends(self) -> dict[int, int]:
        """Return where the copies end that hold anything."""
        return {number: end for number, end in end_offsets(self.keeper, COPY).items() if end}

    def is_level(self, start: Mapping[int, int], copied: Mapping[int, int]) -> bool:
        """Wait until as much has arrived since as was written since."""

        def arrived() -> bool:
            there = sum(end_offsets(self.keeper, COPY).values()) - sum(copied.values())
            return there >= sum(end_offsets(self.source, TOPIC).values()) - sum(start.values())

        return wait_until(arrived, within=WITHIN)

    def compared(self, start: Mapping[int, int], copied: Mapping[int, int]) -> TopicComparison:
        return compare(
            TOPIC,
            _since(start, read_topic(self.source, TOPIC)),
            _since(copied, read_topic(self.keeper, COPY)),
        )

    def topics(self) -> set[str]:
        """Return what a flow from dev has made at stg and is still there."""
        found = set(AdminClient(self.keeper.client()).list_topics(timeout=20).topics)
        return found & {*COPIES, *INTERNAL, *STORAGE}

    def delete(self, topics: set[str]) -> None:
        admin = AdminClient(self.keeper.client())
        for one in admin.delete_topics(sorted(topics)).values():
            one.result(30)

    def is_away(self) -> bool:
        try:
            self.stacks.api("stg").get(
                "kafka.strimzi.io/v1", "KafkaMirrorMaker2", "dev-to-stg", "kafka-stg"
            )
        except NotFoundError:
            return True
        return False

    def remove(self) -> None:
        """Stop the flow, so that it keeps its place to the last record, and take it away."""
        with self.stacks.configured("stg", _stopped):
            deployed(self.stacks, "stg")
        with self.stacks.configured("stg", _without_flow):
            deployed(self.stacks, "stg")
        assert self.is_away()


def test_a_flow_that_was_removed_goes_on_when_it_is_made_again_and_starts_afresh_on_purpose(
    stacks: SmallStacks, tmp_path: Path, figures: Figures
) -> None:
    removal = Removal(stacks, tmp_path)
    try:
        with stacks.configured("stg", _watched):
            deployed(stacks, "stg")
            start, copied = end_offsets(removal.source, TOPIC), end_offsets(removal.keeper, COPY)
            removal.send()
            removal.commit()
            assert removal.is_level(start, copied)
            assert wait_until(lambda: removal.positions() == removal.ends(), within=WITHIN)
            synced = removal.positions()

            removal.remove()
            left, left_positions = removal.topics(), removal.positions()
            removal.send()
            deployed(stacks, "stg")
            assert removal.is_level(start, copied)
            again = removal.compared(start, copied)

            removal.remove()
            removal.delete(removal.topics())
            # Kafka forgets where groups were in a topic a moment after the topic.
            assert wait_until(lambda: not removal.positions(), within=WITHIN)
            deployed(stacks, "stg")
            nothing: dict[int, int] = {}
            assert removal.is_level(nothing, nothing)
            afresh = removal.compared(nothing, nothing)
            removal.commit()
            assert wait_until(lambda: removal.positions() == removal.ends(), within=WITHIN)
    finally:
        deployed(stacks, "stg")

    for what, found in (("made again", again), ("made afresh", afresh)):
        figures(
            "A flow that was removed",
            what=what,
            mirrored=found.at_target,
            lost=found.lost,
            doubled=found.duplicated,
        )
    assert left == {*COPIES, *INTERNAL, *STORAGE}
    assert left_positions == synced
    assert again.is_equal
    assert afresh.is_equal


def _since(
    start: Mapping[int, int], records: Mapping[int, Sequence[Record]]
) -> dict[int, Sequence[Record]]:
    return {number: found[start.get(number, 0) :] for number, found in records.items()}
