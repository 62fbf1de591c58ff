"""Offsets are translated by the last checkpoints of a topic, on librdkafka's own brokers in this process."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from confluent_kafka import KafkaError, Producer, TopicPartition

from kafka_mirror.errors import UnreachableError, UsageError
from kafka_mirror.live import OffsetAndMetadata, translate_offsets
from tests.mirrormaker.checkpoint_bytes import key_of, make_checkpoint, value_of

WITHIN = timedelta(seconds=20)


@dataclass
class Target:
    """A site with one broker, and the checkpoints of site ``dev`` on it."""

    producer: Producer
    bootstrap: str
    topic: str
    config: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.config = {"bootstrap.servers": self.bootstrap, "log_level": 0}

    def put(self, key: bytes | None, value: bytes | None) -> None:
        failed: list[KafkaError] = []
        self.producer.produce(
            self.topic,
            value,
            key,
            partition=0,
            on_delivery=lambda error, _: failed.append(error) if error else None,
        )
        assert self.producer.flush(10) == 0
        assert not failed

    def checkpoint(self, *names: Any, version: int = 0, **values: Any) -> None:
        one = make_checkpoint(*names, **values)
        self.put(key_of(one), value_of(one, version=version))

    def translated(self, group: str = "app") -> list[tuple[str, int, int, str]]:
        found = translate_offsets(self.config, self.alias, group, timeout=WITHIN)
        return [(key.topic, key.partition, *value) for key, value in found.items()]

    @property
    def alias(self) -> str:
        return self.topic.removesuffix(".checkpoints.internal")


@pytest.fixture(scope="module")
def broker() -> tuple[Producer, str]:
    producer = Producer({"bootstrap.servers": "none", "test.mock.num.brokers": 1, "log_level": 0})
    (one,) = producer.list_topics(timeout=10).brokers.values()
    return producer, f"{one.host}:{one.port}"


@pytest.fixture
def target(broker: tuple[Producer, str], request: pytest.FixtureRequest) -> Target:
    alias = re.sub(r"[^a-z0-9]", "-", request.node.name)
    made = Target(*broker, f"{alias}.checkpoints.internal")
    broker[0].list_topics(made.topic, timeout=10)  # these brokers make a topic for whoever asks
    return made


def test_the_last_checkpoint_of_each_partition_holds(target: Target) -> None:
    target.checkpoint("app", "dev.items", 1, upstream=5, downstream=5)
    target.checkpoint("app", "dev.items", 0, upstream=7, downstream=70)
    target.checkpoint("other", "dev.items", 0, upstream=9, downstream=90)
    target.checkpoint("app", "dev.items", 0, upstream=8, downstream=60, metadata="by hand")
    target.checkpoint("app", "dev.a", 11, upstream=1, downstream=1)

    assert target.translated() == [
        ("dev.a", 11, 1, ""),
        ("dev.items", 0, 60, "by hand"),
        ("dev.items", 1, 5, ""),
    ]


def test_the_keys_are_what_a_consumer_takes(target: Target) -> None:
    target.checkpoint("app", "dev.items", 0, upstream=7, downstream=70, metadata="m")

    found = translate_offsets(target.config, target.alias, "app", timeout=WITHIN)

    assert found[TopicPartition("dev.items", 0)] == OffsetAndMetadata(70, "m")
    ((key,),) = [list(found)]
    assert (key.topic, key.partition, key.offset, key.metadata) == ("dev.items", 0, 70, "m")


@pytest.mark.parametrize("group", ["nobody", "ap", "app "])
def test_a_group_without_checkpoints_has_no_offsets(target: Target, group: str) -> None:
    target.checkpoint("app")

    assert target.translated(group) == []


def test_an_empty_topic_has_no_offsets(target: Target) -> None:
    assert target.translated() == []


def test_many_checkpoints_are_read_to_the_last(target: Target) -> None:
    for offset in range(2500):
        one = make_checkpoint(partition=offset % 2, downstream=offset)
        target.producer.produce(target.topic, value_of(one), key_of(one), partition=0)
    assert target.producer.flush(10) == 0

    assert target.translated() == [("dev.items", 0, 2498, ""), ("dev.items", 1, 2499, "")]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        pytest.param(key_of(make_checkpoint()), b"", id="an empty value"),
        pytest.param(key_of(make_checkpoint())[:-1], value_of(make_checkpoint()), id="a short key"),
        pytest.param(b"garbage", value_of(make_checkpoint()), id="a key of somebody else"),
    ],
)
def test_what_is_no_checkpoint_is_passed_over(target: Target, key: bytes, value: bytes) -> None:
    target.checkpoint(downstream=3)
    target.put(key, value)

    assert target.translated() == [("dev.items", 0, 3, "")]


def test_an_unknown_version_is_told_whosever_it_is(target: Target) -> None:
    target.checkpoint(downstream=3)
    target.checkpoint("other", version=1)

    with pytest.raises(UsageError) as told:
        target.translated()

    assert str(told.value) == (
        f"topic {target.topic}, offset 1: the record is a checkpoint of version 1, where 0 is known. Take a release of "
        "kafka-mirror that knows the MirrorMaker that wrote it"
    )


@pytest.mark.parametrize(
    ("key", "value", "lacks"),
    [
        pytest.param(key_of(make_checkpoint("other")), None, "value", id="a tombstone"),
        pytest.param(None, value_of(make_checkpoint()), "key", id="a record without a key"),
    ],
)
def test_half_a_record_is_told_as_java_fails_at_it(
    target: Target, key: bytes | None, value: bytes | None, lacks: str
) -> None:
    target.put(key, value)

    with pytest.raises(UsageError) as told:
        target.translated()

    assert str(told.value) == (
        f"topic {target.topic}, offset 0: the record has no {lacks}, and MirrorMaker writes none such: somebody else "
        "writes to this topic. Java's RemoteClusterUtils fails at it as well. It goes when the topic is compacted; until "
        "then take the offsets that the flow has synced to the group"
    )


def test_an_offset_below_zero_is_told(target: Target) -> None:
    target.checkpoint("other", downstream=-1)
    assert target.translated() == []
    target.checkpoint(downstream=-1)

    with pytest.raises(UsageError) as told:
        target.translated()

    assert str(told.value) == (
        f"topic {target.topic}: group app has offset -1 in dev.items[0], and no partition begins below 0. Translate again "
        "once the flow has written another checkpoint"
    )


def test_the_settings_of_the_caller_hold_but_for_those_of_reading(target: Target) -> None:
    target.checkpoint(downstream=3)
    target.config |= {
        "group.id": "mine",
        "enable.auto.commit": True,
        "auto.offset.reset": "latest",
        "enable.partition.eof": False,
        "isolation.level": "read_committed",
    }

    assert target.translated() == [("dev.items", 0, 3, "")]


def test_a_setting_that_the_library_does_not_know_is_told(target: Target) -> None:
    target.config["bootstrap.server"] = "x"

    with pytest.raises(UsageError) as told:
        target.translated()

    assert str(told.value) == 'consumer_config: No such configuration property: "bootstrap.server"'


def test_a_target_that_does_not_answer_is_told_with_the_reason() -> None:
    heard: list[KafkaError] = []
    config = {"bootstrap.servers": "127.0.0.1:1", "log_level": 0, "error_cb": heard.append}

    with pytest.raises(UnreachableError) as told:
        translate_offsets(config, "dev", "app", timeout=timedelta(seconds=0.5))

    assert str(told.value).startswith("topic dev.checkpoints.internal at 127.0.0.1:1: ")
    assert "Connection refused" in str(told.value)
    assert heard


def test_a_topic_that_is_not_read_in_time_is_told(target: Target) -> None:
    with pytest.raises(UnreachableError) as told:
        translate_offsets(target.config, target.alias, "app", timeout=timedelta(0))

    assert str(told.value) == (
        f"topic {target.topic} at {target.bootstrap}: its end was not reached within 0 s"
    )
