"""What one stack tells others about a site: the ``sites`` output, public facts only."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kafka_mirror.topology.acls import Acl
from kafka_mirror.topology.authentication import (
    ExternalAuthentication,
    LoginAuthentication,
    asked_of,
)
from kafka_mirror.topology.credentials import CertificateFromSecret, FromSecret
from kafka_mirror.topology.flows import Naming, State
from kafka_mirror.topology.names import FlowName, SiteName, TopicName, UserName
from kafka_mirror.topology.operators import Operator
from kafka_mirror.topology.quotas import Quotas
from kafka_mirror.topology.sites import ListenerType
from kafka_mirror.topology.users import Access
from kafka_mirror.topology.written import Written


class DescribedListener(Written):
    """A listener and, once the site is deployed, where it answers and whom to trust there.

    Attributes:
        type: ``external`` is the one address of a site without an operator.
        bootstrap_servers: ``host:port``, comma-separated; absent until deployed.
        certificates: PEM texts of the CA that signed the listener's certificate; without any and without
            a Secret, public authorities vouch for an external site.
        trust_secret: The Secret that holds them, wherever a flow of the site runs; made by others.
        trust_key: Under which they stand there; every key that ends in ``.crt`` if absent.
    """

    type: ListenerType | Literal["external"]
    tls: bool
    authentication: ExternalAuthentication
    bootstrap_servers: str | None = None
    certificates: tuple[str, ...] = ()
    trust_secret: str | None = None
    trust_key: str | None = None


class DescribedUser(Written):
    """A user of the site, its roles and its own ACLs; never its credential.

    Attributes:
        fenced: Whether it may write nothing at this site for now, whatever its roles and ACLs say.
        quotas: How much it may ask of each broker, at this site and where it is replicated to.
        username: As whom it logs in, if not under its name.
        by_operator: Whether the site's User Operator makes its password.
        secret: Which Secret of others holds its credential, wherever it is used; absent if the stack knows it.
    """

    authentication: LoginAuthentication
    shared: bool
    access: tuple[Access, ...]
    acls: tuple[Acl, ...] = ()
    fenced: bool = False
    quotas: Quotas | None = None
    username: str | None = None
    by_operator: bool = False
    secret: FromSecret | CertificateFromSecret | None = None

    @property
    def has_password_of_stack(self) -> bool:
        """Whether its stack knows its password, and so can hand it on."""
        return asked_of(self.authentication) != "tls" and self.secret is None


class DescribedTopic(Written):
    """A topic the site's stack declares."""

    partitions: int


class DescribedFlow(Written):
    """A flow into the site, as far as loops are concerned."""

    source: SiteName
    naming: Naming
    topics: tuple[str, ...]
    topics_exclude: tuple[str, ...]
    state: State


class SiteDescription(Written):
    """The public facts of one site.

    Attributes:
        operator: Who looks after it; absent for an external site, like its namespace, Kafka and nodes.
        replication_factor: Of what a flow makes there, if that does not follow from the nodes.
        shares_clients_ca: Whether the authority of its users is brought to it, and so may be that of other sites too.
        heartbeats: The flows from it that mirror its heartbeats.
    """

    schema_version: Literal[1] = Field(alias="schema", default=1)
    site: SiteName
    operator: Operator | None = None
    namespace: str | None = None
    kafka: str | None = None
    nodes: int | None = None
    replication_factor: int | None = None
    shares_clients_ca: bool = False
    listeners: dict[str, DescribedListener]
    users: dict[UserName, DescribedUser]
    topics: dict[TopicName, DescribedTopic]
    flows: dict[FlowName, DescribedFlow]
    heartbeats: tuple[FlowName, ...] = ()

    @property
    def is_external(self) -> bool:
        """Whether nobody here makes its users, rights and topics."""
        return self.operator is None
