"""What Pulumi's own engine and its Kubernetes provider look for in a state, or they would change what is deployed."""

from __future__ import annotations

import json

from tests.engine.conftest import Sandbox, changed


def test_an_object_keeps_the_inputs_it_was_applied_with(deployed: Sandbox) -> None:
    topic = deployed.resources()["items"]
    assert topic["outputs"]["__inputs"] == topic["inputs"]
    assert topic["outputs"]["__initialApiVersion"] == "kafka.strimzi.io/v1"


def test_a_secret_is_recorded_with_data_as_the_provider_does(deployed: Sandbox) -> None:
    inputs = deployed.resources()["secret"]["inputs"]
    assert set(inputs) == {"apiVersion", "kind", "metadata", "data"}
    assert "ciphertext" in inputs["data"]


def test_a_provider_keeps_the_place_of_the_engine(deployed: Sandbox) -> None:
    provider = deployed.resources()["cluster"]
    assert provider["inputs"] == {**provider["outputs"], "__internal": {}}


def test_what_only_the_provider_uses_makes_no_difference(deployed: Sandbox) -> None:
    state = json.loads(deployed.state_file.read_text())
    for resource in state["deployment"]["resources"]:
        resource.get("outputs", {}).pop("__inputs", None)
    deployed.state_file.write_text(json.dumps(state))
    assert changed(deployed.up()) == []
