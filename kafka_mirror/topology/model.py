"""The topology of one stack: everything its configuration says, checked for itself."""

from __future__ import annotations

from pydantic import Field

from kafka_mirror.topology.authentication import LoginAuthentication
from kafka_mirror.topology.external import ExternalSite
from kafka_mirror.topology.flows import Flow
from kafka_mirror.topology.names import FlowName, SiteName, TopicName, UserName
from kafka_mirror.topology.sites import ManagedSite, Site, StackSite
from kafka_mirror.topology.topics import Topic
from kafka_mirror.topology.users import User
from kafka_mirror.topology.written import Written


class Topology(Written):
    """Sites, topics, users and flows, each under its name, in the order they were written.

    Attributes:
        sites: Kafka clusters; the name of one is its MirrorMaker alias, the same in every flow, for ever.
        topics: Those that this stack makes.
        users: Those of sites that this stack makes.
        flows: What is replicated from one site to another.
    """

    sites: dict[SiteName, Site] = Field(default_factory=dict)
    topics: dict[TopicName, Topic] = Field(default_factory=dict)
    users: dict[UserName, User] = Field(default_factory=dict)
    flows: dict[FlowName, Flow] = Field(default_factory=dict)

    def managed_sites(self) -> dict[SiteName, ManagedSite]:
        """Return the sites this stack makes."""
        return {n: site for n, site in self.sites.items() if isinstance(site, ManagedSite)}

    def stack_sites(self) -> dict[SiteName, StackSite]:
        """Return the sites that other stacks own."""
        return {n: site for n, site in self.sites.items() if isinstance(site, StackSite)}

    def external_sites(self) -> dict[SiteName, ExternalSite]:
        """Return the sites that no operator here looks after."""
        return {n: site for n, site in self.sites.items() if isinstance(site, ExternalSite)}

    def own_sites(self) -> dict[SiteName, ManagedSite | ExternalSite]:
        """Return the sites that this stack describes to others."""
        return {n: site for n, site in self.sites.items() if not isinstance(site, StackSite)}

    def authentication_of(self, user: User, site: SiteName) -> LoginAuthentication:
        """Return how a user proves who it is at one of its sites."""
        owner = self.own_sites()[site]
        if isinstance(owner, ExternalSite):
            return owner.external.authentication
        return user.authentication or owner.kafka.authentication
