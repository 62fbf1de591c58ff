"""What a managed site consists of: its topics, its users and their rights, and its safety numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kafka_mirror.errors import Problem
from kafka_mirror.mirrormaker.keys import MIN_INSYNC_REPLICAS
from kafka_mirror.planning.authorizer import merged
from kafka_mirror.planning.credentials import proof_of
from kafka_mirror.planning.heartbeats import HeartbeatsPlan, plan_heartbeats
from kafka_mirror.planning.names import NODE_POOL, topic_resource_name
from kafka_mirror.planning.rights import Right
from kafka_mirror.planning.roles import rights_of
from kafka_mirror.planning.users import UserPlan, plan_user
from kafka_mirror.topology import (
    FlowName,
    Kafka,
    Listener,
    ManagedSite,
    MirrorTargetAccess,
    SiteDescription,
    SiteName,
    Topic,
    TopicName,
    Topology,
    User,
    UserName,
)
from kafka_mirror.topology.external import BROKER_DEFAULT
from kafka_mirror.topology.names import MAX_LABEL
from kafka_mirror.topology.paths import path


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPlan:
    """A topic on one site, and the KafkaTopic that declares it.

    Attributes:
        replicas: Copies of each partition when the topic is made.
        replicas_declared: Whether that number is written, and not just what the site's nodes allow.
    """

    name: TopicName
    resource_name: str
    partitions: int
    replicas: int
    replicas_declared: bool
    config: Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePlan:
    """A site this stack makes.

    Attributes:
        replication_factor: Copies of a partition: three, or one per node where there are fewer.
        heartbeats: What writes its heartbeats, if a flow mirrors them.
        min_insync_replicas: Copies that must be written before a producer is told so.
    """

    name: SiteName
    site: ManagedSite
    replication_factor: int
    min_insync_replicas: int
    topics: tuple[TopicPlan, ...]
    users: tuple[UserPlan, ...]
    heartbeats: HeartbeatsPlan | None = None


def replication_factor(nodes: int) -> int:
    """Return how many copies of each partition a site of so many nodes keeps."""
    return min(3, nodes)


def copies_at(site: SiteDescription) -> int:
    """Return how many copies of each partition a flow makes at a site; -1 leaves it to the site's brokers."""
    if site.replication_factor is not None:
        return site.replication_factor
    return BROKER_DEFAULT if site.nodes is None else replication_factor(site.nodes)


def plan_site(
    name: SiteName,
    site: ManagedSite,
    topology: Topology,
    description: SiteDescription,
    flow_rights: Mapping[FlowName, tuple[Right, ...]],
) -> SitePlan:
    """Return the plan of one managed site.

    Args:
        name: Of the site.
        site: As written.
        topology: Of the stack.
        description: Of the site.
        flow_rights: Per flow, what its user needs at the target.
    """
    copies = replication_factor(site.kafka.nodes.replicas)
    heartbeats = plan_heartbeats(name, site, topology, replication_factor=copies)
    users = [
        _user(user_name, user, description, flow_rights)
        for user_name, user in topology.users.items()
        if name in user.sites
    ]
    if heartbeats is not None:
        users.append(
            UserPlan(
                name=heartbeats.name,
                rights=merged(heartbeats.rights),
                proof=heartbeats.proof,
            )
        )
    return SitePlan(
        name=name,
        site=site,
        replication_factor=copies,
        min_insync_replicas=max(1, copies - 1),
        topics=tuple(
            _topic(topic_name, topic, copies=copies, in_sync=max(1, copies - 1))
            for topic_name, topic in topology.topics.items()
            if name in topic.sites
        ),
        users=tuple(users),
        heartbeats=heartbeats,
    )


def _topic(name: TopicName, topic: Topic, *, copies: int, in_sync: int) -> TopicPlan:
    replicas = topic.replicas or copies
    config = dict(topic.config)
    if replicas <= in_sync:
        # With the site's own minimum the loss of one node, or nothing at all, would stop every write.
        config.setdefault(MIN_INSYNC_REPLICAS, max(1, replicas - 1))
    return TopicPlan(
        name=name,
        resource_name=topic_resource_name(name),
        partitions=topic.partitions,
        replicas=replicas,
        replicas_declared=topic.replicas is not None,
        config=config,
    )


def _user(
    name: UserName,
    user: User,
    site: SiteDescription,
    flow_rights: Mapping[FlowName, tuple[Right, ...]],
) -> UserPlan:
    """Return everything a user may do at a site."""
    rights: list[Right] = []
    for access in user.access:
        if isinstance(access, MirrorTargetAccess):
            rights.extend(flow_rights.get(access.flow, ()))
        else:
            rights.extend(rights_of(access))
    return plan_user(
        name,
        of_roles=rights,
        acls=user.acls,
        proof=proof_of(name, site.users[name]),
        fenced=site.site in user.fenced_sites,
        quotas=user.quotas,
    )


def site_problems(topology: Topology) -> Iterator[Problem]:
    """Yield addresses too long, what the nodes of a site cannot hold, and topics that one lost node would stop."""
    sites = topology.managed_sites()
    for site_name, site in sites.items():
        yield from _route_problems(site_name, site)
    for name, topic in topology.topics.items():
        for site_name in topic.sites:
            nodes = sites[site_name].kafka.nodes.replicas
            if topic.replicas and topic.replicas > nodes:
                yield Problem(
                    path("topics", name, "replicas"),
                    f"{topic.replicas} copies need {topic.replicas} brokers, site {site_name!r} has "
                    f"{nodes} ({path('sites', site_name, 'kafka', 'nodes', 'replicas')}). "
                    f"Use {nodes}, or leave it out",
                )
            copies = topic.replicas or replication_factor(nodes)
            least = _number(topic.config.get(MIN_INSYNC_REPLICAS))
            if least is not None and least > copies:
                yield Problem(
                    path("topics", name, "config", MIN_INSYNC_REPLICAS),
                    f"{least} copies in sync are more than the {copies} there are at site {site_name!r}: "
                    "Kafka asks for all of them instead, and the loss of one stops every write. "
                    f"Use {max(1, copies - 1)}, or leave it out",
                )


def _number(setting: str | float | None) -> int | None:
    """Return a setting that may be written in quotes as a number."""
    try:
        return None if setting is None else int(setting)
    except ValueError:
        return None


def _route_problems(name: SiteName, site: ManagedSite) -> Iterator[Problem]:
    """Yield a problem for each route whose address OpenShift would derive, and then refuse as too long."""
    for index, listener in enumerate(site.kafka.listeners):
        if listener.type != "route" or site.kafka.adopt:
            continue
        for key, route in _routes(site.kafka, listener).items():
            label = f"{route}-{site.kubernetes.namespace}"
            if len(label) > MAX_LABEL:
                yield Problem(
                    path("sites", name, "kafka", "listeners", index),
                    f"OpenShift would derive the address {label!r}, which has {len(label)} characters; "
                    f"{MAX_LABEL} are allowed. Set {key}, or shorten the Kafka, the listener or the namespace",
                )


def _routes(kafka: Kafka, listener: Listener) -> dict[str, str]:
    """Return the longest routes without an address of their own, by the key that would give them one."""
    # Strimzi keeps the short names of the one listener that could be a route before they had names.
    is_first = (listener.name, listener.port) == ("external", 9094)
    named = "" if is_first else f"{listener.name}-"
    routes = {
        "host": f"{kafka.name}-kafka-{named}bootstrap",
        "brokerHost": f"{kafka.name}-{NODE_POOL}-{named}{kafka.nodes.replicas - 1}",
    }
    given = {"host": listener.host, "brokerHost": listener.broker_host}
    return {key: route for key, route in routes.items() if given[key] is None}
