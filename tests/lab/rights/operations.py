"""What a client can ask of a broker, and whether it may: each operation with the right that Kafka asks for it.

Most is asked so that it changes nothing that matters if it is allowed: settings, partitions and topics are only validated. What
deletes comes last.
Listing users, which needs the same right as listing access rules, is left out: librdkafka aborts when that is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, Literal

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

from kafka_mirror.planning import Right
from lab.ports import LOOPBACK
from tests.lab.rights.brokers import Broker

admin: Any = annotated_admin
Kind = Literal["topic", "group", "transactionalId", "cluster"]
_SECONDS = 30.0
_REFUSALS: Final = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        # What librdkafka makes of a topic that it cannot see, where it has to ask its leader.
        KafkaError._NOENT,
    }
)
_IMPLIES: Final[Mapping[str, frozenset[str]]] = {
    "Describe": frozenset({"Read", "Write", "Alter", "Delete"}),
    "DescribeConfigs": frozenset({"AlterConfigs"}),
}


@dataclass(frozen=True)
class Operation:
    """One thing to ask about one resource.

    Attributes:
        name: What it does.
        kind: Of the resource.
        needs: The right that Kafka asks for.
        ask: Does it; raises KafkaException, or returns the errors that came back.
    """

    name: str
    kind: Kind
    needs: str
    ask: Callable[[Client, str], object]


class Client:
    """One user at one broker, with one connection for each kind of client."""

    def __init__(self, broker: Broker, user: str) -> None:
        self.admin = admin.AdminClient(broker.client(user))
        self.producer = Producer(broker.client(user, **{"message.timeout.ms": 20_000}))
        self.settings = broker.client(user)

    def may(self, operation: Operation, name: str) -> bool:
        """Ask, and tell whether the authorizer let it pass, whatever came of it."""
        try:
            errors = operation.ask(self, name)
        except KafkaException as error:
            errors = [error.args[0]]
        return not any(error.code() in _REFUSALS for error in _flat(errors))

    def consumer(self, group: str) -> Consumer:
        return Consumer({**self.settings, "group.id": group, "enable.auto.commit": False})


def allowed(rights: tuple[Right, ...], operation: Operation, name: str) -> bool:
    """Tell whether rights allow an operation from here, as Kafka's documentation of its authorizer reads."""
    matching = [right for right in rights if _is_about(right, operation.kind, name)]
    denied = {one for right in matching if right.type == "deny" for one in right.operations}
    granted = {one for right in matching if right.type == "allow" for one in right.operations}
    enough = {"All", operation.needs} | _IMPLIES.get(operation.needs, frozenset())
    return bool(enough & granted) and not {"All", operation.needs} & denied


def _is_about(right: Right, kind: Kind, asked: str) -> bool:
    resource = right.resource
    if resource.type != kind or right.host not in {"*", LOOPBACK}:
        return False
    if kind == "cluster" or resource.name == "*":
        return True
    is_start = resource.pattern_type == "prefix"
    return asked.startswith(resource.name) if is_start else asked == resource.name


def _flat(errors: object) -> Iterator[KafkaError]:
    if isinstance(errors, KafkaError):
        yield errors
    elif isinstance(errors, (list, tuple)):
        for one in errors:
            yield from _flat(one)


def _each(futures: Mapping[Any, Future[Any]]) -> list[object]:
    return [future.result(_SECONDS) for future in futures.values()]


def _write(client: Client, topic: str) -> object:
    errors: list[KafkaError | None] = []
    client.producer.produce(topic, b"x", partition=0, on_delivery=lambda e, _: errors.append(e))
    client.producer.flush(_SECONDS)
    return errors


def _read(client: Client, topic: str) -> object:
    consumer = client.consumer("unused")
    try:
        # Without a leader there is nobody to ask for records.
        unseen = consumer.list_topics(topic, timeout=_SECONDS).topics[topic].error
        if unseen is not None:
            return unseen
        consumer.assign([TopicPartition(topic, 0, 0)])
        while True:
            message = consumer.poll(_SECONDS)
            assert message is not None, f"nothing to read in {topic}"
            error = message.error()
            # librdkafka looks its group up even if it never joins it, and goes on when that is refused.
            if error is None or error.code() != KafkaError.GROUP_AUTHORIZATION_FAILED:
                return error
    finally:
        consumer.close()


def _commit(client: Client, group: str) -> object:
    request = [ConsumerGroupTopicPartitions(group, [TopicPartition("any", 0, 0)])]
    (found,) = _each(client.admin.alter_consumer_group_offsets(request))
    errors = [one.error for one in found.topic_partitions]  # type: ignore[attr-defined]
    return [one for one in errors if one and one.code() != KafkaError.TOPIC_AUTHORIZATION_FAILED]


def _topic_config(client: Client, topic: str) -> Any:
    entry = admin.ConfigEntry(
        "retention.ms", "1000", incremental_operation=admin.AlterConfigOpType.SET
    )
    kind = admin.ConfigResource.Type.TOPIC
    return admin.ConfigResource(kind, topic, incremental_configs=[entry])


def _broker_config(_: Client, broker: str) -> Any:
    entry = admin.ConfigEntry(
        "log.cleaner.threads", "1", incremental_operation=admin.AlterConfigOpType.SET
    )
    kind = admin.ConfigResource.Type.BROKER
    return admin.ConfigResource(kind, broker, incremental_configs=[entry])


def _new_acl() -> Any:
    return admin.AclBinding(
        admin.ResourceType.TOPIC,
        "*",
        admin.ResourcePatternType.LITERAL,
        "User:anybody",
        "*",
        admin.AclOperation.ALL,
        admin.AclPermissionType.ALLOW,
    )


def _access_rules(client: Client, _: str) -> object:
    everything = admin.AclBindingFilter(
        admin.ResourceType.ANY,
        None,
        admin.ResourcePatternType.ANY,
        None,
        None,
        admin.AclOperation.ANY,
        admin.AclPermissionType.ANY,
    )
    # A refusal comes back as no rules at all, and there are some.
    found = client.admin.describe_acls(everything).result(_SECONDS)
    return [] if found else KafkaError(KafkaError.CLUSTER_AUTHORIZATION_FAILED)


def _password(client: Client, user: str) -> object:
    info = admin.ScramCredentialInfo(admin.ScramMechanism.SCRAM_SHA_512, 4096)
    change = admin.UserScramCredentialUpsertion(user, info, b"taken-over")
    return _each(client.admin.alter_user_scram_credentials([change]))


def _transaction(client: Client, name: str) -> object:
    producer = Producer({**client.settings, "transactional.id": name})
    producer.init_transactions(_SECONDS)
    return None


OPERATIONS: Final = (
    Operation("write", "topic", "Write", _write),
    Operation("read", "topic", "Read", _read),
    Operation(
        "describe",
        "topic",
        "Describe",
        lambda c, t: _each(c.admin.describe_topics(TopicCollection([t]))),
    ),
    Operation(
        "create",
        "topic",
        "Create",
        lambda c, t: _each(c.admin.create_topics([admin.NewTopic(t, 1, 1)], validate_only=True)),
    ),
    Operation(
        "see ends",
        "topic",
        "Describe",
        lambda c, t: _each(c.admin.list_offsets({TopicPartition(t, 0): admin.OffsetSpec.latest()})),
    ),
    Operation(
        "delete records",
        "topic",
        "Delete",
        lambda c, t: _each(c.admin.delete_records([TopicPartition(t, 0, 0)])),
    ),
    Operation(
        "add partitions",
        "topic",
        "Alter",
        lambda c, t: _each(
            c.admin.create_partitions([admin.NewPartitions(t, 9)], validate_only=True)
        ),
    ),
    Operation(
        "change settings",
        "topic",
        "AlterConfigs",
        lambda c, t: _each(
            c.admin.incremental_alter_configs([_topic_config(c, t)], validate_only=True)
        ),
    ),
    Operation(
        "see settings",
        "topic",
        "DescribeConfigs",
        lambda c, t: _each(c.admin.describe_configs([_topic_config(c, t)])),
    ),
    Operation("commit", "group", "Read", _commit),
    Operation(
        "see positions",
        "group",
        "Describe",
        lambda c, g: _each(c.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(g)])),
    ),
    Operation(
        "see members",
        "group",
        "Describe",
        lambda c, g: _each(c.admin.describe_consumer_groups([g])),
    ),
    Operation("see access rules", "cluster", "Describe", _access_rules),
    Operation("grant", "cluster", "Alter", lambda c, _: _each(c.admin.create_acls([_new_acl()]))),
    Operation("set a password", "cluster", "Alter", _password),
    Operation(
        "see broker settings",
        "cluster",
        "DescribeConfigs",
        lambda c, _: _each(c.admin.describe_configs([_broker_config(c, "0")])),
    ),
    Operation(
        "change broker settings",
        "cluster",
        "AlterConfigs",
        lambda c, _: _each(
            c.admin.incremental_alter_configs([_broker_config(c, "0")], validate_only=True)
        ),
    ),
    Operation("begin a transaction", "transactionalId", "Write", _transaction),
    Operation(
        "delete group", "group", "Delete", lambda c, g: _each(c.admin.delete_consumer_groups([g]))
    ),
    Operation("delete", "topic", "Delete", lambda c, t: _each(c.admin.delete_topics([t]))),
)
