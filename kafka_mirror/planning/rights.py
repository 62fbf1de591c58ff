"""What a right is, in Kafka's words, and how selections of topics, groups and transactional ids become resources.

Which rights a role needs is in `roles`, what several of them allow together in `authorizer`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from kafka_mirror.mirrormaker import patterns
from kafka_mirror.topology import (
    GroupName,
    GroupPattern,
    TopicName,
    TopicPattern,
    TransactionalId,
    TransactionalIdPattern,
)
from kafka_mirror.topology.acls import AclPermission, Operation, PatternType, ResourceType

ANY_HOST: Final = "*"

_TYPES_IN_WORDS: Final[dict[ResourceType, str]] = {"transactionalId": "transactional id"}


@dataclass(frozen=True, slots=True, order=True)
class Resource:
    """What a right is about: one name, every name with a prefix, or (``*``) every name.

    The cluster has no name.
    """

    type: ResourceType
    name: str
    pattern_type: PatternType = "literal"

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
        if self.type == "cluster":
            return "the cluster"
        kind = _TYPES_IN_WORDS.get(self.type, self.type)
        if self.pattern_type == "prefix":
            return f"every {kind} '{self.name}…'"
        return f"every {kind}" if self.name == "*" else f"{kind} '{self.name}'"


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """Operations that a user may, or (``deny``) may never, carry out on one resource.

    Attributes:
        host: The one address from which that holds, or any.
    """

    resource: Resource
    operations: tuple[Operation, ...]
    type: AclPermission = "allow"
    host: str = ANY_HOST

    def __str__(self) -> str:
        """Return how a message calls it."""
        never = "never " if self.type == "deny" else ""
        only = "" if self.host == ANY_HOST else f" from {self.host}"
        return f"{never}{', '.join(self.operations)} on {self.resource}{only}"


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


def transactional_resources(
    selection: Iterable[TransactionalId | TransactionalIdPattern],
) -> tuple[Resource, ...]:
    """Return the narrowest resources that cover the transactional ids."""
    return tuple(found for one in selection for found in _resources("transactionalId", one, ""))


def _resources(
    kind: ResourceType,
    one: str | TopicPattern | GroupPattern | TransactionalIdPattern,
    prefix: str,
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
