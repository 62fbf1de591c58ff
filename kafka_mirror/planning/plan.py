"""Plans a whole stack: every site and flow decided, or every reason why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kafka_mirror.errors import ConfigurationError, Problem
from kafka_mirror.planning.collisions import collisions
from kafka_mirror.planning.descriptions import describe_sites
from kafka_mirror.planning.ends import certificate_problems
from kafka_mirror.planning.flows import FlowPlan, plan_flow, target_rights
from kafka_mirror.planning.heartbeats import heartbeat_problems
from kafka_mirror.planning.loops import Hop, find_loops
from kafka_mirror.planning.places import Place, places_without_site
from kafka_mirror.planning.rights import Right
from kafka_mirror.planning.selections import selection_problems
from kafka_mirror.planning.settings import setting_problems
from kafka_mirror.planning.sites import SitePlan, plan_site, site_problems
from kafka_mirror.planning.user_checks import user_problems
from kafka_mirror.topology import Flow, FlowName, SiteDescription, SiteName, Topology
from kafka_mirror.topology.paths import path


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a stack makes, and what is known of every site it touches."""

    sites: dict[SiteName, SitePlan]
    flows: tuple[FlowPlan, ...]
    descriptions: dict[SiteName, SiteDescription]

    def described(self, site: SiteName) -> dict[str, Any]:
        """Return what others are told of a site, as plain data."""
        return self.descriptions[site].model_dump(mode="json", by_alias=True)

    @property
    def workplaces(self) -> tuple[Place, ...]:
        """Return the places without a site that flows run in."""
        return places_without_site(flow.place for flow in self.flows)


def plan(topology: Topology, described_elsewhere: Mapping[SiteName, SiteDescription]) -> Plan:
    """Return the plan of a stack.

    Args:
        topology: Of the stack.
        described_elsewhere: The sites that other stacks own.

    Raises:
        ConfigurationError: Every flow that could not mirror, every loop, every impossible number.
    """
    descriptions = describe_sites(topology, described_elsewhere)
    unknown = [_undescribed(name) for name in topology.sites if name not in descriptions]
    if unknown:
        raise ConfigurationError(unknown)
    problems = [
        *setting_problems(topology),
        *site_problems(topology),
        *heartbeat_problems(topology),
        *collisions(topology, descriptions),
    ]
    flows: list[FlowPlan] = []
    for name, flow in topology.flows.items():
        problems.extend(_flow_problems(name, flow, topology, descriptions))
        planned = plan_flow(name, flow, topology, descriptions)
        if isinstance(planned, list):
            problems.extend(planned)
        else:
            flows.append(planned)
    problems.extend(_loop_problems(descriptions))
    if problems:
        raise ConfigurationError(dict.fromkeys(problems))
    return Plan(
        sites={
            name: plan_site(
                name,
                site,
                topology,
                descriptions[name],
                _rights_at(name, topology, descriptions),
            )
            for name, site in topology.managed_sites().items()
        },
        flows=tuple(flows),
        descriptions=descriptions,
    )


def _undescribed(name: SiteName) -> Problem:
    return Problem(
        path("sites", name, "stack"), "nothing is known of this site: its stack was not read"
    )


def _rights_at(
    site: SiteName, topology: Topology, descriptions: Mapping[SiteName, SiteDescription]
) -> dict[FlowName, tuple[Right, ...]]:
    """Return what the users of the flows into a site need there."""
    return {
        name: target_rights(
            name, flow, with_heartbeats=name in descriptions[flow.source.site].heartbeats
        )
        for name, flow in topology.flows.items()
        if flow.target.site == site
    }


def _flow_problems(
    name: FlowName, flow: Flow, topology: Topology, descriptions: Mapping[SiteName, SiteDescription]
) -> Iterator[Problem]:
    source, target = descriptions[flow.source.site], descriptions[flow.target.site]
    yield from selection_problems(name, flow)
    yield from user_problems(name, flow, topology, source=source, target=target)
    yield from certificate_problems(name, flow, topology, source=source, target=target)


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
