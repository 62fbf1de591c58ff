"""Heartbeats that a stack writes for a flow are known as such by the pack."""

from __future__ import annotations

from typing import Any

import pytest

from kafka_mirror.cli.check_sources import rendered_objects
from kafka_mirror.cli.offline import OfflineStack
from mirror_policies import Configuration, check
from mirror_policies.objects import KubernetesObject
from mirror_policies.rule import Profile
from tests.planning.plans import planned
from tests.topology.configurations import site, two_sites


@pytest.mark.parametrize(("heartbeats", "missing"), [(["dev-to-stg"], 0), (["other"], 1)])
def test_a_measured_flow_is_missing_heartbeats_unless_its_source_names_it(
    heartbeats: list[str], missing: int
) -> None:
    configuration = two_sites()
    configuration["sites"]["dev"]["heartbeats"] = heartbeats
    configuration["users"]["reader"]["access"][0]["topics"].append("heartbeats")
    configuration["flows"]["dev-to-stg"]["metrics"] = True
    material = rendered_objects(OfflineStack(plan=planned(configuration), sources={}), origin="x")

    found = check(material.objects, sites=material.sites)

    assert [one.rule for one in found].count("heartbeats-present") == missing


RENDERED = {"dev-to-stg": "IdentityReplicationPolicy", "dev-to-old": "DefaultReplicationPolicy"}


def flows_with_heartbeats(*, renamed: bool = False) -> list[dict[str, Any]]:
    """Return the objects of two flows from dev, of either naming, whose heartbeats are written beside it.

    Args:
        renamed: Whether the KafkaMirrorMaker2 of the first has not its name.
    """
    configuration = two_sites()
    configuration["sites"]["old"] = site("old") | {"operator": {"api": "v1beta2"}}
    configuration["sites"]["dev"]["heartbeats"] = list(RENDERED)
    configuration["users"]["reader"]["access"][0]["topics"].append("heartbeats")
    access = [{"role": "mirror-target", "flow": "dev-to-old"}]
    configuration["users"]["old-writer"] = {"sites": ["old"], "access": access}
    flow = configuration["flows"]["dev-to-stg"]
    configuration["flows"]["dev-to-old"] = {
        **flow,
        "target": {"site": "old", "user": "old-writer"},
        "naming": "prefix",
        "replicatedUsers": [],
    }
    if renamed:
        flow["names"] = {"resource": "first"}
    material = rendered_objects(OfflineStack(plan=planned(configuration), sources={}), origin="x")
    return [dict(one.data) for one in material.objects if isinstance(one.data, dict)]


def misjudged(objects: list[dict[str, Any]]) -> list[str]:
    """Return the connectors whose policy is found to be another than that of their flow."""
    found = check([KubernetesObject(one) for one in objects])
    return [one.object for one in found if one.rule == "heartbeat-policy-alike"]


def connector(objects: list[dict[str, Any]], flow: str) -> dict[str, Any]:
    (found,) = [
        one
        for one in objects
        if one["kind"] == "KafkaConnector" and one["metadata"]["name"] == flow
    ]
    return found["spec"]["config"]  # type: ignore[no-any-return]


def test_heartbeats_of_a_flow_are_judged_by_its_own_policy() -> None:
    objects = flows_with_heartbeats()
    said = {flow: connector(objects, flow)["replication.policy.class"] for flow in RENDERED}

    assert {flow: one.rpartition(".")[2] for flow, one in said.items()} == RENDERED
    assert misjudged(objects) == []

    for flow, other in (("dev-to-stg", "dev-to-old"), ("dev-to-old", "dev-to-stg")):
        connector(objects, flow)["replication.policy.class"] = said[other]
    assert misjudged(objects) == [
        "KafkaConnector kafka-dev/dev-to-stg",
        "KafkaConnector kafka-dev/dev-to-old",
    ]


def test_heartbeats_for_a_flow_that_their_stack_does_not_know_may_say_no_policy() -> None:
    objects = flows_with_heartbeats()
    del connector(objects, "dev-to-stg")["replication.policy.class"]

    assert misjudged(objects) == []


def test_a_flow_that_cannot_be_told_by_its_name_is_not_guessed() -> None:
    objects = flows_with_heartbeats(renamed=True)
    connector(objects, "dev-to-stg")["replication.policy.class"] = "org.example.Other"

    assert misjudged(objects) == []


@pytest.mark.parametrize(
    ("others", "advised"),
    [
        pytest.param([], False, id="heartbeats alone are one task"),
        pytest.param(["org.example.FileSource"], True, id="another connector may have more"),
    ],
)
def test_a_second_worker_is_advised_unless_all_there_is_to_do_is_heartbeats(
    others: list[str], *, advised: bool
) -> None:
    objects = flows_with_heartbeats()
    beating = next(one for one in objects if one["kind"] == "KafkaConnector")
    objects += [
        {**beating, "metadata": {**beating["metadata"], "name": "o"}, "spec": {"class": one}}
        for one in others
    ]

    found = check(
        [KubernetesObject(one) for one in objects],
        configuration=Configuration(profile=Profile.PRODUCTION),
    )

    of_workers = {one.object for one in found if one.rule == "workers-and-tasks-fit"}
    assert ("KafkaConnect kafka-dev/k-dev-heartbeats" in of_workers) == advised


def test_users_of_workers_are_no_applications() -> None:
    configuration = two_sites()
    for name, there in (("dev", "stg"), ("stg", "dev")):
        flow = f"{name}-to-{there}"
        configuration["sites"][name]["heartbeats"] = [flow]
        role = {"role": "mirror-source", "topics": ["items", "orders", "heartbeats"]}
        configuration["users"][f"reader-{name}"] = {"sites": [name], "access": [role]}
        role = {"role": "mirror-target", "flow": flow}
        configuration["users"][f"writer-{there}"] = {"sites": [there], "access": [role]}
        configuration["flows"][flow] = {
            "source": {"site": name, "user": f"reader-{name}"},
            "target": {"site": there, "user": f"writer-{there}"},
            "naming": "prefix",
            "topics": ["items" if name == "dev" else "orders"],
        }
    configuration["users"] = {
        name: user for name, user in configuration["users"].items() if "-" in name
    }
    material = rendered_objects(OfflineStack(plan=planned(configuration), sources={}), origin="x")

    found = check(material.objects, sites=material.sites)

    assert [one.rule for one in found if one.object.startswith("KafkaUser")] == []
