"""The dialects a stack can be said in, and a plan as if another operator served its sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

from kafka_mirror.errors import DialectError, Problem
from kafka_mirror.planning import FlowPlan, Plan, SitePlan
from kafka_mirror.topology import Operator, SiteName
from kafka_mirror.topology.paths import path


class Dialect(StrEnum):
    """Everything that understands a flow; all but the last two understand sites, topics and users as well."""

    STRIMZI_V1 = "strimzi-v1"
    STRIMZI_V1BETA2 = "strimzi-v1beta2"
    EVENT_STREAMS_V1 = "event-streams-v1"
    EVENT_STREAMS_V1BETA2 = "event-streams-v1beta2"
    PROPERTIES = "properties"
    CONNECT = "connect"


_OPERATORS: Final = {
    Dialect.STRIMZI_V1: Operator(type="strimzi", api="v1"),
    Dialect.STRIMZI_V1BETA2: Operator(type="strimzi", api="v1beta2"),
}


def said_in(dialect: Dialect, plan: Plan) -> Plan:
    """Return a plan whose sites are all served by the operator of a dialect.

    Raises:
        DialectError: What a site says, or fails to say, for that operator; every site at once.
    """
    problems: list[Problem] = []
    sites = {}
    for name, site in plan.sites.items():
        found = _operator(dialect, site.site.operator, ("sites", name, "operator"))
        if isinstance(found, Problem):
            problems.append(found)
        else:
            sites[name] = replace(site, site=site.site.model_copy(update={"operator": found}))
    flows = []
    for flow in plan.flows:
        said = _flow_said_in(dialect, flow, sites, known=plan.sites)
        if isinstance(said, Problem):
            problems.append(said)
        else:
            flows.append(said)
    if problems:
        raise DialectError(problems)
    return replace(plan, sites=sites, flows=tuple(flows))


def _flow_said_in(
    dialect: Dialect,
    flow: FlowPlan,
    sites: Mapping[SiteName, SitePlan],
    *,
    known: Mapping[SiteName, SitePlan],
) -> FlowPlan | Problem:
    """Return a flow whose operator is that of the site it runs at, or of its ends, like where it was planned."""
    beside = (flow.place.site, flow.target.site, flow.source.site)
    site = next((one for one in beside if one in known), None)
    if site is None:
        found = _operator(dialect, flow.place.operator, ("flows", flow.name, "runsIn"))
    elif site in sites:
        found = sites[site].site.operator
    else:
        return flow  # what its site cannot be told is told of the site
    if isinstance(found, Problem):
        return found
    return replace(flow, place=replace(flow.place, operator=found))


def _operator(dialect: Dialect, written: Operator, where: tuple[str, ...]) -> Operator | Problem:
    """Return the operator that a dialect is of, as it is written at some place for another."""
    if dialect == f"{written.type}-{written.api}":
        return written
    operator = _OPERATORS.get(dialect)
    if operator is not None:
        return operator
    if written.type == "strimzi":
        told = f"the dialect {dialect} needs a licence and the version of Event Streams, which "
        if where[0] == "flows":
            return Problem(
                path(*where),
                f"{told}no site that this stack makes has. Render a dialect of strimzi, or run it at a site",
            )
        return Problem(
            path(*where, "licence"),
            f"{told}a site of type strimzi "
            "does not have. Write operator: {type: event-streams, api: "
            f"{dialect.removeprefix('event-streams-')}, version: …, licence: {{accept: true, id: …, use: …}}}}",
        )
    if where[0] == "sites":
        where = (*where, "version")
    return Problem(
        path(*where),
        f"the dialect {dialect} cannot say {written.version}: that release serves {written.api} alone. Render "
        f"event-streams-{written.api}, or write the version you have",
    )
