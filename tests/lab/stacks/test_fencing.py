"""Fencing on real brokers: an application writes at the one site where it is not fenced, and all else goes on.

The steps are those of a failover: the target stands by, fenced by its flow; then the source is fenced and the target is not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

from lab.demo.applications import Application
from lab.demo.reading import end_offsets
from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.stacks.small import SmallStacks, changed

pytestmark = pytest.mark.lab

Configuration = dict[str, Any]
At = Callable[[str, str], Application]
ACCEPTED, REFUSED = KafkaError.NO_ERROR, KafkaError.TOPIC_AUTHORIZATION_FAILED
WITHIN = timedelta(seconds=180)
USER, GROUP = "item-producer", "ItemProducer"
TABLE = (
    "Fencing: from the end of `up` to the first answer that is right, of a producer that runs on"
)


def let_it_read_too(configuration: Configuration) -> None:
    access = {"role": "consumer", "topics": ["items"], "groups": [GROUP]}
    configuration["users"][USER]["access"].append(access)


def stand_by(configuration: Configuration) -> None:
    configuration["topics"] = {"items": {"sites": ["stg"]}}
    configuration["flows"]["dev-to-stg"]["fenced"] = True


def fence_at_dev(configuration: Configuration) -> None:
    configuration["users"][USER]["fenced"] = True


def unfence_at_dev(configuration: Configuration) -> None:
    del configuration["users"][USER]["fenced"]


def unfence_at_stg(configuration: Configuration) -> None:
    configuration["flows"]["dev-to-stg"]["fenced"] = []


@pytest.fixture
def standing_by(stacks: SmallStacks) -> Iterator[SmallStacks]:
    """Let the application write at dev alone; in the end put back whatever the test changed."""
    files = {name: stacks.directory / f"Pulumi.{name}.yaml" for name in ("dev", "stg")}
    written = {name: file.read_text() for name, file in files.items()}
    try:
        stacks.edit("dev", let_it_read_too)
        stacks.up("dev")
        stacks.edit("stg", stand_by)
        stacks.up("stg")
        yield stacks
    finally:
        for name, file in files.items():
            file.write_text(written[name])
            stacks.up(name)


@pytest.fixture
def at(standing_by: SmallStacks, tmp_path: Path) -> At:
    passwords = standing_by.outputs("dev")["credentials"]
    sites = {site: standing_by.outputs(site)["sites"] for site in ("dev", "stg")}

    def application(site: str, user: str) -> Application:
        return Application.at(
            site, user, sites=sites[site], passwords=passwords, directory=tmp_path
        )

    return application


def writer(application: Application, **settings: Any) -> Producer:
    return Producer(application.client(**{"message.timeout.ms": 60_000, **settings}))


def canary(producer: Producer) -> int:
    """Write one record to the application's topic and return the code of the answer."""
    answers: list[KafkaError | None] = []
    producer.produce("items", b"canary", on_delivery=lambda error, _: answers.append(error))
    producer.flush(70)
    (error,) = answers
    return ACCEPTED if error is None else int(error.code())


def soon(wanted: int, producer: Producer) -> str:
    """Write until the answer is the wanted one, and return how long that took."""
    begun = time.monotonic()
    assert wait_until(lambda: canary(producer) == wanted, within=WITHIN)
    return f"{time.monotonic() - begun:.2f}"


def read_and_commit(application: Application, group: str) -> int:
    """Read one record at least as a member of a group, and return the sum of the positions it commits."""
    settings = {"group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False}
    consumer = Consumer(application.client(**settings))
    consumer.subscribe(["items"])
    try:
        message = consumer.poll(WITHIN.total_seconds())
        assert message is not None
        assert message.error() is None, message.error()
        while message is not None:
            message = consumer.poll(2)
        return sum(max(one.offset, 0) for one in consumer.commit(asynchronous=False) or [])
    finally:
        consumer.close()


def position(application: Application, group: str, topic: str) -> int:
    """Return the sum of what a group has committed of a topic."""
    consumer = Consumer(application.client(**{"group.id": group}))
    partitions = [TopicPartition(topic, number) for number in end_offsets(application, topic)]
    try:
        return sum(max(one.offset, 0) for one in consumer.committed(partitions, timeout=15))
    finally:
        consumer.close()


def test_an_application_writes_where_it_is_not_fenced_and_all_else_goes_on(
    standing_by: SmallStacks, at: At, figures: Figures
) -> None:
    stacks = standing_by
    at_dev, at_stg = writer(at("dev", USER)), writer(at("stg", USER))
    assert (canary(at_dev), canary(at_stg)) == (ACCEPTED, REFUSED)

    stacks.edit("dev", fence_at_dev)
    assert changed(stacks.preview("stg")) == set()
    assert changed(stacks.up("dev")) == {("update", "KafkaUser/dev-item-producer")}
    figures(TABLE, change="fenced at dev", seconds=soon(REFUSED, at_dev))

    written = end_offsets(at("dev", "item-consumer"), "items")
    assert canary(writer(at("dev", USER))) == REFUSED
    assert stacks.outputs("dev")["sites"]["dev"]["users"][USER]["fenced"] is True
    assert read_and_commit(at("dev", USER), GROUP) == sum(written.values())
    target = at("stg", "item-consumer")
    synced = position(target, "ItemConsumer", "dev.items")
    read_and_commit(at("dev", "item-consumer"), "ItemConsumer")
    # The canary that was accepted has arrived by then, and the group's new place with it: the mirror goes on.
    assert wait_until(lambda: position(target, "ItemConsumer", "dev.items") > synced, within=WITHIN)

    stacks.edit("stg", unfence_at_stg)
    assert changed(stacks.up("stg")) == {("update", "KafkaUser/stg-item-producer")}
    figures(TABLE, change="unfenced at stg", seconds=soon(ACCEPTED, at_stg))
    assert canary(at_dev) == REFUSED
    assert end_offsets(at("dev", "item-consumer"), "items") == written

    stacks.edit("dev", unfence_at_dev)
    assert changed(stacks.up("dev")) == {("update", "KafkaUser/dev-item-producer")}
    figures(TABLE, change="unfenced at dev", seconds=soon(ACCEPTED, at_dev))
