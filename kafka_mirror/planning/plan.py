"""Plans a whole stack: every site and flow decided, or every reason why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kafka_mirror.errors import ConfigurationError, Problem
from kafka_mirror.planning.descriptions import all_descriptions
from kafka_mirror.planning.flows import FlowPlan, plan_flow, target_rights
from kafka_mirror.planning.loops import Hop, find_loops
from kafka_mirror.planning.sites import SitePlan, plan_site, site_problems
from kafka_mirror.topology import SiteDescription, SiteName, Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a stack makes, and what is known of every site it touches."""

    sites: dict[SiteName, SitePlan]
    flows: tuple[FlowPlan, ...]
    descriptions: dict[SiteName, SiteDescription]


def plan(topology: Topology, described_elsewhere: Mapping[SiteName, SiteDescription]) -> Plan:
    """Return the plan of a stack.

    Args:
        topology: Of the stack.
        described_elsewhere: The sites that other stacks own.

    Raises:
        ConfigurationError: Every flow that could not mirror, every loop, every impossible number.
    """
    descriptions = all_descriptions(topology, described_elsewhere)
    problems = list(site_problems(topology))
    flows: list[FlowPlan] = []
    for name, flow in topology.flows.items():
        planned = plan_flow(name, flow, topology, descriptions)
        if isinstance(planned, list):
            problems.extend(planned)
        else:
            flows.append(planned)
    problems.extend(_loop_problems(descriptions))
    problems.extend(_replicated_twice(flows))
    if problems:
        raise ConfigurationError(dict.fromkeys(problems))
    rights = {name: target_rights(name, flow) for name, flow in topology.flows.items()}
    return Plan(
        sites={
            name: plan_site(name, site, topology, rights)
            for name, site in topology.managed_sites().items()
        },
        flows=tuple(flows),
        descriptions=descriptions,
    )


def _loop_problems(descriptions: Mapping[SiteName, SiteDescription]) -> Iterator[Problem]:
    hops = [
        Hop(
            flow=name,
            source=flow.source,
            target=site.site,
            naming=flow.naming,
            topics=flow.topics,
            excludes=flow.topics_exclude,
        )
        for site in descriptions.values()
        for name, flow in site.flows.items()
        if flow.state != "stopped"
    ]
    for loop in find_loops(hops):
        yield Problem(
            "flows",
            f"{' and '.join(loop.flows)} together mirror {loop.topic!r} under one name: records would "
            "circle for ever. Use naming: prefix in all of them, exclude the topic from one, or stop one",
        )


def _replicated_twice(flows: list[FlowPlan]) -> Iterator[Problem]:
    seen: dict[tuple[str, str], str] = {}
    for flow in flows:
        for user in flow.replicated_users:
            first = seen.setdefault((flow.target.site, user.name), flow.name)
            if first != flow.name:
                yield Problem(
                    f'flows["{flow.name}"].replicatedUsers',
                    f"user {user.name!r} comes to site {flow.target.site!r} by flow {first!r} already; "
                    "keep it in one of them",
                )
