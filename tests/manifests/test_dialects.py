"""A plan in another dialect is said in it whole, wherever its flows run."""

from __future__ import annotations

import pytest

from kafka_mirror.errors import DialectError
from kafka_mirror.manifests import Dialect, said_in
from kafka_mirror.planning import Plan
from kafka_mirror.topology import Operator, SiteName
from tests.planning.plans import planned, two_stacks
from tests.topology.configurations import with_cloud

DEV = SiteName("dev")
ELSEWHERE = {"kubernetes": {"context": "edge", "namespace": "mirrors"}}


def to_the_cloud() -> Plan:
    configuration = with_cloud()
    configuration["flows"]["up"]["runsIn"] = ELSEWHERE
    return planned(configuration)


def between_others(operator: Operator | None = None) -> Plan:
    """Return a flow that runs elsewhere, from the site of another stack to one without an operator."""
    here, elsewhere = two_stacks()
    dev = elsewhere[DEV]
    elsewhere[DEV] = dev.model_copy(update={"operator": operator or dev.operator})
    cloud = with_cloud()
    here = {
        "sites": {"dev": {"stack": "dev"}, "cloud": cloud["sites"]["cloud"]},
        "users": {"key": cloud["users"]["key"]},
        "flows": {"up": {**cloud["flows"]["up"], "runsIn": ELSEWHERE}},
    }
    return planned(here, elsewhere)


@pytest.mark.parametrize("plan", [to_the_cloud(), between_others()], ids=["own", "others"])
def test_a_flow_to_an_external_site_speaks_the_dialect_wherever_it_runs(plan: Plan) -> None:
    said = said_in(Dialect.STRIMZI_V1BETA2, plan)

    assert {one.place.operator.api for one in said.flows} == {"v1beta2"}


def test_a_flow_beside_no_site_of_the_stack_has_no_licence() -> None:
    with pytest.raises(DialectError) as refused:
        said_in(Dialect.EVENT_STREAMS_V1, between_others())

    assert str(refused.value) == (
        "flows.up.runsIn: the dialect event-streams-v1 needs a licence and the version of Event Streams, which no site "
        "that this stack makes has. Render a dialect of strimzi, or run it at a site"
    )


def test_a_flow_beside_no_site_of_the_stack_is_said_like_its_source() -> None:
    old = Operator(type="strimzi", api="v1beta2")

    assert [one.place.operator for one in between_others(old).flows] == [old]
