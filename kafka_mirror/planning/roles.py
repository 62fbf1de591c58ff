"""Which rights a role needs.

The least sets were found on Kafka 4.3.1's ``StandardAuthorizer`` by taking away one ACL at a time (``tests/lab/rights``
does it again): ``Create`` on the topic stands in for ``Create`` on the cluster, an idempotent producer needs ``Write`` on
a topic only (KIP-679), and ``ListGroups`` shows the groups one may describe. No role has a right on the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kafka_mirror.mirrormaker.internal_topics import offset_syncs_topic
from kafka_mirror.planning.rights import (
    Resource,
    Right,
    group_resources,
    topic_resources,
    transactional_resources,
)
from kafka_mirror.topology import (
    Access,
    Acl,
    AdminAccess,
    ConsumerAccess,
    MirrorSourceAccess,
    ObserverAccess,
    ProducerAccess,
    TransactionalProducerAccess,
)
from kafka_mirror.topology.acls import Operation


def rights_of(access: Access) -> tuple[Right, ...]:
    """Return the rights of one role; those of a mirror target follow from its flow instead."""
    return tuple(_rights_of(access))


def _rights_of(access: Access) -> Iterator[Right]:
    match access:
        case ProducerAccess():
            yield from _each(topic_resources(access.topics), "Write")
        case TransactionalProducerAccess():
            yield from _each(topic_resources(access.topics), "Write")
            yield from _each(transactional_resources(access.transactional_ids), "Write")
        case ConsumerAccess():
            yield from _each(topic_resources(access.topics), "Read")
            yield from _each(group_resources(access.groups), "Read")
        case ObserverAccess():
            yield from _each(topic_resources(access.topics), "Describe", "DescribeConfigs")
            yield from _each(group_resources(access.groups), "Describe")
        case AdminAccess():
            yield from _of_an_admin(access)
        case MirrorSourceAccess():
            yield from _each(topic_resources(access.topics), "Read", "DescribeConfigs")
            yield from _each(group_resources(access.groups), "Describe")
            yield from _keeping(map(offset_syncs_topic, access.offset_syncs_for))
        case _:
            return  # a mirror target's, which follow from its flow


def _of_an_admin(access: AdminAccess) -> Iterator[Right]:
    """Yield what administering topics and groups needs.

    To set a group's position is to commit it, and Kafka asks ``Read`` on the topic for that as well
    (``OffsetCommit``, ``OffsetDelete``): an administrator of topics alone does without.
    """
    topics = topic_resources(access.topics)
    yield from _each(topics, "Create", "Delete", "Alter", "AlterConfigs")
    if access.groups:
        yield from _each(topics, "Read")
        yield from _each(group_resources(access.groups), "Read", "Delete")


def rights_written(acls: Iterable[Acl]) -> tuple[Right, ...]:
    """Return a user's own ACLs as rights, as they were written and in that order."""
    return tuple(
        Right(
            Resource(one.resource.type, one.resource.name, one.resource.pattern_type),
            one.operations,
            one.type,
            one.host,
        )
        for one in acls
    )


def _keeping(topics: Iterable[str]) -> tuple[Right, ...]:
    """Return what MirrorMaker needs on the topics it keeps for itself."""
    return _each((Resource("topic", name) for name in topics), "Create", "Read", "Write")


def mirror_target_rights(
    *,
    mirrored: Iterable[Resource],
    groups: Iterable[Resource],
    worker_group: str,
    own_topics: Iterable[str],
    transactions: Iterable[Resource] = (),
) -> tuple[Right, ...]:
    """Return what MirrorMaker needs at the target.

    Read on mirrored topics and on groups is for the group sync, Alter for added partitions,
    AlterConfigs for changed topic settings, Read on the checkpoints topic for a restart (KAFKA-15905), Write on
    transactional ids for a worker that writes exactly once (KIP-618).

    Args:
        mirrored: The topics that arrive.
        groups: Whose offsets are synced, if any are.
        worker_group: Of the Connect worker.
        own_topics: The worker's storage topics, the checkpoints, and the offset syncs if they are kept here.
        transactions: Of a worker that writes exactly once, and of its tasks.
    """
    synced = tuple(_each(groups, "Read"))
    reading: tuple[Operation, ...] = ("Read",) if synced else ()
    return (
        Right(Resource("group", worker_group), ("Read",)),
        *_keeping(own_topics),
        *_each(mirrored, "Create", "Write", *reading, "AlterConfigs", "Alter"),
        *synced,
        *_each(transactions, "Write"),
    )


def _each(resources: Iterable[Resource], *operations: Operation) -> tuple[Right, ...]:
    return tuple(Right(resource, operations) for resource in resources)
