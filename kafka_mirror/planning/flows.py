"""A flow with every choice made: its ends, names, intervals and rights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from kafka_mirror.errors import Problem
from kafka_mirror.mirrormaker.keys import SEPARATOR
from kafka_mirror.mirrormaker.transactions import leader_transaction, task_transactions
from kafka_mirror.planning.authorizer import merged
from kafka_mirror.planning.ends import EndPlan, Side, plan_end
from kafka_mirror.planning.heartbeats import rights_at_source, rights_at_target
from kafka_mirror.planning.listeners import choose_listener
from kafka_mirror.planning.names import FlowTopics, WorkerNames, flow_topics, worker_names
from kafka_mirror.planning.places import Place, place_of
from kafka_mirror.planning.replication import users_at_target
from kafka_mirror.planning.rights import Resource, Right, group_resources, topic_resources
from kafka_mirror.planning.roles import mirror_target_rights, rights_of
from kafka_mirror.planning.selections import renamed_topics
from kafka_mirror.planning.sites import copies_at
from kafka_mirror.planning.users import UserPlan
from kafka_mirror.planning.windows import Intervals, intervals
from kafka_mirror.planning.workers import WorkersPlan, plan_workers
from kafka_mirror.topology import (
    Flow,
    FlowEnd,
    FlowName,
    MirrorSourceAccess,
    SiteDescription,
    SiteName,
    Topology,
    group_patterns,
    topic_patterns,
)
from kafka_mirror.topology.authentication import asked_of
from kafka_mirror.topology.flows import Naming, Start, State
from kafka_mirror.topology.metrics import FlowMetrics, flow_metrics_of
from kafka_mirror.topology.paths import path
from kafka_mirror.topology.written import duration_text


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPlan:
    """A flow with every choice made; what `manifests` says in the words of an operator.

    Attributes:
        place: Where its workers run.
        mirrors_heartbeats: Whether the heartbeats of its source come along.
        start: Where a partition begins that has no place yet, or whose place is gone.
        topics: Patterns, literal names quoted.
        topics_exclude: Patterns to add to MirrorMaker's own: the user's, and names it would change.
        groups: Patterns; none if the flow moves no groups.
        groups_exclude: Patterns to add to MirrorMaker's own.
        replication_factor: Of every topic the flow makes at the target.
        offset_syncs_replication_factor: Of the topic of its offset syncs, which may be at the source.
        duplicate_window: The objective the intervals were derived from.
        metrics: Labels of what watches it, and whose rules; None if nothing does.
        replicated_users: Users of the source with their rights at the target; the flow's own one too, without any, if
            the operator there issues what it proves itself by.
    """

    name: FlowName
    naming: Naming
    state: State
    place: Place
    mirrors_heartbeats: bool
    start: Start
    source: EndPlan
    target: EndPlan
    topics: tuple[str, ...]
    topics_exclude: tuple[str, ...]
    groups: tuple[str, ...]
    groups_exclude: tuple[str, ...]
    names: WorkerNames
    own_topics: FlowTopics
    replication_factor: int
    offset_syncs_replication_factor: int
    intervals: Intervals
    duplicate_window: timedelta
    tasks: int
    workers: WorkersPlan
    metrics: FlowMetrics | None
    tuning: Mapping[str, str | int | float | bool]
    replicated_users: tuple[UserPlan, ...]

    @property
    def moves_groups(self) -> bool:
        """Whether any group's offsets are translated and synced."""
        return bool(self.groups)

    @property
    def runs_at_target(self) -> bool:
        """Whether it runs beside its target, and uses what the target has there already."""
        return self.place.site == self.target.site


def target_rights(
    name: FlowName, flow: Flow, *, with_heartbeats: bool = False
) -> tuple[Right, ...]:
    """Return what the flow's user needs at the target."""
    names, topics = worker_names(name, flow), flow_topics(flow)
    prefix = flow.source.site + SEPARATOR if flow.naming == "prefix" else ""
    heartbeats = rights_at_target(flow.source.site) if with_heartbeats else ()
    return merged(
        (
            *heartbeats,
            *mirror_target_rights(
                mirrored=topic_resources(flow.topics, prefix=prefix),
                groups=group_resources(flow.groups),
                worker_group=names.group,
                own_topics=(*names.storage_topics, *topics.at("target")),
                transactions=_transactions(names, flow) if flow.exactly_once else (),
            ),
        )
    )


def _transactions(names: WorkerNames, flow: Flow) -> tuple[Resource, ...]:
    tasks = task_transactions(names.group, flow.source.site, flow.target.site)
    return (
        Resource("transactionalId", leader_transaction(names.group)),
        Resource("transactionalId", tasks, "prefix"),
    )


def source_rights(flow: Flow, *, with_heartbeats: bool = False) -> tuple[Right, ...]:
    """Return what the flow's user needs at the source."""
    access = MirrorSourceAccess(
        role="mirror-source",
        topics=flow.topics,
        groups=flow.groups,
        offset_syncs_for=(flow.target.site,) if flow.offset_syncs == "source" else (),
    )
    return (*rights_of(access), *(rights_at_source() if with_heartbeats else ()))


def plan_flow(
    name: FlowName, flow: Flow, topology: Topology, descriptions: Mapping[SiteName, SiteDescription]
) -> FlowPlan | list[Problem]:
    """Return the plan of one flow, or what keeps it from being planned: no way in, no interval."""
    source, target = descriptions[flow.source.site], descriptions[flow.target.site]
    place = place_of(flow, topology, described=source.operator)
    source_listener, target_listener = (
        _listener(
            name,
            side,
            one,
            descriptions[one.site],
            from_inside=place.is_in_the_cluster_of(topology.sites[one.site]),
        )
        for side, one in flow.ends
    )
    spans = _intervals(name, flow)
    if (
        isinstance(source_listener, Problem)
        or isinstance(target_listener, Problem)
        or isinstance(spans, Problem)
    ):
        refused = (source_listener, target_listener, spans)
        return [one for one in refused if isinstance(one, Problem)]
    end = partial(plan_end, resource=worker_names(name, flow).resource, runs_at=place.site)
    with_heartbeats = name in source.heartbeats
    source_end = end(
        flow.source,
        "source",
        site=source,
        listener=source_listener,
        needs=source_rights(flow, with_heartbeats=with_heartbeats),
    )
    target_end = end(
        flow.target,
        "target",
        site=target,
        listener=target_listener,
        needs=target_rights(name, flow, with_heartbeats=with_heartbeats),
    )
    return FlowPlan(
        name=name,
        naming=flow.naming,
        state=flow.state,
        place=place,
        mirrors_heartbeats=with_heartbeats,
        start=flow.start,
        source=source_end,
        target=target_end,
        topics=topic_patterns(flow.topics),
        topics_exclude=(*topic_patterns(flow.topics_exclude), *renamed_topics(flow)),
        groups=group_patterns(flow.groups),
        groups_exclude=group_patterns(flow.groups_exclude),
        names=worker_names(name, flow),
        own_topics=flow_topics(flow),
        replication_factor=copies_at(target),
        offset_syncs_replication_factor=copies_at(
            source if flow.offset_syncs == "source" else target
        ),
        intervals=spans,
        duplicate_window=flow.objectives.duplicate_window,
        tasks=flow.tasks,
        workers=plan_workers(flow),
        metrics=flow_metrics_of(flow.metrics),
        tuning=flow.tuning,
        replicated_users=users_at_target(flow, topology, descriptions),
    )


def _listener(
    name: FlowName, side: Side, end: FlowEnd, site: SiteDescription, *, from_inside: bool
) -> str | Problem:
    user = site.users.get(end.user)
    asked = None if user is None else asked_of(user.authentication)
    try:
        return choose_listener(
            site.listeners, wanted=end.listener, from_inside=from_inside, authentication=asked
        )
    except LookupError as error:
        where = path("flows", name, side, "listener")
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
