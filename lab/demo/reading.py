"""Reads whole topics and group positions of a site, without joining any consumer group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar, cast

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from lab.demo.applications import Application
from lab.demo.comparison import Record
from lab.errors import LabError
from lab.waiting import wait_until

_BATCH = 5000
_REQUEST = 15.0
_ANSWERED_WITHIN = timedelta(seconds=60)
_ASK_AGAIN_AFTER = timedelta(milliseconds=200)
# A topic is known a moment before its leader is, a group before its coordinator; and a machine may have too much to do.
_PASSING = frozenset(
    {
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError._TIMED_OUT,  # noqa: SLF001 - no public name
        KafkaError._TRANSPORT,  # noqa: SLF001
        KafkaError._UNKNOWN_PARTITION,  # noqa: SLF001
    }
)
_Answer = TypeVar("_Answer")


def end_offsets(application: Application, topic: str) -> dict[int, int]:
    """Return the next offset of each partition; empty if the topic does not exist yet."""
    consumer = _consumer(application)

    def ask() -> dict[int, int]:
        return {
            number: consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=_REQUEST)[
                1
            ]
            for number in _partitions(consumer, topic)
        }

    try:
        return answered(ask)
    finally:
        consumer.close()


def read_topic(
    application: Application, topic: str, *, within: timedelta = timedelta(seconds=60)
) -> dict[int, list[Record]]:
    """Return every record of a topic, by partition and in order.

    Raises:
        LabError: If the end is not reached in time.
    """
    consumer = _consumer(application)
    try:
        partitions = answered(lambda: _partitions(consumer, topic))
        consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
        return _read_to_the_end(consumer, topic, partitions, within)
    finally:
        consumer.close()


def _consumer(application: Application) -> Consumer:
    # The library looks its group up even if it never joins it, so it must be one the user may read.
    settings = {
        "group.id": application.group,
        "enable.auto.commit": False,
        "enable.partition.eof": True,
    }
    return Consumer(application.client(**settings))


def _read_to_the_end(
    consumer: Consumer, topic: str, partitions: Sequence[int], within: timedelta
) -> dict[int, list[Record]]:
    records: dict[int, list[Record]] = {number: [] for number in partitions}
    open_partitions: set[int | None] = set(partitions)
    silent = timedelta()
    while open_partitions:
        messages = consumer.consume(_BATCH, timeout=1.0)
        silent = timedelta() if messages else silent + timedelta(seconds=1)
        if silent > within:
            raise LabError(f"topic {topic} could not be read to its end within {within}")
        for message in messages:
            error, partition = message.error(), message.partition()
            if error is None and partition is not None:
                records[partition].append(_record(message))
            elif error is not None and error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - no public name
                open_partitions.discard(partition)
            else:
                raise KafkaException(error)
    return records


def _record(message: Message) -> Record:
    # The headers' declared type allows a mapping, which is only ever given when producing.
    headers = cast("list[tuple[str, bytes | None]]", message.headers() or [])
    return Record(message.key(), message.value(), tuple(headers), message.timestamp()[1])


def group_positions(
    application: Application, group: str, topic: str, partitions: int
) -> dict[int, int]:
    """Return the committed offset of each partition that has one."""
    admin = AdminClient(application.client())
    asked = [TopicPartition(topic, number) for number in range(partitions)]
    request = ConsumerGroupTopicPartitions(group, asked)

    def ask() -> dict[int, int]:
        asking = admin.list_consumer_group_offsets([request], request_timeout=_REQUEST)
        found = asking[group].result().topic_partitions
        return {one.partition: one.offset for one in found if one.offset >= 0}

    return answered(ask)


def answered(
    ask: Callable[[], _Answer],
    *,
    within: timedelta = _ANSWERED_WITHIN,
    every: timedelta = _ASK_AGAIN_AFTER,
) -> _Answer:
    """Ask a cluster until it answers, as long as what it says instead passes by itself.

    Raises:
        KafkaException: What it said instead, at once or in the end.
    """
    last: KafkaException | None = None
    found: list[_Answer] = []

    def is_answered() -> bool:
        nonlocal last
        try:
            found.append(ask())
        except KafkaException as error:
            if error.args[0].code() not in _PASSING:
                raise
            last = error
        return bool(found)

    if not wait_until(is_answered, within=within, every=every) and last is not None:
        raise last
    return found[0]


def _partitions(consumer: Consumer, topic: str) -> list[int]:
    known = consumer.list_topics(topic, timeout=_REQUEST).topics[topic]
    return [] if known.error is not None else sorted(known.partitions)
