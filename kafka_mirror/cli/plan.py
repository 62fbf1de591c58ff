"""``kafka-mirror plan``: the names, rights and windows that follow from a stack, with no cluster."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from rich.table import Table
from rich.text import Text

from kafka_mirror.cli.console import OutputFormat, print_json, results
from kafka_mirror.cli.exit_codes import FINDING
from kafka_mirror.cli.offline import OfflineStack, read_stack
from kafka_mirror.cli.options import OutputOption, ProjectOption, StackArgument
from kafka_mirror.cli.plan_ends import end_facts, end_rows
from kafka_mirror.cli.plan_options import (
    flow_option_rows,
    flow_options,
    heartbeat_lines,
    quota_lines,
)
from kafka_mirror.cli.states import sites_of_other_stacks
from kafka_mirror.mirrormaker import keys
from kafka_mirror.planning import FlowPlan, Right, SitePlan, UserPlan
from kafka_mirror.planning.expiry import Trust, trusts
from kafka_mirror.planning.windows import window_after_source_restart
from kafka_mirror.topology.external import BROKER_DEFAULT
from kafka_mirror.topology.paths import path
from kafka_mirror.topology.written import duration_text


def plan_command(
    stack: StackArgument, project: ProjectOption = Path(), output: OutputOption = OutputFormat.TEXT
) -> None:
    """Show what follows from a stack: names, least rights, intervals and windows. Needs no cluster."""
    offline = read_stack(project, stack, sites_of_other_stacks(project, stack))
    if output is OutputFormat.JSON:
        print_json(_document(stack, offline))
    else:
        _draw(offline)
    now = datetime.now(UTC)
    if any(one.ends <= now for one in trusts(offline.plan.flows, offline.plan.descriptions)):
        raise typer.Exit(FINDING)


def _draw(offline: OfflineStack) -> None:
    console = results()
    for site, source in offline.sources.items():
        console.print(f"Site {site} is described by: {source}")
    for trust in trusts(offline.plan.flows, offline.plan.descriptions):
        console.print(
            f"Flow {trust.flow} trusts {trust.site} by: {trust.subject}, until {trust.ends:%Y-%m-%d}"
        )
        warning = trust.warning(datetime.now(UTC))
        if warning:
            console.print(Text(f" ! {warning}", "yellow"))
    for site_plan in offline.plan.sites.values():
        if site_plan.site.kafka.adopt:
            console.print(
                f"Kafka {site_plan.site.kafka.name} of site {site_plan.name} is adopted: read at each deployment, "
                "which needs its cluster, and never changed"
            )
        if site_plan.heartbeats is not None:
            for line in heartbeat_lines(site_plan.heartbeats, site_plan.site.operator):
                console.print(Text(line, "yellow" if line.startswith(" !") else ""))
        console.print(_users_table(site_plan.name, site_plan.users))
    for flow in offline.plan.flows:
        console.print(_flow_table(flow))
        if flow.replicated_users:
            console.print(
                _users_table(
                    f"{flow.target.site} (replicated by {flow.name})", flow.replicated_users
                )
            )


def _users_table(site: str, users: Iterable[UserPlan]) -> Table:
    table = Table("user", "may", title=f"Users at {site}", title_justify="left")
    for user in users:
        may = [*(["write nothing: it is fenced"] if user.fenced else []), *map(str, user.rights)]
        told = [*(may or ["log in, nothing else"]), *quota_lines(user.quotas)]
        table.add_row(Text(user.name), Text("\n".join(told)))
    return table


def _flow_table(flow: FlowPlan) -> Table:
    table = Table("what", "value", "because", title=f"Flow {flow.name}", title_justify="left")
    for row in _flow_rows(flow):
        table.add_row(*map(Text, row))
    return table


def _flow_rows(flow: FlowPlan) -> list[tuple[str, str, str]]:
    spans = flow.intervals
    return [
        ("from", f"{flow.source.site}, listener {flow.source.listener}", f"as {flow.source.user}"),
        ("to", f"{flow.target.site}, listener {flow.target.listener}", f"as {flow.target.user}"),
        *end_rows(flow),
        (
            "naming",
            flow.naming,
            "topics keep their names"
            if flow.naming == "identity"
            else f"{flow.source.site}.<topic>",
        ),
        ("topics", " | ".join(flow.topics), "patterns; a literal name is quoted"),
        (
            "left out",
            " | ".join((*keys.DEFAULT_TOPICS_EXCLUDE, *flow.topics_exclude)),
            "MirrorMaker's own excludes, yours, and names the naming cannot keep",
        ),
        _groups_row(flow),
        *flow_option_rows(flow),
        ("worker group", flow.names.group, "holds the flow's place"),
        ("storage topics", ", ".join(flow.names.storage_topics), "hold the flow's positions"),
        (
            "internal topics",
            ", ".join(flow.own_topics.at("target")),
            "at the target",
        ),
        *_offset_syncs_at_the_source(flow),
        _copies_row(flow),
        ("flush offsets every", duration_text(spans.flush.value), spans.flush.because),
        *_group_interval_rows(flow),
        ("discover every", duration_text(spans.discovery.value), spans.discovery.because),
        *_window_rows(flow),
    ]


def _groups_row(flow: FlowPlan) -> tuple[str, str, str]:
    if not flow.moves_groups:
        return "groups", "none", "no group finds its place at the target"
    return "groups", " | ".join(flow.groups), "whose offsets are translated and synced"


def _group_interval_rows(flow: FlowPlan) -> list[tuple[str, str, str]]:
    spans = flow.intervals
    if not flow.moves_groups:
        return []
    return [
        ("checkpoint every", duration_text(spans.checkpoint.value), spans.checkpoint.because),
        ("sync groups every", duration_text(spans.sync.value), spans.sync.because),
    ]


def _window_rows(flow: FlowPlan) -> list[tuple[str, str, str]]:
    spans = flow.intervals
    if not flow.moves_groups:
        return []
    return [
        (
            "duplicate window",
            duration_text(flow.duplicate_window),
            "objectives.duplicateWindow, kept by the above",
        ),
        (
            "after a restart of the source",
            duration_text(window_after_source_restart(flow.duplicate_window, spans)),
            "groups may be out of sight until the next discovery",
        ),
    ]


def _offset_syncs_at_the_source(flow: FlowPlan) -> list[tuple[str, str, str]]:
    if flow.own_topics.offset_syncs_at == "target":
        return []
    copies = flow.offset_syncs_replication_factor
    because = f"at the source, where {flow.source.user} writes it; replication factor {copies}"
    return [("offset syncs", flow.own_topics.offset_syncs, because)]


def _copies_row(flow: FlowPlan) -> tuple[str, str, str]:
    copies, site = flow.replication_factor, flow.target.site
    if copies == BROKER_DEFAULT:
        return "replication factor", str(copies), f"what the brokers of site {site} do by default"
    return "replication factor", str(copies), f"of site {site}"


def _document(stack: str, offline: OfflineStack) -> dict[str, Any]:
    now = datetime.now(UTC)
    found = list(trusts(offline.plan.flows, offline.plan.descriptions))
    return {
        "findings": [finding for trust in found for finding in _findings(trust, now)],
        "stack": stack,
        "describedBy": dict(offline.sources),
        "sites": {name: _site(site) for name, site in offline.plan.sites.items()},
        "flows": {flow.name: _flow(flow) for flow in offline.plan.flows},
    }


def _findings(trust: Trust, now: datetime) -> list[dict[str, str]]:
    warning = trust.warning(now)
    if warning is None:
        return []
    return [
        {
            "rule": "trust-ends",
            "level": "advisory" if trust.ends > now else "mandatory",
            "object": trust.flow,
            "path": str(path("sites", trust.site, "listeners", trust.listener, "certificates")),
            "message": warning,
        }
    ]


def _site(site: SitePlan) -> dict[str, Any]:
    return {
        "adopted": site.site.kafka.adopt,
        "replicationFactor": site.replication_factor,
        "minInsyncReplicas": site.min_insync_replicas,
        "topics": {
            topic.name: {"partitions": topic.partitions, "replicas": topic.replicas}
            for topic in site.topics
        },
        "users": {user.name: [_right(right) for right in user.rights] for user in site.users},
        "fenced": [user.name for user in site.users if user.fenced],
        "quotas": _quotas(site.users),
    }


def _flow(flow: FlowPlan) -> dict[str, Any]:
    return {
        "source": flow.source.site,
        "target": flow.target.site,
        "ends": {
            "source": end_facts(flow.source, _right),
            "target": end_facts(flow.target, _right),
        },
        "naming": flow.naming,
        "state": flow.state,
        "topics": list(flow.topics),
        "topicsExclude": [*keys.DEFAULT_TOPICS_EXCLUDE, *flow.topics_exclude],
        "groups": list(flow.groups),
        "groupsExclude": [*keys.DEFAULT_GROUPS_EXCLUDE, *flow.groups_exclude],
        "workerGroup": flow.names.group,
        "storageTopics": list(flow.names.storage_topics),
        "offsetSyncsTopic": flow.own_topics.offset_syncs,
        "offsetSyncsAt": flow.own_topics.offset_syncs_at,
        "offsetSyncsReplicationFactor": flow.offset_syncs_replication_factor,
        "checkpointsTopic": flow.own_topics.checkpoints,
        "replicationFactor": flow.replication_factor,
        "flushSeconds": flow.intervals.flush.seconds,
        "checkpointSeconds": flow.intervals.checkpoint.seconds,
        "syncSeconds": flow.intervals.sync.seconds,
        "discoverySeconds": flow.intervals.discovery.seconds,
        "duplicateWindowSeconds": flow.duplicate_window.total_seconds(),
        "windowAfterSourceRestartSeconds": window_after_source_restart(
            flow.duplicate_window, flow.intervals
        ).total_seconds(),
        "replicatedUsers": {
            user.name: [_right(right) for right in user.rights] for user in flow.replicated_users
        },
        "fenced": [user.name for user in flow.replicated_users if user.fenced],
        "quotas": _quotas(flow.replicated_users),
        **flow_options(flow),
    }


def _quotas(users: Iterable[UserPlan]) -> dict[str, Any]:
    return {
        user.name: user.quotas.model_dump(mode="json", by_alias=True, exclude_none=True)
        for user in users
        if user.quotas is not None
    }


def _right(right: Right) -> dict[str, Any]:
    resource = right.resource
    return {
        "resource": {
            "type": resource.type,
            "name": resource.name,
            "patternType": resource.pattern_type,
        },
        "operations": list(right.operations),
        "type": right.type,
        "host": right.host,
    }
