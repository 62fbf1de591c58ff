"""What a flow needs at both ends, and everything that would keep it from mirroring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from kafka_mirror.errors import Problem
from kafka_mirror.mirrormaker.keys import SEPARATOR
from kafka_mirror.planning.listeners import choose_listener
from kafka_mirror.planning.names import FlowTopics, WorkerNames, flow_topics, worker_names
from kafka_mirror.planning.rights import (
    Right,
    group_resources,
    merged,
    mirror_target_rights,
    missing,
    rights_of,
    topic_resources,
)
from kafka_mirror.planning.sites import UserPlan, replication_factor
from kafka_mirror.planning.windows import Intervals, intervals
from kafka_mirror.topology import (
    Flow,
    FlowName,
    ManagedSite,
    MirrorSourceAccess,
    MirrorTargetAccess,
    SiteDescription,
    SiteName,
    Topology,
    UserName,
    group_patterns,
    topic_patterns,
)
from kafka_mirror.topology.flows import Naming, State
from kafka_mirror.topology.paths import listed, nearest, path


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
        topics_exclude: Patterns to add to MirrorMaker's own.
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
    """Return the plan of one flow, or everything that speaks against it."""
    source, target = descriptions.get(flow.source.site), descriptions.get(flow.target.site)
    if source is None or target is None:
        return []
    problems = [
        *_user_problems(name, flow, source, target),
        *_replication_problems(name, flow, source, topology),
    ]
    source_listener = _listener(
        name, "source", flow.source.listener, source, _is_inside(flow, topology)
    )
    target_listener = _listener(name, "target", flow.target.listener, target, from_inside=True)
    spans = _intervals(name, flow)
    if (
        isinstance(source_listener, Problem)
        or isinstance(target_listener, Problem)
        or isinstance(spans, Problem)
    ):
        refused = (source_listener, target_listener, spans)
        return [*problems, *(one for one in refused if isinstance(one, Problem))]
    if problems:
        return problems
    return FlowPlan(
        name=name,
        naming=flow.naming,
        state=flow.state,
        source=_end(source, source_listener, flow.source.user),
        target=_end(target, target_listener, flow.target.user),
        topics=topic_patterns(flow.topics),
        topics_exclude=topic_patterns(flow.topics_exclude),
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
        replicated_users=tuple(_replicated(user, flow, source) for user in flow.replicated_users),
    )


def _end(site: SiteDescription, listener: str, user: UserName) -> EndPlan:
    return EndPlan(
        site=site.site,
        kafka=site.kafka,
        listener=listener,
        tls=site.listeners[listener].tls,
        user=user,
    )


def _is_inside(flow: Flow, topology: Topology) -> bool:
    """Whether the target's workers run in the Kubernetes cluster of the source."""
    source, target = topology.sites[flow.source.site], topology.sites[flow.target.site]
    return (
        isinstance(source, ManagedSite)
        and isinstance(target, ManagedSite)
        and source.kubernetes.context == target.kubernetes.context
    )


def _listener(
    name: FlowName, end: str, wanted: str | None, site: SiteDescription, from_inside: bool
) -> str | Problem:
    try:
        return choose_listener(site.listeners, wanted=wanted, from_inside=from_inside)
    except LookupError as error:
        return Problem(
            path("flows", name, end, "listener"), f"site {site.site!r} has {error.args[0]}"
        )


def _intervals(name: FlowName, flow: Flow) -> Intervals | Problem:
    try:
        return intervals(
            duplicate_window=flow.objectives.duplicate_window, discovery=flow.objectives.discovery
        )
    except ValueError as error:
        found = f"{flow.objectives.duplicate_window.total_seconds():g}s"
        return Problem(
            path("flows", name, "objectives", "duplicateWindow"), f"found {found}; {error}"
        )


def _user_problems(
    name: FlowName, flow: Flow, source: SiteDescription, target: SiteDescription
) -> Iterator[Problem]:
    ends = (("source", flow.source, source), ("target", flow.target, target))
    for end, written, site in ends:
        where = path("flows", name, end, "user")
        user = site.users.get(written.user)
        if user is None:
            yield _no_user(where, site, written.user)
            continue
        needed = source_rights(flow) if end == "source" else target_rights(name, flow)
        granted = (
            right
            for access in user.access
            for right in (
                target_rights(name, flow)
                if isinstance(access, MirrorTargetAccess)
                and access.flow == name
                and end == "target"
                else rights_of(access)
            )
        )
        for right in missing(needed, granted):
            yield Problem(where, _lacking(written.user, site.site, right, end, name))


def _lacking(user: str, site: str, right: Right, end: str, flow: str) -> str:
    remedy = (
        "Add it to an access of role mirror-source"
        if end == "source"
        else f"Give it access {{role: mirror-target, flow: {flow}}}"
    )
    return f"user {user!r} lacks {right} at site {site!r}, without which nothing would be mirrored. {remedy}"


def _replication_problems(
    name: FlowName, flow: Flow, source: SiteDescription, topology: Topology
) -> Iterator[Problem]:
    from_elsewhere = not isinstance(topology.sites[flow.source.site], ManagedSite)
    wanted = [(path("flows", name, "source", "user"), flow.source.user)] if from_elsewhere else []
    for index, user in enumerate(flow.replicated_users):
        where = path("flows", name, "replicatedUsers", index)
        wanted.append((where, user))
        if user not in source.users:
            yield _no_user(where, source, user)
        own = topology.users.get(user)
        if own is not None and flow.target.site in own.sites:
            yield Problem(
                where,
                f"user {user!r} is declared at site {flow.target.site!r} already; leave it out here",
            )
    for where, user in wanted:
        described = source.users.get(user)
        if from_elsewhere and described is not None and not described.shared:
            yield Problem(
                where,
                f"site {source.site!r} does not share the credential of user {user!r}. Set "
                f"{path('users', user, 'shared')} to true in its stack and deploy that first",
            )


def _no_user(where: str, site: SiteDescription, user: str) -> Problem:
    return Problem(
        where,
        f"site {site.site!r} has no user {user!r} (has {listed(site.users)}).{nearest(user, site.users)}",
    )


def _replicated(user: UserName, flow: Flow, source: SiteDescription) -> UserPlan:
    origin = flow.source.site if flow.naming == "prefix" else None
    rights = [
        right
        for access in source.users[user].access
        for right in rights_of(access, replicated_from=origin)
    ]
    return UserPlan(name=user, rights=merged(rights))
