"""What planning knows of each site, whether this stack makes it or another one does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from kafka_mirror.errors import Problem
from kafka_mirror.planning.translation import translated, translated_acls
from kafka_mirror.topology import (
    CertificateFromSecret,
    DescribedFlow,
    DescribedListener,
    DescribedTopic,
    DescribedUser,
    ExternalSite,
    ExternalTls,
    Flow,
    FlowName,
    FromSecret,
    ManagedSite,
    SiteDescription,
    SiteName,
    Topology,
    User,
    UserName,
    topic_patterns,
)
from kafka_mirror.topology.authentication import asked_of
from kafka_mirror.topology.paths import listed, nearest, path

EXTERNAL: Final = "external"
"""The listener of an external site, whose one address serves all."""


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
    own = {
        **{name: _describe(name, one, topology) for name, one in topology.managed_sites().items()},
        **{
            name: _describe_external(name, one, topology)
            for name, one in topology.external_sites().items()
        },
    }
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
        shares_clients_ca=not site.kafka.clients_ca.generate,
        listeners={
            listener.name: DescribedListener(
                type=listener.type, tls=listener.tls, authentication=site.kafka.asked_at(listener)
            )
            for listener in site.kafka.listeners
        },
        users=_users(name, topology),
        topics={
            topic_name: DescribedTopic(partitions=topic.partitions)
            for topic_name, topic in topology.topics.items()
            if name in topic.sites
        },
        flows=_flows_to(name, topology),
        heartbeats=site.heartbeats,
    )


def _describe_external(name: SiteName, site: ExternalSite, topology: Topology) -> SiteDescription:
    """Return what this stack was told of a site without an operator."""
    written = site.external
    trust = written.tls if isinstance(written.tls, ExternalTls) else ExternalTls()
    return SiteDescription(
        site=name,
        replication_factor=written.replication_factor,
        listeners={
            EXTERNAL: DescribedListener(
                type=EXTERNAL,
                tls=written.tls is not False,
                authentication=written.authentication,
                bootstrap_servers=",".join(written.bootstrap_servers),
                certificates=trust.certificates,
                trust_secret=trust.secret,
                trust_key=trust.key,
            )
        },
        users=_users(name, topology),
        topics={},
        flows=_flows_to(name, topology),
    )


def _users(site: SiteName, topology: Topology) -> dict[UserName, DescribedUser]:
    return {
        name: _user(user, site, topology)
        for name, user in topology.users.items()
        if site in user.sites
    }


def _user(user: User, site: SiteName, topology: Topology) -> DescribedUser:
    authentication = topology.authentication_of(user, site)
    held = user.certificate if asked_of(authentication) == "tls" else user.password
    return DescribedUser(
        authentication=authentication,
        shared=user.shared,
        access=user.access,
        acls=user.acls,
        fenced=site in user.fenced_sites,
        quotas=user.quotas,
        username=user.username,
        by_operator=user.password == "operator",  # noqa: S105 - who makes it
        secret=held if isinstance(held, (FromSecret, CertificateFromSecret)) else None,
    )


def _flows_to(site: SiteName, topology: Topology) -> dict[FlowName, DescribedFlow]:
    return {
        name: _described(flow) for name, flow in topology.flows.items() if flow.target.site == site
    }


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
        user: replicated_user(user, known[flow.source.site].users[user], flow)
        for flow in topology.flows.values()
        if flow.target.site == site and flow.source.site in known
        for user in flow.replicated_users
        if user in known[flow.source.site].users
    }


def replicated_user(name: UserName, user: DescribedUser, flow: Flow) -> DescribedUser:
    """Return a user of the flow's source as it exists at the flow's target.

    Whether it is fenced there is for the flow to say: fenced at the source, it goes on at the target.
    """
    access, acls, source = user.access, user.acls, flow.source.site
    if flow.naming == "prefix":
        access = tuple(there for one in access for there in translated(one, source=source))
        acls = translated_acls(acls, source=source)
    fenced = name in flow.fenced_users
    update = {"access": access, "acls": acls, "fenced": fenced, "by_operator": False}
    return user.model_copy(update=update)


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
