"""What applications do all day, and the first refusal they meet in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka import admin as annotated_admin

from tests.lab.operator.live import eventually
from tests.lab.rights.brokers import Broker

admin: Any = annotated_admin
Answer = KafkaError | None
PATIENCE: Final = 30.0
_WITHIN: Final = timedelta(seconds=60)
_REFUSALS: Final = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    }
)
_DONE_ALREADY: Final = frozenset(
    {
        KafkaError.TOPIC_ALREADY_EXISTS,
        KafkaError.INVALID_PARTITIONS,
        KafkaError.GROUP_ID_NOT_FOUND,
    }
)


@dataclass(frozen=True)
class Job:
    """Who works where, and with what.

    Attributes:
        own: The topic that the application writes or administers.
        read: The topics that it reads or sees.
    """

    broker: Broker
    user: str
    own: str
    read: tuple[str, ...]
    group: str
    transactional_id: str


def send(job: Job) -> Answer:
    """Write a record."""
    errors: list[KafkaError] = []
    producer = Producer(job.broker.client(job.user, **{"message.timeout.ms": 30_000}))
    producer.produce(job.own, b"x", on_delivery=lambda e, _: errors.append(e) if e else None)
    # Longer than a record is tried for: what is not answered then has failed, and is told so.
    producer.flush(2 * PATIENCE)
    return errors[0] if errors else None


def receive(job: Job) -> Answer:
    """Read the first record of each topic as a member of the group, and commit."""
    consumer = _consumer(job)
    consumer.subscribe(list(job.read))
    left = set(job.read)
    try:
        while left:
            message = consumer.poll(PATIENCE)
            if message is None:
                return KafkaError(KafkaError._TIMED_OUT)
            if error := message.error():
                return error
            left.discard(str(message.topic()))
        # Back to the beginning, so that the next one finds the same.
        consumer.commit(offsets=[TopicPartition(one, 0, 0) for one in job.read], asynchronous=False)
    except KafkaException as refused:
        return _error_of(refused)
    finally:
        consumer.close()
    return None


def transact(job: Job) -> Answer:
    """Write a record in a transaction."""
    return _in_a_transaction(job, lambda _: None)


def process(job: Job) -> Answer:
    """Write a record and commit what was read for it, all in one transaction."""
    consumer = _consumer(job)
    positions = [TopicPartition(one, 0, 1) for one in job.read]
    try:
        return _in_a_transaction(
            job,
            lambda producer: producer.send_offsets_to_transaction(
                positions, consumer.consumer_group_metadata(), PATIENCE
            ),
        )
    finally:
        consumer.close()


def _in_a_transaction(job: Job, more: Callable[[Producer], object]) -> Answer:
    errors: list[KafkaError] = []
    producer = Producer(job.broker.client(job.user, **{"transactional.id": job.transactional_id}))
    try:
        producer.init_transactions(PATIENCE)
        producer.begin_transaction()
        producer.produce(job.own, b"x", on_delivery=lambda e, _: errors.append(e) if e else None)
        producer.flush(PATIENCE)
        more(producer)
        producer.commit_transaction(PATIENCE)
    except KafkaException as refused:
        errors.append(_error_of(refused))
    return next((one for one in errors if one.code() in _REFUSALS), None)


def observe(job: Job) -> Answer:
    """See topics, their settings and ends, and the group's members and positions."""
    client = admin.AdminClient(job.broker.client(job.user))
    ends = {TopicPartition(one, 0): admin.OffsetSpec.latest() for one in job.read}
    settings = [admin.ConfigResource(admin.ConfigResource.Type.TOPIC, one) for one in job.read]
    return _first_refusal(
        lambda: client.describe_topics(TopicCollection(list(job.read))),
        lambda: client.describe_configs(settings),
        lambda: client.list_offsets(ends),
        lambda: client.describe_consumer_groups([job.group]),
        lambda: client.list_consumer_group_offsets([ConsumerGroupTopicPartitions(job.group)]),
    )


def administer(job: Job) -> Answer:
    """Make a topic, change and empty it, set the group's positions, and delete both."""
    client = admin.AdminClient(job.broker.client(job.user))
    first = [TopicPartition(one, 0, 0) for one in job.read]
    settings = [admin.ConfigResource(admin.ConfigResource.Type.TOPIC, one) for one in job.read]
    change = admin.ConfigResource(
        admin.ConfigResource.Type.TOPIC,
        job.own,
        incremental_configs=[
            admin.ConfigEntry(
                "retention.ms", "86400001", incremental_operation=admin.AlterConfigOpType.SET
            )
        ],
    )
    return _first_refusal(
        lambda: client.create_topics([admin.NewTopic(job.own, 1, 1)]),
        lambda: client.create_partitions([admin.NewPartitions(job.own, 2)]),
        lambda: client.incremental_alter_configs([change]),
        lambda: client.describe_topics(TopicCollection(list(job.read))),
        lambda: client.describe_configs(settings),
        lambda: client.delete_records([TopicPartition(job.own, 0, 0)]),
        lambda: client.alter_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(job.group, first)]
        ),
        lambda: client.describe_consumer_groups([job.group]),
        lambda: client.list_consumer_group_offsets([ConsumerGroupTopicPartitions(job.group)]),
        lambda: client.delete_consumer_groups([job.group]),
        lambda: client.delete_topics([job.own]),
    )


def _consumer(job: Job) -> Consumer:
    settings = {
        "group.id": job.group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        # One that is refused its group may not even leave it, and the next one waits until it is given up.
        "session.timeout.ms": 6000,
    }
    return Consumer(job.broker.client(job.user, **settings))


def _error_of(refused: KafkaException) -> KafkaError:
    error = refused.args[0]
    assert isinstance(error, KafkaError)
    return error


def _first_refusal(*steps: Callable[[], dict[Any, Any]]) -> Answer:
    """Take one step after the other, each until it is done or refused."""
    return next((error for step in steps if (error := _refusal_of(step)) is not None), None)


def _refusal_of(step: Callable[[], dict[Any, Any]]) -> Answer:
    refused: list[KafkaError] = []

    def is_settled() -> bool:
        errors = [one for one in _errors(step()) if one.code() not in _DONE_ALREADY]
        refused.extend(one for one in errors if one.code() in _REFUSALS)
        return bool(refused) or not errors

    # A topic that was just made has no leader yet, and a group no coordinator.
    eventually(is_settled, within=_WITHIN, why="a step of the work is taken or refused")
    return refused[0] if refused else None


def _errors(futures: dict[Any, Any]) -> Iterable[KafkaError]:
    for future in futures.values():
        try:
            found = future.result(PATIENCE)
        except KafkaException as refused:
            yield _error_of(refused)
            continue
        for partition in getattr(found, "topic_partitions", None) or ():
            if partition.error is not None:
                yield partition.error
