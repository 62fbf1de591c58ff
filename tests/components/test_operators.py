"""What a site's operator decides is decided once: every object of a deployed stack is of its API."""

from __future__ import annotations

import json

import pytest

import engine
from tests.components.conftest import Estate
from tests.manifests.flows import EVENT_STREAMS_12, EVENT_STREAMS_13, OLD_STRIMZI, served_by
from tests.topology.configurations import Configuration


@pytest.mark.parametrize(
    ("operator", "api_version"),
    [
        (OLD_STRIMZI, "kafka.strimzi.io/v1beta2"),
        (EVENT_STREAMS_12, "eventstreams.ibm.com/v1beta2"),
        (EVENT_STREAMS_13, "eventstreams.ibm.com/v1"),
    ],
)
def test_everything_at_a_site_is_of_its_operator(
    operator: Configuration, api_version: str, estate: Estate
) -> None:
    estate.write("pair", served_by(operator))

    estate.up("pair")

    stg = json.loads((estate.root / "stg.json").read_text()).values()
    assert {one["apiVersion"] for one in stg} == {"v1", api_version}
    (flow,) = (one for one in stg if one["kind"] == "KafkaMirrorMaker2")
    said = json.dumps(flow["spec"])
    assert "k-dev-external.example:9094" in said
    assert "k-stg-tls.example:9093" in said
    dev = estate.outputs("pair")["sites"]["dev"]
    assert dev["operator"] == operator
    assert dev["listeners"]["external"]["certificates"] == ["certificate of k-dev"]
    assert {step.op for step in estate.up("pair").steps} <= {engine.Op.SAME, engine.Op.READ}
