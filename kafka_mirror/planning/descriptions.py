"""What planning knows of each site, whether this stack makes it or another one does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kafka_mirror.errors import Problem
from kafka_mirror.planning.rights import translated
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
    UserName,
    topic_patterns,
)
from kafka_mirror.topology.paths import listed, nearest, path


def describe_sites(
    topology: Topology, described_elsewhere: Mapping[SiteName, SiteDescription]
) -> dict[SiteName, SiteDescription]:
    """Return the description of every site of a stack that there is one for.

    Args:
        topology: Of the stack.
        described_elsewhere: The sites that other stacks own.

    Returns:
        In the order of the topology. The users that a flow replicates to a site are among that site's,
        with their roles as they read there, so that a further stack can mirror from it in turn.
    """
    own = {name: _describe(name, site, topology) for name, site in topology.managed_sites().items()}
    known = {**described_elsewhere, **own}
    return {
        name: _with_users(known[name], _replicated_to(name, topology, known))
        if name in own
        else known[name]
        for name in topology.sites
        if name in known
    }


def _describe(name: SiteName, site: ManagedSite, topology: Topology) -> SiteDescription:
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


def _replicated_to(
    site: SiteName, topology: Topology, known: Mapping[SiteName, SiteDescription]
) -> dict[UserName, DescribedUser]:
    return {
        user: replicated_user(known[flow.source.site].users[user], flow)
        for flow in topology.flows.values()
        if flow.target.site == site and flow.source.site in known
        for user in flow.replicated_users
        if user in known[flow.source.site].users
    }


def replicated_user(user: DescribedUser, flow: Flow) -> DescribedUser:
    """Return a user of the flow's source as it exists at the flow's target."""
    if flow.naming == "identity":
        return user
    access = tuple(translated(one, source=flow.source.site) for one in user.access)
    return user.model_copy(update={"access": access})


def _with_users(
    description: SiteDescription, users: Mapping[UserName, DescribedUser]
) -> SiteDescription:
    return description.model_copy(update={"users": {**users, **description.users}})


def pick(name: SiteName, stack: str, sites: Iterable[SiteName]) -> Problem | None:
    """Return the problem if another stack has no site of this name, else nothing."""
    known = frozenset(sites)
    if name in known:
        return None
    return Problem(
        path("sites", name, "stack"),
        f"stack {stack!r} has no site {name!r} (has {listed(known)}).{nearest(name, known)}",
    )
