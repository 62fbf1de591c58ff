"""The flow that tests of dialects say, with some changes, and how a worker reaches its ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kafka_mirror.manifests import Connection, SiteFiles, site_files
from kafka_mirror.planning import FlowPlan, SitePlan, Trust
from kafka_mirror.topology import Operator, SiteName
from tests.planning.plans import login, planned
from tests.topology.configurations import Configuration, changed, two_sites

EVENT_STREAMS_13: Configuration = {
    "type": "event-streams",
    "api": "v1",
    "version": "13.0.0",
    "licence": {
        "accept": True,
        "id": "L-VEMB-RABZSN",
        "use": "CloudPakForIntegrationNonProduction",
    },
}
EVENT_STREAMS_12: Configuration = {
    **EVENT_STREAMS_13,
    "api": "v1beta2",
    "version": "12.1.0",
}
OLD_STRIMZI: Configuration = {"type": "strimzi", "api": "v1beta2"}


def served_by(operator: Configuration, configuration: Configuration | None = None) -> Configuration:
    """Return a configuration whose managed sites are all served by an operator."""
    result = configuration or two_sites()
    for name, site in result["sites"].items():
        if "kafka" in site:
            result = changed(result, "sites", name, "operator", to=operator)
            if operator["type"] == "event-streams":
                result["sites"][name]["kafka"].pop("version", None)
    return result


def flow_plan(**changes: Any) -> FlowPlan:
    """Return the plan of the flow from dev to stg with some changes."""
    configuration = two_sites()
    configuration["flows"]["dev-to-stg"] |= changes
    return planned(configuration).flows[0]


def served_flow(plan: FlowPlan, operator: Operator) -> FlowPlan:
    """Return a flow as it would be where another operator is."""
    return replace(plan, place=replace(plan.place, operator=operator))


def site_plan(configuration: Configuration | None = None) -> SitePlan:
    """Return the plan of dev."""
    return planned(configuration or two_sites()).sites[SiteName("dev")]


def connection(**changes: Any) -> Connection:
    """Return a way to a site by Secrets."""
    given = Connection(bootstrap_servers="b:9093", trust=Trust(secret="trust"), login=login())
    return replace(given, **changes)


def ends(plan: FlowPlan, directory: str = "/etc/kafka-mirror") -> dict[str, SiteFiles]:
    """Return the ways to both sites of a flow by files."""
    return {
        "source": site_files(plan, "dev.example.com:443", directory=directory),
        "target": site_files(plan, "stg.example.com:443", directory=directory),
    }
