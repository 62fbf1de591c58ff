"""What planning knows of each site, whether this stack makes it or another one does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kafka_mirror.errors import Problem
from kafka_mirror.topology import (
    DescribedFlow,
    DescribedListener,
    DescribedTopic,
    DescribedUser,
    Flow,
    ManagedSite,
    SiteDescription,
    SiteName,
    Topology,
    topic_patterns,
)
from kafka_mirror.topology.paths import listed, nearest, path


def describe(name: SiteName, site: ManagedSite, topology: Topology) -> SiteDescription:
    """Return the public facts of a managed site, as far as they are known before it is deployed."""
    return SiteDescription(
        site=name,
        operator=site.operator,
        namespace=site.kubernetes.namespace,
        kafka=site.kafka.name,
        nodes=site.kafka.nodes.replicas,
        listeners={
            listener.name: DescribedListener(
                type=listener.type, tls=listener.tls, authentication=site.kafka.authentication
            )
            for listener in site.kafka.listeners
        },
        users={
            user_name: DescribedUser(
                authentication=site.kafka.authentication, shared=user.shared, access=user.access
            )
            for user_name, user in topology.users.items()
            if name in user.sites
        },
        topics={
            topic_name: DescribedTopic(partitions=topic.partitions)
            for topic_name, topic in topology.topics.items()
            if name in topic.sites
        },
        flows={
            flow_name: _described(flow)
            for flow_name, flow in topology.flows.items()
            if flow.target.site == name
        },
    )


def _described(flow: Flow) -> DescribedFlow:
    return DescribedFlow(
        source=flow.source.site,
        naming=flow.naming,
        topics=topic_patterns(flow.topics),
        topics_exclude=topic_patterns(flow.topics_exclude),
        state=flow.state,
    )


def all_descriptions(
    topology: Topology, described_elsewhere: Mapping[SiteName, SiteDescription]
) -> dict[SiteName, SiteDescription]:
    """Return the description of every site of the topology that there is one for."""
    return {
        name: describe(name, site, topology)
        if isinstance(site, ManagedSite)
        else described_elsewhere[name]
        for name, site in topology.sites.items()
        if isinstance(site, ManagedSite) or name in described_elsewhere
    }


def pick(
    name: SiteName, stack: str, sites: Iterable[SiteName], *, where: str | None = None
) -> Problem | None:
    """Return the problem if another stack has no site of this name, else nothing."""
    known = frozenset(sites)
    if name in known:
        return None
    return Problem(
        where or path("sites", name, "stack"),
        f"stack {stack!r} has no site {name!r} (has {listed(known)}).{nearest(name, known)}",
    )
