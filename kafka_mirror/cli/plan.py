"""``kafka-mirror plan``: the names, rights and windows that follow from a stack, with no cluster."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from kafka_mirror.cli.console import OutputFormat, print_json, results
from kafka_mirror.cli.offline import OfflineStack, read_stack
from kafka_mirror.cli.states import sites_of_other_stacks
from kafka_mirror.mirrormaker import keys
from kafka_mirror.planning import FlowPlan, Right, SitePlan, UserPlan
from kafka_mirror.topology.written import duration_text

StackArgument = Annotated[str, typer.Argument(help="The stack, as in Pulumi.<STACK>.yaml.")]
ProjectOption = Annotated[
    Path, typer.Option("--project", help="The folder of Pulumi.yaml.", file_okay=False, exists=True)
]
OutputOption = Annotated[OutputFormat, typer.Option("--output", help="text, or json for programs.")]


def plan_command(
    stack: StackArgument, project: ProjectOption = Path(), output: OutputOption = OutputFormat.TEXT
) -> None:
    """Show what follows from a stack: names, least rights, intervals and windows. Needs no cluster."""
    offline = read_stack(project, stack, sites_of_other_stacks(project, stack))
    if output is OutputFormat.JSON:
        print_json(_document(stack, offline))
    else:
        _draw(offline)


def _draw(offline: OfflineStack) -> None:
    console = results()
    for site, source in offline.sources.items():
        console.print(f"Site {site} is described by: {source}")
    for site_plan in offline.plan.sites.values():
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
        table.add_row(
            Text(user.name), Text("\n".join(map(str, user.rights)) or "log in, nothing else")
        )
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
        ("groups", " | ".join(flow.groups), "whose offsets are translated and synced"),
        ("worker group", flow.names.group, "holds the flow's place"),
        ("storage topics", ", ".join(flow.names.storage_topics), "hold the flow's positions"),
        (
            "internal topics",
            f"{flow.own_topics.offset_syncs}, {flow.own_topics.checkpoints}",
            "at the target",
        ),
        ("replication factor", str(flow.replication_factor), f"of site {flow.target.site}"),
        ("flush offsets every", duration_text(spans.flush.value), spans.flush.because),
        ("checkpoint every", duration_text(spans.checkpoint.value), spans.checkpoint.because),
        ("sync groups every", duration_text(spans.sync.value), spans.sync.because),
        ("discover every", duration_text(spans.discovery.value), spans.discovery.because),
        (
            "duplicate window",
            duration_text(flow.duplicate_window),
            "objectives.duplicateWindow, kept by the above",
        ),
    ]


def _document(stack: str, offline: OfflineStack) -> dict[str, Any]:
    return {
        "stack": stack,
        "describedBy": dict(offline.sources),
        "sites": {name: _site(site) for name, site in offline.plan.sites.items()},
        "flows": {flow.name: _flow(flow) for flow in offline.plan.flows},
    }


def _site(site: SitePlan) -> dict[str, Any]:
    return {
        "replicationFactor": site.replication_factor,
        "minInsyncReplicas": site.min_insync_replicas,
        "topics": {
            topic.name: {"partitions": topic.partitions, "replicas": topic.replicas}
            for topic in site.topics
        },
        "users": {user.name: [_right(right) for right in user.rights] for user in site.users},
    }


def _flow(flow: FlowPlan) -> dict[str, Any]:
    return {
        "source": flow.source.site,
        "target": flow.target.site,
        "naming": flow.naming,
        "state": flow.state,
        "topics": list(flow.topics),
        "topicsExclude": [*keys.DEFAULT_TOPICS_EXCLUDE, *flow.topics_exclude],
        "groups": list(flow.groups),
        "groupsExclude": [*keys.DEFAULT_GROUPS_EXCLUDE, *flow.groups_exclude],
        "workerGroup": flow.names.group,
        "storageTopics": list(flow.names.storage_topics),
        "offsetSyncsTopic": flow.own_topics.offset_syncs,
        "checkpointsTopic": flow.own_topics.checkpoints,
        "replicationFactor": flow.replication_factor,
        "flushSeconds": flow.intervals.flush.seconds,
        "checkpointSeconds": flow.intervals.checkpoint.seconds,
        "syncSeconds": flow.intervals.sync.seconds,
        "discoverySeconds": flow.intervals.discovery.seconds,
        "duplicateWindowSeconds": flow.duplicate_window.total_seconds(),
        "replicatedUsers": {
            user.name: [_right(right) for right in user.rights] for user in flow.replicated_users
        },
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
    }
