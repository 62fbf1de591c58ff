"""How the rights of a replicated user read at the target of a prefix flow.

What is read at the source arrives as ``<source>.<topic>``: reading and describing hold for both names. Writing and
administering stay local, so they hold for the name without the prefix alone: the copy is MirrorMaker's. A denial is no
right, and holds for the copy whole, or a copy could be used where the original cannot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from kafka_mirror.mirrormaker import patterns
from kafka_mirror.mirrormaker.keys import SEPARATOR
from kafka_mirror.topology import (
    Access,
    Acl,
    AdminAccess,
    ConsumerAccess,
    MirrorSourceAccess,
    ObserverAccess,
    SiteName,
    TopicName,
    TopicPattern,
)
from kafka_mirror.topology.acls import ANY_NAME, Operation, TopicResource
from kafka_mirror.topology.names import MAX_TOPIC

_READING: Final[tuple[Operation, ...]] = ("Read", "Describe", "DescribeConfigs")


def translated(access: Access, *, source: SiteName) -> tuple[Access, ...]:
    """Return a role as it reads at the target of a prefix flow, which for an admin takes several roles."""
    match access:
        case ConsumerAccess() | MirrorSourceAccess() | ObserverAccess():
            topics = (*access.topics, *_arriving(access.topics, source))
            return (access.model_copy(update={"topics": topics}),)
        case AdminAccess():
            arriving = _arriving(access.topics, source)
            return (access, *(_seen_by_an_admin(access, arriving) if arriving else ()))
        case _:
            return (access,)


def _seen_by_an_admin(
    access: AdminAccess, topics: tuple[TopicName | TopicPattern, ...]
) -> Iterator[Access]:
    """Yield what an administrator may do with copies: see them, and set its groups' positions in them."""
    yield ObserverAccess(role="observer", topics=topics, groups=())
    if access.groups:
        yield ConsumerAccess(role="consumer", topics=topics, groups=())


def _arriving(
    topics: Iterable[TopicName | TopicPattern], source: SiteName
) -> tuple[TopicName | TopicPattern, ...]:
    """Return the names under which topics arrive, but for those too long to arrive at all."""
    prefix = source + SEPARATOR
    names = (_behind(prefix, one) for one in topics)
    return tuple(one for one in names if not isinstance(one, str) or len(one) <= MAX_TOPIC)


def _behind(prefix: str, one: TopicName | TopicPattern) -> TopicName | TopicPattern:
    if isinstance(one, str):
        return TopicName(prefix + one)
    return TopicPattern(pattern=patterns.behind(prefix, one.pattern))


def translated_acls(acls: Iterable[Acl], *, source: SiteName) -> tuple[Acl, ...]:
    """Return a user's own ACLs as they read at the target of a prefix flow, each before what it becomes there."""
    return tuple(found for one in acls for found in (one, *_of_what_arrives(one, source)))


def _of_what_arrives(acl: Acl, source: SiteName) -> Iterator[Acl]:
    resource = acl.resource
    if not isinstance(resource, TopicResource) or resource.name == ANY_NAME:
        return
    operations = acl.operations if acl.type == "deny" else _reading(acl.operations)
    name = source + SEPARATOR + resource.name
    if operations and len(name) <= MAX_TOPIC:
        there = resource.model_copy(update={"name": name})
        yield acl.model_copy(update={"resource": there, "operations": operations})


def _reading(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    if "All" in operations:
        return _READING
    return tuple(one for one in _READING if one in operations)
