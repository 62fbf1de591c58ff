"""A flow that runs elsewhere than beside its target has all it needs there, and moves whole."""

from __future__ import annotations

import base64
from typing import Any

import pytest

import engine
from kafka_mirror.cli.restart_impact import impact_text
from tests.components.conftest import Estate
from tests.topology.configurations import Configuration, changed, site, two_sites

PLACE = {"context": "edge", "namespace": "mirrors", "createNamespace": True}
SECRETS = {
    f"dev-to-stg-{end}-{what}" for end in ("source", "target") for what in ("credential", "trust")
}


def _two_sites(**flow: Any) -> Configuration:
    configuration = two_sites()
    configuration["flows"]["dev-to-stg"] |= flow
    return configuration


@pytest.fixture
def estate(estate: Estate) -> Estate:
    # The pack asks for a route's own certificate authority; what is made is the same without.
    estate.packs = ()
    estate.write("both", _two_sites())
    estate.up("both")
    return estate


def _objects(estate: Estate, context: str, namespace: str) -> dict[tuple[str, str], Any]:
    return {
        (one["kind"], one["metadata"]["name"]): one
        for one in estate.cluster(context).objects.values()
        if one["metadata"].get("namespace") == namespace
    }


def _of_the_flow(objects: dict[tuple[str, str], Any]) -> set[str]:
    return {name for _, name in objects if name.startswith("dev-to-stg")}


def test_a_flow_in_a_namespace_of_its_own_finds_there_all_it_needs(estate: Estate) -> None:
    estate.write("both", _two_sites(runsIn={"kubernetes": PLACE}))

    done = estate.up("both")

    there = _objects(estate, "edge", "mirrors")
    assert set(there) == {
        ("KafkaMirrorMaker2", "dev-to-stg"),
        *(("Secret", name) for name in SECRETS),
    }
    named = {
        one["secretName"]
        for end in (there["KafkaMirrorMaker2", "dev-to-stg"]["spec"]["target"],)
        for one in (*end["tls"]["trustedCertificates"], end["authentication"]["passwordSecret"])
    }
    assert named == {"dev-to-stg-target-credential", "dev-to-stg-target-trust"}
    assert _of_the_flow(_objects(estate, "stg", "kafka-stg")) == set()
    assert (
        "KafkaMirrorMaker2 dev-to-stg stops where it runs and starts anew where it is to run"
        in impact_text(done.steps).plain
    )
    assert {step.op for step in estate.up("both").steps} <= {engine.Op.SAME, engine.Op.READ}


def test_a_flow_beside_its_source_logs_in_at_the_target_with_the_password_from_there(
    estate: Estate,
) -> None:
    estate.write("both", changed(_two_sites(), "flows", "dev-to-stg", "runsIn", to={"site": "dev"}))

    estate.up("both")

    def password(context: str, name: str) -> bytes:
        secret = _objects(estate, context, f"kafka-{context}")["Secret", name]
        return base64.b64decode(secret["data"]["password"])

    assert password("dev", "dev-to-stg-target-credential") == password("stg", "writer-password")
    assert _of_the_flow(_objects(estate, "stg", "kafka-stg")) == set()


def test_what_ran_elsewhere_goes_without_a_trace(estate: Estate) -> None:
    estate.write("both", _two_sites(runsIn={"kubernetes": PLACE}))
    estate.up("both")

    estate.destroy("both")

    assert estate.cluster("edge").objects == {}


def test_flows_of_two_operators_in_one_namespace_have_one_provider(estate: Estate) -> None:
    configuration = _two_sites(runsIn={"kubernetes": PLACE})
    old = {**site("old"), "operator": {"type": "strimzi", "api": "v1beta2"}}
    configuration["sites"]["old"] = old
    configuration["users"]["old-writer"] = {
        "sites": ["old"],
        "access": [{"role": "mirror-target", "flow": "dev-to-old"}],
    }
    target = {"site": "old", "user": "old-writer"}
    flow = configuration["flows"]["dev-to-stg"]
    configuration["flows"]["dev-to-old"] = {**flow, "target": target, "replicatedUsers": []}
    estate.write("both", configuration)

    estate.up("both")

    there = _objects(estate, "edge", "mirrors")
    flows = {name: one for (kind, name), one in there.items() if kind == "KafkaMirrorMaker2"}
    assert {name: one["apiVersion"] for name, one in flows.items()} == {
        "dev-to-stg": "kafka.strimzi.io/v1",
        "dev-to-old": "kafka.strimzi.io/v1beta2",
    }
