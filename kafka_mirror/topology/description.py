"""What one stack tells others about a site: the ``sites`` output, public facts only."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kafka_mirror.topology.flows import Naming, State
from kafka_mirror.topology.names import FlowName, SiteName, TopicName, UserName
from kafka_mirror.topology.sites import Authentication, ListenerType, Operator
from kafka_mirror.topology.users import Access
from kafka_mirror.topology.written import Written


class DescribedListener(Written):
    """A listener and, once the site is deployed, where it answers and whom to trust there.

    Attributes:
        bootstrap_servers: ``host:port``, comma-separated; absent until deployed.
        certificates: PEM texts of the CA that signed the listener's certificate.
    """

    type: ListenerType
    tls: bool
    authentication: Authentication
    bootstrap_servers: str | None = None
    certificates: tuple[str, ...] = ()


class DescribedUser(Written):
    """A user of the site and its rights; never its credential."""

    authentication: Authentication
    shared: bool
    access: tuple[Access, ...]


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
    """The public facts of one site."""

    schema_version: Literal[1] = Field(alias="schema", default=1)
    site: SiteName
    operator: Operator
    namespace: str
    kafka: str
    nodes: int
    listeners: dict[str, DescribedListener]
    users: dict[UserName, DescribedUser]
    topics: dict[TopicName, DescribedTopic]
    flows: dict[FlowName, DescribedFlow]
