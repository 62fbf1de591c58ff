"""A flow runs beside its target unless it says otherwise, and reaches both ends from where it runs."""

from __future__ import annotations

from typing import Any

import pytest

from kafka_mirror.manifests import source_connection, target_connection
from kafka_mirror.planning import FlowPlan, PasswordLogin, Place
from kafka_mirror.planning.names import flow_secrets
from kafka_mirror.topology import Operator
from tests.planning.plans import planned
from tests.topology.configurations import Configuration, site, two_sites


def flow(runs_in: Any = None, **more: Any) -> FlowPlan:
    configuration = two_sites()
    configuration["flows"]["dev-to-stg"] |= {**({"runsIn": runs_in} if runs_in else {}), **more}
    return planned(configuration).flows[0]


def own_namespace(**more: Any) -> dict[str, Any]:
    return {"kubernetes": {"context": "dev", "namespace": "mirrors", **more}}


@pytest.mark.parametrize(
    ("runs_in", "namespace", "listeners"),
    [
        pytest.param(None, "kafka-stg", ("external", "tls"), id="beside the target"),
        pytest.param({"site": "dev"}, "kafka-dev", ("tls", "external"), id="beside the source"),
        pytest.param(own_namespace(), "mirrors", ("tls", "external"), id="near the source"),
        pytest.param(
            {"kubernetes": {"context": "edge", "namespace": "mirrors"}},
            "mirrors",
            ("external", "external"),
            id="near neither",
        ),
    ],
)
def test_a_flow_takes_the_listeners_it_can_reach_from_where_it_runs(
    runs_in: Any, namespace: str, listeners: tuple[str, str]
) -> None:
    found = flow(runs_in)

    assert found.place.namespace == namespace
    assert (found.source.listener, found.target.listener) == listeners


def test_a_flow_that_runs_elsewhere_needs_no_secret_of_its_target() -> None:
    def secrets(found: FlowPlan) -> set[str | None]:
        ends = (source_connection(found, "a:1"), target_connection(found, "b:1"))
        names: set[str | None] = set()
        for end in ends:
            assert end.trust is not None
            assert isinstance(end.login, PasswordLogin)
            names |= {end.trust.secret, end.login.password.secret}
        return names

    beside, apart = secrets(flow()), secrets(flow({"site": "dev"}))

    assert apart == {"k-dev-cluster-ca-cert", "reader-password"} | {
        name for name in flow_secrets("dev-to-stg") if "target" in name
    }
    assert secrets(flow(own_namespace())) == set(flow_secrets("dev-to-stg"))
    assert {"k-stg-cluster-ca-cert", "writer-password"} <= beside - apart


def test_one_that_asks_for_the_namespace_is_enough() -> None:
    def two_flows() -> Configuration:
        configuration = two_sites()
        first = configuration["flows"]["dev-to-stg"] | {"runsIn": own_namespace()}
        second = {**first, "topics": ["other"], "replicatedUsers": []}
        second |= {
            "runsIn": own_namespace(createNamespace=True),
            "target": {"site": "stg", "user": "other-writer"},
        }
        configuration["flows"] = {"dev-to-stg": first, "other": second}
        configuration["users"]["reader"]["access"][0]["topics"].append("other")
        access = [{"role": "mirror-target", "flow": "other"}]
        configuration["users"]["other-writer"] = {"sites": ["stg"], "access": access}
        return configuration

    assert planned(two_flows()).workplaces == (
        Place(
            context="dev",
            namespace="mirrors",
            operator=Operator(),
            site=None,
            create_namespace=True,
        ),
    )


def test_a_namespace_of_its_own_is_watched_by_the_operator_that_is_named_or_one_like_the_targets() -> (
    None
):
    configuration = two_sites()
    configuration["sites"]["stg"]["operator"] = {"api": "v1beta2"}
    flow_configuration = configuration["flows"]["dev-to-stg"]

    flow_configuration["runsIn"] = own_namespace()
    like_the_target = planned(configuration).flows[0].place
    flow_configuration["runsIn"] = {**own_namespace(), "operator": {"api": "v1"}}
    named = planned(configuration).flows[0].place

    assert (like_the_target.operator.api, named.operator.api) == ("v1beta2", "v1")
    assert like_the_target.address == named.address


def test_flows_of_two_operators_share_a_namespace() -> None:
    configuration = two_sites()
    flow = configuration["flows"]["dev-to-stg"]
    flow["runsIn"] = {"kubernetes": {"context": "edge", "namespace": "mirrors"}}
    configuration["sites"]["old"] = {
        **site("old"),
        "operator": {"type": "strimzi", "api": "v1beta2"},
    }
    configuration["users"]["old-writer"] = {
        "sites": ["old"],
        "access": [{"role": "mirror-target", "flow": "dev-to-old"}],
    }
    target = {"site": "old", "user": "old-writer"}
    configuration["flows"]["dev-to-old"] = {**flow, "target": target, "replicatedUsers": []}

    decided = planned(configuration)

    assert [one.place.operator.api for one in decided.flows] == ["v1", "v1beta2"]
    assert [one.address for one in decided.workplaces] == [("edge", "mirrors")]
