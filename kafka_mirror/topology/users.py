"""A Kafka user: where it exists, what proves who it is, and what it may do, by role."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool

from kafka_mirror.topology.names import FlowKey, SiteKey
from kafka_mirror.topology.selectors import GroupSelection, TopicSelection
from kafka_mirror.topology.written import Written


class ProducerAccess(Written):
    """May write these topics."""

    role: Literal["producer"]
    topics: TopicSelection


class ConsumerAccess(Written):
    """May read these topics and commit as these groups."""

    role: Literal["consumer"]
    topics: TopicSelection
    groups: GroupSelection


class MirrorSourceAccess(Written):
    """May mirror these topics, and the offsets of these groups, away from its site. Writes nothing."""

    role: Literal["mirror-source"]
    topics: TopicSelection
    groups: GroupSelection = "all"


class MirrorTargetAccess(Written):
    """May run this flow at its target: its worker, the mirrored topics and the synced groups."""

    role: Literal["mirror-target"]
    flow: FlowKey


Access = Annotated[
    ProducerAccess | ConsumerAccess | MirrorSourceAccess | MirrorTargetAccess,
    Field(discriminator="role"),
]


class User(Written):
    """A user of managed sites, with one credential for all of them.

    Attributes:
        sites: Where it exists.
        shared: Whether other stacks may read its credential, to mirror with it or to replicate it.
        password: ``generated`` is made once by the stack and kept in its state, encrypted.
        generation: Raise it to make a new password.
        access: Roles; a user without one can log in and do nothing.
    """

    sites: Annotated[tuple[SiteKey, ...], Field(min_length=1)]
    shared: StrictBool = False
    password: Literal["generated"] = "generated"  # noqa: S105 - how it is made, not what it is
    generation: Annotated[int, Field(ge=1, strict=True)] = 1
    access: tuple[Access, ...] = ()
