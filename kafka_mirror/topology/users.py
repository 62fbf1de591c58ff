"""A Kafka user: where it exists, what proves who it is, and what it may do, by role."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StrictBool

from kafka_mirror.topology.acls import Acl
from kafka_mirror.topology.authentication import UserAuthentication
from kafka_mirror.topology.credentials import CertificateFromSecret, PasswordSource
from kafka_mirror.topology.names import FlowKey, SiteKey, SiteName
from kafka_mirror.topology.quotas import Quotas
from kafka_mirror.topology.selectors import (
    GroupSelection,
    SiteFence,
    TopicSelection,
    TransactionalIdSelection,
)
from kafka_mirror.topology.written import Written, text_like


class ProducerAccess(Written):
    """May write these topics.

    Attributes:
        topics: Names, or ``{pattern: …}``.
    """

    role: Literal["producer"]
    topics: TopicSelection


class TransactionalProducerAccess(Written):
    """May write these topics in transactions under these ids. Reads nothing.

    An application that reads, processes and writes has the role ``consumer`` beside it: to put positions into a
    transaction takes Read on the group and on the topics.

    Attributes:
        topics: Names, or ``{pattern: …}``.
        transactional_ids: Ids, or ``{pattern: …}``.
    """

    role: Literal["transactional-producer"]
    topics: TopicSelection
    transactional_ids: TransactionalIdSelection


class ConsumerAccess(Written):
    """May read these topics and commit as these groups.

    Attributes:
        topics: Names, or ``{pattern: …}``.
        groups: ``all``, names, or ``{pattern: …}``.
    """

    role: Literal["consumer"]
    topics: TopicSelection
    groups: GroupSelection


class ObserverAccess(Written):
    """May see these topics, their settings and ends, and these groups' members and positions. Reads no record.

    Attributes:
        topics: Names, or ``{pattern: …}``.
        groups: ``all``, names, or ``{pattern: …}``.
    """

    role: Literal["observer"]
    topics: TopicSelection
    groups: GroupSelection = "all"


class AdminAccess(Written):
    """May create, configure, empty and delete these topics, and set, delete and describe these groups' positions.

    Writes no record and has no right on the cluster. To set positions Kafka asks for Read on the topics; with
    ``groups: []`` an administrator reads no record either.

    Attributes:
        topics: Names, or ``{pattern: …}``.
        groups: ``all``, names, or ``{pattern: …}``; none with ``[]``.
    """

    role: Literal["admin"]
    topics: TopicSelection
    groups: GroupSelection


class MirrorSourceAccess(Written):
    """May mirror these topics, and the offsets of these groups, away from its site. Writes none of them.

    Attributes:
        topics: At least those of every flow that it serves.
        groups: Whose offsets the flows may translate.
        offset_syncs_for: The sites whose flows from here say ``offsetSyncs: source``: each keeps a topic here, which
            this user makes and writes. Such a site may well belong to a stack that this one knows nothing of.
    """

    role: Literal["mirror-source"]
    topics: TopicSelection
    groups: GroupSelection = "all"
    offset_syncs_for: tuple[SiteKey, ...] = ()


class MirrorTargetAccess(Written):
    """May run this flow at its target: its worker, the mirrored topics and the synced groups.

    Attributes:
        flow: Its name in this stack.
    """

    role: Literal["mirror-target"]
    flow: FlowKey


Access = Annotated[
    ProducerAccess
    | TransactionalProducerAccess
    | ConsumerAccess
    | ObserverAccess
    | AdminAccess
    | MirrorSourceAccess
    | MirrorTargetAccess,
    Field(discriminator="role"),
]


_login: Final = text_like(
    r"(?!.*\$\{)[ -!#-\[\]-~]{1,255}",
    "1 to 255 printable characters of ASCII, no quotes, no backslash and no ${",
)


class User(Written):
    """A user of some sites, with one credential for all of them.

    Attributes:
        sites: Where it exists.
        shared: Whether other stacks may read its credential, to mirror with it or to replicate it.
        authentication: A password, or a certificate; what its sites ask of their clients if absent.
        username: As whom it logs in at external sites; its own name if absent.
        password: ``generated`` is made once by the stack and kept in its state, encrypted.
        certificate: Where flows find the one of a ``tls-external`` user, or of one of an external site.
        generation: Raise it to make a new password.
        access: Roles; a user without one, and without ACLs, can log in and do nothing.
        acls: What no role says, in a KafkaUser's own words. At the target of a prefix flow they read as roles do:
            reading holds for what arrives as well, writing stays local.
        fenced: Where it may write nothing any more, while all else goes on: ``true`` for all of its sites, or some
            of them. The copies that a flow makes elsewhere are not concerned: those the flow fences.
        quotas: How much it may ask of each broker, here and where flows replicate it to; everything if absent.
    """

    sites: Annotated[tuple[SiteKey, ...], Field(min_length=1)]
    shared: StrictBool = False
    authentication: UserAuthentication | None = None
    username: Annotated[str, _login] | None = None
    password: PasswordSource = "generated"  # noqa: S105 - how it is made, not what it is
    certificate: CertificateFromSecret | None = None
    generation: Annotated[int, Field(ge=1, strict=True)] = 1
    access: tuple[Access, ...] = ()
    acls: tuple[Acl, ...] = ()
    fenced: SiteFence = False
    quotas: Quotas | None = None

    @property
    def fenced_sites(self) -> tuple[SiteName, ...]:
        """The sites at which it may write nothing."""
        if isinstance(self.fenced, bool):
            return self.sites if self.fenced else ()
        return self.fenced
