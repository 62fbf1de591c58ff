"""``kafka-mirror render``: a stack in the words of an operator, of a properties file or of Connect. Never a password."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import yaml

from kafka_mirror import manifests
from kafka_mirror.cli.console import errors
from kafka_mirror.cli.offline import OfflineStack, read_stack
from kafka_mirror.cli.options import ProjectOption, StackArgument
from kafka_mirror.cli.states import sites_of_other_stacks
from kafka_mirror.errors import UsageError
from kafka_mirror.manifests import Dialect
from kafka_mirror.planning import FlowPlan, Plan, SitePlan
from kafka_mirror.topology import SiteName
from kafka_mirror.topology.paths import nearest

_NEVER_FOLDED: Final = 100_000
_OF_ONE_FLOW: Final = frozenset({Dialect.PROPERTIES, Dialect.CONNECT})

DialectOption = Annotated[
    Dialect | None,
    typer.Option(help="In whose words; those of each site's operator unless it is given."),
]
FlowOption = Annotated[
    str | None,
    typer.Option(help="Which flow; for properties and connect, which say one at a time."),
]


def render_command(
    stack: StackArgument,
    project: ProjectOption = Path(),
    dialect: DialectOption = None,
    flow: FlowOption = None,
) -> None:
    """Print a stack in the words of whoever is to carry it out. Needs no cluster.

    Operator objects are YAML, in the order they are applied; Secrets are not printed: the stack makes them. The dialects
    properties and connect say one flow for a worker outside Kubernetes, with placeholders that lead to files on its machine.
    An address that only the deployment can tell stands as <bootstrap of SITE LISTENER>.
    """
    offline = read_stack(project, stack, sites_of_other_stacks(project, stack))
    if dialect in _OF_ONE_FLOW:
        chosen = _chosen(flow, offline.plan.flows, stack, dialect)
        sys.stdout.write(said_of_flow(offline.plan, chosen, dialect))
        errors().print(
            f"This is flow {chosen.name} alone, with no secret in it. Sites, topics and users are not said in "
            f"{dialect}: see kafka-mirror render {stack}, and kafka-mirror plan {stack} for the rights of "
            f"{chosen.source.user} and {chosen.target.user}."
        )
        return
    if flow is not None:
        raise UsageError(
            f"--flow is for the dialects {' and '.join(sorted(_OF_ONE_FLOW))}; the operators' say a whole stack"
        )
    sys.stdout.write(
        yaml.safe_dump_all(
            rendered(offline, dialect),
            sort_keys=False,
            default_flow_style=False,
            width=_NEVER_FOLDED,
        )
    )


def rendered(offline: OfflineStack, dialect: Dialect | None = None) -> list[dict[str, Any]]:
    """Return every operator object of a planned stack.

    Args:
        offline: The stack.
        dialect: Of an operator; None for that of each site.

    Raises:
        DialectError: What that operator cannot be told.
    """
    plan = offline.plan if dialect is None else manifests.said_in(dialect, offline.plan)
    objects: list[dict[str, Any]] = []
    for site in plan.sites.values():
        place = _place(plan, site.name)
        if not site.site.kafka.adopt:
            objects += manifests.site_monitoring(site)
            objects += [*manifests.kafka_node_pools(site), manifests.kafka(site)]
        objects += [manifests.kafka_topic(topic, **place) for topic in site.topics]
        objects += [manifests.kafka_user(user, **place) for user in site.users]
        objects += _heartbeats(plan, site)
    for flow in plan.flows:
        objects += _replicated_users(plan, flow)
        objects += manifests.flow_monitoring(flow)
        objects.append(_mirror_maker(plan, flow))
    return objects


def said_of_flow(plan: Plan, flow: FlowPlan, dialect: Dialect) -> str:
    """Return a flow as a worker outside Kubernetes takes it.

    Raises:
        DialectError: What the dialect has no words for.
    """
    source, target = (
        manifests.site_files(flow, _bootstrap_servers(plan, end.site, end.listener))
        for end in (flow.source, flow.target)
    )
    if dialect is Dialect.PROPERTIES:
        return manifests.properties(flow, source=source, target=target)
    return (
        json.dumps(
            manifests.connect(flow, source=source, target=target), indent=2, ensure_ascii=False
        )
        + "\n"
    )


def _chosen(
    name: str | None, flows: tuple[FlowPlan, ...], stack: str, dialect: Dialect | None
) -> FlowPlan:
    names = [str(one.name) for one in flows]
    known = ", ".join(names) or "none"
    if name is None and len(flows) == 1:
        return flows[0]
    if name is None:
        raise UsageError(
            f"{dialect} says one flow at a time: stack {stack!r} has {len(flows)} ({known}). Name one with --flow"
        )
    found = next((one for one in flows if one.name == name), None)
    if found is None:
        raise UsageError(
            f"stack {stack!r} has no flow {name!r} (has {known}).{nearest(name, names)}"
        )
    return found


def _place(plan: Plan, site: SiteName) -> dict[str, Any]:
    written = plan.sites[site].site
    return {
        "namespace": written.kubernetes.namespace,
        "cluster": written.kafka.name,
        "operator": written.operator,
    }


def _replicated_users(plan: Plan, flow: FlowPlan) -> list[dict[str, Any]]:
    if not flow.replicated_users:
        return []
    place = _place(plan, flow.target.site)
    return [manifests.kafka_user(user, **place) for user in flow.replicated_users]


def _heartbeats(plan: Plan, site: SitePlan) -> list[dict[str, Any]]:
    if site.heartbeats is None:
        return []
    where: dict[str, Any] = {
        "namespace": site.site.kubernetes.namespace,
        "operator": site.site.operator,
        "bootstrap_servers": _bootstrap_servers(plan, site.name, site.heartbeats.listener),
    }
    return [
        manifests.heartbeat_worker(site.heartbeats, **where),
        *manifests.heartbeat_connectors(site.heartbeats, **where),
    ]


def _mirror_maker(plan: Plan, flow: FlowPlan) -> dict[str, Any]:
    source, target = (
        _bootstrap_servers(plan, end.site, end.listener) for end in (flow.source, flow.target)
    )
    return manifests.mirror_maker(
        flow,
        source=manifests.source_connection(flow, source),
        target=manifests.target_connection(flow, target),
    )


def _bootstrap_servers(plan: Plan, site: SiteName, listener: str) -> str:
    described = plan.descriptions[site].listeners[listener]
    return described.bootstrap_servers or f"<bootstrap of {site} {listener}>"
