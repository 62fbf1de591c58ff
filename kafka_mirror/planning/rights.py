"""Which rights a role needs, how they read at another site, and which are missing.

The least sets were found on Kafka 4.3.1's ``StandardAuthorizer`` by taking away one ACL at a time:
``Read`` brings ``Describe`` (so does ``Write``), ``AlterConfigs`` brings ``DescribeConfigs``, ``Create``
on the topic stands in for ``Create`` on the cluster, an idempotent producer needs ``Write`` on a topic
only (KIP-679), and ``ListGroups`` shows the groups one may describe. No right on the cluster is needed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from kafka_mirror.mirrormaker import patterns
from kafka_mirror.mirrormaker.keys import SEPARATOR
from kafka_mirror.topology import (
    Access,
    ConsumerAccess,
    GroupName,
    GroupPattern,
    MirrorSourceAccess,
    ProducerAccess,
    SiteName,
    TopicName,
    TopicPattern,
)
from kafka_mirror.topology.names import MAX_TOPIC

Operation = Literal[
    "Read", "Write", "Create", "Alter", "Describe", "AlterConfigs", "DescribeConfigs"
]

_IMPLIED: Final[dict[Operation, frozenset[Operation]]] = {
    "Read": frozenset({"Describe"}),
    "Write": frozenset({"Describe"}),
    "Alter": frozenset({"Describe"}),
    "AlterConfigs": frozenset({"DescribeConfigs"}),
}


@dataclass(frozen=True, slots=True, order=True)
class Resource:
    """What a right is about: one name, every name with a prefix, or (``*``) every name."""

    type: Literal["topic", "group"]
    name: str
    pattern_type: Literal["literal", "prefix"] = "literal"

    @property
    def is_wide(self) -> bool:
        """Whether this is about more than one name."""
        return self.pattern_type == "prefix" or self.name == "*"

    def covers(self, other: Resource) -> bool:
        """Whether a right on this holds for the other resource as well."""
        if self.type != other.type:
            return False
        if self.pattern_type == "prefix":
            return other.name.startswith(self.name) and other.name != "*"
        return self.name == "*" or self == other

    def __str__(self) -> str:
        """Return how a message calls it."""
        if self.pattern_type == "prefix":
            return f"every {self.type} '{self.name}…'"
        return f"every {self.type}" if self.name == "*" else f"{self.type} '{self.name}'"


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """Operations that a user may carry out on one resource, from any host."""

    resource: Resource
    operations: tuple[Operation, ...]

    def __str__(self) -> str:
        """Return how a message calls it."""
        return f"{', '.join(self.operations)} on {self.resource}"


def topic_resources(
    selection: Iterable[TopicName | TopicPattern], *, prefix: str = ""
) -> tuple[Resource, ...]:
    """Return the narrowest resources that cover the topics, under a prefix if there is one."""
    return tuple(found for one in selection for found in _resources("topic", one, prefix))


def group_resources(
    selection: Literal["all"] | Iterable[GroupName | GroupPattern],
) -> tuple[Resource, ...]:
    """Return the narrowest resources that cover the groups."""
    if isinstance(selection, str):
        return (Resource("group", "*"),)
    return tuple(found for one in selection for found in _resources("group", one, ""))


def _resources(
    kind: Literal["topic", "group"], one: str | TopicPattern | GroupPattern, prefix: str
) -> Iterator[Resource]:
    if isinstance(one, str):
        yield Resource(kind, prefix + one)
        return
    for covering in patterns.coverings(one.pattern):
        start = prefix + covering.start
        if covering.is_exact:
            yield Resource(kind, start)
        else:
            yield Resource(kind, start, "prefix") if start else Resource(kind, "*")


def translated(access: Access, *, source: SiteName) -> Access:
    """Return a role as it reads at the target of a prefix flow.

    What the role reads at the source arrives as ``<source>.<topic>``; writing stays local.
    """
    if not isinstance(access, (ConsumerAccess, MirrorSourceAccess)):
        return access
    prefix = source + SEPARATOR
    arriving = tuple(_behind(prefix, one) for one in access.topics)
    possible = tuple(one for one in arriving if not isinstance(one, str) or len(one) <= MAX_TOPIC)
    return access.model_copy(update={"topics": (*access.topics, *possible)})


def _behind(prefix: str, one: TopicName | TopicPattern) -> TopicName | TopicPattern:
    if isinstance(one, str):
        return TopicName(prefix + one)
    return TopicPattern(pattern=patterns.behind(prefix, one.pattern))


def rights_of(access: Access) -> tuple[Right, ...]:
    """Return the rights of one role; those of a mirror target follow from its flow instead."""
    match access:
        case ProducerAccess():
            return _each(topic_resources(access.topics), "Write")
        case ConsumerAccess():
            return (
                *_each(topic_resources(access.topics), "Read"),
                *_each(group_resources(access.groups), "Read"),
            )
        case MirrorSourceAccess():
            return (
                *_each(topic_resources(access.topics), "Read", "DescribeConfigs"),
                *_each(group_resources(access.groups), "Describe"),
            )
        case _:
            return ()  # a mirror target's, which follow from its flow


def _each(resources: Iterable[Resource], *operations: Operation) -> tuple[Right, ...]:
    return tuple(Right(resource, operations) for resource in resources)


def mirror_target_rights(
    *,
    mirrored: Iterable[Resource],
    groups: Iterable[Resource],
    worker_group: str,
    storage_topics: Iterable[str],
    checkpoints: str,
    offset_syncs: str,
) -> tuple[Right, ...]:
    """Return what MirrorMaker needs at the target with ``offset-syncs.topic.location=target``.

    Read on mirrored topics and on groups is for the group sync, Alter for added partitions,
    AlterConfigs for changed topic settings, Read on the checkpoints topic for a restart (KAFKA-15905).
    """
    own = [*storage_topics, checkpoints, offset_syncs]
    return (
        Right(Resource("group", worker_group), ("Read",)),
        *_each((Resource("topic", name) for name in own), "Create", "Read", "Write"),
        *_each(mirrored, "Create", "Write", "Read", "AlterConfigs", "Alter"),
        *_each(groups, "Read"),
    )


class _Granted:
    """What rights allow, by resource: the exact one, and the few that are about several names."""

    def __init__(self, rights: Iterable[Right]) -> None:
        self.by_resource: dict[Resource, set[Operation]] = defaultdict(set)
        for right in rights:
            self.by_resource[right.resource].update(right.operations)
        self._wide = [one for one in self.by_resource if one.is_wide]

    def by_others(self, resource: Resource) -> set[Operation]:
        """Return what is allowed on a resource by rights on wider ones, whatever they imply too."""
        return _with_implied(
            operation
            for other in self._wide
            if other != resource and other.covers(resource)
            for operation in self.by_resource[other]
        )

    def on(self, resource: Resource) -> set[Operation]:
        """Return everything that is allowed on a resource."""
        own = self.by_resource.get(resource, set())
        return _with_implied(own) | self.by_others(resource)


def _with_implied(operations: Iterable[Operation]) -> set[Operation]:
    own = set(operations)
    return own | {one for operation in own for one in _IMPLIED.get(operation, frozenset())}


def _without_implied(operations: set[Operation]) -> set[Operation]:
    return {
        one
        for one in operations
        if not any(one in _IMPLIED.get(other, frozenset()) for other in operations)
    }


def merged(rights: Iterable[Right]) -> tuple[Right, ...]:
    """Return the rights sorted, one per resource, without what another resource grants already."""
    granted = _Granted(rights)
    kept = []
    for resource, own in granted.by_resource.items():
        needed = _without_implied(own) - granted.by_others(resource)
        if needed:
            kept.append(Right(resource, tuple(sorted(needed))))
    return tuple(sorted(kept))


def missing(needed: Iterable[Right], granted: Iterable[Right]) -> tuple[Right, ...]:
    """Return what of `needed` no granted right covers, sorted."""
    held = _Granted(granted)
    lacking = []
    for right in needed:
        allowed = held.on(right.resource)
        operations = tuple(one for one in right.operations if one not in allowed)
        if operations:
            lacking.append(Right(right.resource, operations))
    return tuple(sorted(lacking))
