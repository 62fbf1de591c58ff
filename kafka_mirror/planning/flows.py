"""A flow with every choice made: its ends, names, intervals and rights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from kafka_mirror.errors import Problem
from kafka_mirror.mirrormaker.keys import SEPARATOR
from kafka_mirror.planning.descriptions import replicated_user
from kafka_mirror.planning.listeners import choose_listener
from kafka_mirror.planning.names import FlowTopics, WorkerNames, flow_topics, worker_names
from kafka_mirror.planning.rights import (
    Right,
    group_resources,
    merged,
    mirror_target_rights,
    rights_of,
    topic_resources,
)
from kafka_mirror.planning.selections import renamed_topics
from kafka_mirror.planning.sites import UserPlan, replication_factor
from kafka_mirror.planning.windows import Intervals, intervals
from kafka_mirror.topology import (
    Flow,
    FlowName,
    ManagedSite,
    MirrorSourceAccess,
    SiteDescription,
    SiteName,
    Topology,
    UserName,
    group_patterns,
    topic_patterns,
)
from kafka_mirror.topology.flows import Naming, State
from kafka_mirror.topology.paths import path
from kafka_mirror.topology.written import duration_text


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPlan:
    """One end of a flow: the site, the listener and the user MirrorMaker is there."""

    site: SiteName
    kafka: str
    listener: str
    tls: bool
    user: UserName


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPlan:
    """A flow with every choice made; what `manifests` says in the words of an operator.

    Attributes:
        topics: Patterns, literal names quoted.
        topics_exclude: Patterns to add to MirrorMaker's own: the user's, and names it would change.
        groups: Patterns.
        groups_exclude: Patterns to add to MirrorMaker's own.
        replication_factor: Of every topic the flow makes at the target.
        duplicate_window: The objective the intervals were derived from.
        replicated_users: Users of the source with their rights at the target.
    """

    name: FlowName
    naming: Naming
    state: State
    source: EndPlan
    target: EndPlan
    topics: tuple[str, ...]
    topics_exclude: tuple[str, ...]
    groups: tuple[str, ...]
    groups_exclude: tuple[str, ...]
    names: WorkerNames
    own_topics: FlowTopics
    replication_factor: int
    intervals: Intervals
    duplicate_window: timedelta
    tasks: int
    replicas: int
    tuning: Mapping[str, str | int | float | bool]
    replicated_users: tuple[UserPlan, ...]


def target_rights(name: FlowName, flow: Flow) -> tuple[Right, ...]:
    """Return what the flow's user needs at the target."""
    topics = flow_topics(flow)
    names = worker_names(name, flow)
    prefix = flow.source.site + SEPARATOR if flow.naming == "prefix" else ""
    return merged(
        mirror_target_rights(
            mirrored=topic_resources(flow.topics, prefix=prefix),
            groups=group_resources(flow.groups),
            worker_group=names.group,
            storage_topics=names.storage_topics,
            checkpoints=topics.checkpoints,
            offset_syncs=topics.offset_syncs,
        )
    )


def source_rights(flow: Flow) -> tuple[Right, ...]:
    """Return what the flow's user needs at the source."""
    return rights_of(
        MirrorSourceAccess(role="mirror-source", topics=flow.topics, groups=flow.groups)
    )


def plan_flow(
    name: FlowName, flow: Flow, topology: Topology, descriptions: Mapping[SiteName, SiteDescription]
) -> FlowPlan | list[Problem]:
    """Return the plan of one flow, or what keeps it from being planned: no way in, no interval."""
    source, target = descriptions[flow.source.site], descriptions[flow.target.site]
    inside = _is_inside(flow, topology)
    source_listener = _listener(name, "source", flow.source.listener, source, from_inside=inside)
    target_listener = _listener(name, "target", flow.target.listener, target, from_inside=True)
    spans = _intervals(name, flow)
    if (
        isinstance(source_listener, Problem)
        or isinstance(target_listener, Problem)
        or isinstance(spans, Problem)
    ):
        refused = (source_listener, target_listener, spans)
        return [one for one in refused if isinstance(one, Problem)]
    return FlowPlan(
        name=name,
        naming=flow.naming,
        state=flow.state,
        source=_end(source, source_listener, flow.source.user),
        target=_end(target, target_listener, flow.target.user),
        topics=topic_patterns(flow.topics),
        topics_exclude=(*topic_patterns(flow.topics_exclude), *renamed_topics(flow)),
        groups=group_patterns(flow.groups),
        groups_exclude=group_patterns(flow.groups_exclude),
        names=worker_names(name, flow),
        own_topics=flow_topics(flow),
        replication_factor=replication_factor(target.nodes),
        intervals=spans,
        duplicate_window=flow.objectives.duplicate_window,
        tasks=flow.tasks,
        replicas=flow.replicas,
        tuning=flow.tuning,
        replicated_users=tuple(
            _replicated(user, flow, source)
            for user in flow.replicated_users
            if user in source.users
        ),
    )


def _end(site: SiteDescription, listener: str, user: UserName) -> EndPlan:
    tls = site.listeners[listener].tls
    return EndPlan(site=site.site, kafka=site.kafka, listener=listener, tls=tls, user=user)


def _is_inside(flow: Flow, topology: Topology) -> bool:
    """Whether the target's workers run in the Kubernetes cluster of the source."""
    source, target = topology.sites[flow.source.site], topology.sites[flow.target.site]
    return (
        isinstance(source, ManagedSite)
        and isinstance(target, ManagedSite)
        and source.kubernetes.context == target.kubernetes.context
    )


def _listener(
    name: FlowName, end: str, wanted: str | None, site: SiteDescription, *, from_inside: bool
) -> str | Problem:
    try:
        return choose_listener(site.listeners, wanted=wanted, from_inside=from_inside)
    except LookupError as error:
        where = path("flows", name, end, "listener")
        return Problem(where, f"site {site.site!r} has {error.args[0]}")


def _intervals(name: FlowName, flow: Flow) -> Intervals | Problem:
    try:
        return intervals(
            duplicate_window=flow.objectives.duplicate_window, discovery=flow.objectives.discovery
        )
    except ValueError as error:
        found = duration_text(flow.objectives.duplicate_window)
        where = path("flows", name, "objectives", "duplicateWindow")
        return Problem(where, f"found {found}; {error}")


def _replicated(user: UserName, flow: Flow, source: SiteDescription) -> UserPlan:
    there = replicated_user(source.users[user], flow)
    return UserPlan(
        name=user, rights=merged(right for access in there.access for right in rights_of(access))
    )
