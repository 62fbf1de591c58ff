"""What the committed stacks make: which resources, in which wiring, and what they tell other stacks."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from kafka_mirror.cli.offline import read_stack
from kafka_mirror.cli.render import rendered
from kafka_mirror.topology import SiteDescription
from tests.components.conftest import CHECKOUT, Estate

MADE = {
    "dev": {
        "Namespace rt-inventory-dev",
        "KafkaNodePool rt-inventory-dev/dual-role",
        "Kafka rt-inventory-dev/rt-inventory-dev",
        *(
            f"KafkaTopic rt-inventory-dev/{name}"
            for name in ("items", "items.inventory", "store.inventory")
        ),
        *(
            f"{kind} rt-inventory-dev/{name}{end}"
            for name in ("rt-inv-dev-user", "item-producer", "item-consumer")
            for kind, end in (("KafkaUser", ""), ("Secret", "-password"))
        ),
    },
    "stg": {
        "Namespace rt-inventory-stg",
        "KafkaNodePool rt-inventory-stg/dual-role",
        "Kafka rt-inventory-stg/rt-inventory-stg",
        *(
            f"{kind} rt-inventory-stg/{name}{end}"
            for name in ("rt-inv-stg-user", "item-producer", "item-consumer")
            for kind, end in (("KafkaUser", ""), ("Secret", "-password"))
        ),
        "Secret rt-inventory-stg/dev-to-stg-source-credential",
        "Secret rt-inventory-stg/dev-to-stg-source-trust",
        "KafkaMirrorMaker2 rt-inventory-stg/dev-to-stg",
    },
}


@pytest.mark.parametrize("stack", ["dev", "stg"])
def test_a_stack_makes_exactly_these_objects(committed: Estate, stack: str) -> None:
    assert set(committed.cluster(stack).objects) == MADE[stack]


@pytest.mark.parametrize("stack", ["dev", "stg"])
def test_what_is_applied_is_what_render_prints(committed: Estate, stack: str) -> None:
    applied = committed.cluster(stack).objects
    outputs = {"dev": committed.outputs("dev")["sites"]}
    for expected in rendered(read_stack(CHECKOUT, stack, outputs)):
        metadata = expected["metadata"]
        live = applied[f"{expected['kind']} {metadata['namespace']}/{metadata['name']}"]
        if expected["kind"] == "KafkaMirrorMaker2":
            # The one address that only this stack's own deployment knows.
            expected["spec"]["target"]["bootstrapServers"] = "rt-inventory-stg-tls.example:9093"
        assert live["spec"] == expected["spec"]
        assert live["metadata"].get("labels") == metadata.get("labels")


def test_everything_an_operator_finishes_is_waited_for(committed: Estate) -> None:
    for stack in ("dev", "stg"):
        for key, found in committed.cluster(stack).objects.items():
            kind = key.split()[0]
            waits = found["metadata"].get("annotations", {}).get("pulumi.com/waitFor")
            awaited = kind in {"Kafka", "KafkaTopic", "KafkaUser", "KafkaMirrorMaker2"}
            assert waits == ("condition=Ready" if awaited else None), key


def test_the_flow_reaches_dev_as_dev_says_of_itself(committed: Estate) -> None:
    objects = committed.cluster("stg").objects
    flow = objects["KafkaMirrorMaker2 rt-inventory-stg/dev-to-stg"]["spec"]
    source = flow["mirrors"][0]["source"]
    assert source["bootstrapServers"] == "rt-inventory-dev-external.example:9094"
    assert _decoded(objects, "dev-to-stg-source-trust") == {
        "ca.crt": "certificate of rt-inventory-dev"
    }
    passwords = committed.outputs("dev")["credentials"]
    assert _decoded(objects, "dev-to-stg-source-credential") == {
        "password": passwords["rt-inv-dev-user"]
    }


@pytest.mark.parametrize("user", ["item-producer", "item-consumer"])
def test_a_replicated_user_has_the_same_password_at_both_sites(
    committed: Estate, user: str
) -> None:
    here, there = (
        _decoded(committed.cluster(stack).objects, f"{user}-password", f"rt-inventory-{stack}")
        for stack in ("dev", "stg")
    )
    assert here == there == {"password": committed.outputs("dev")["credentials"][user]}


def test_a_user_follows_its_credential(committed: Estate) -> None:
    objects = committed.cluster("dev").objects
    secret = objects["Secret rt-inventory-dev/item-producer-password"]
    user = objects["KafkaUser rt-inventory-dev/item-producer"]
    version = user["metadata"]["annotations"]["kafka-mirror/credential-version"]
    assert version == secret["metadata"]["resourceVersion"]


def test_a_flow_follows_its_credentials_and_its_trust(committed: Estate) -> None:
    objects = committed.cluster("stg").objects
    flow = objects["KafkaMirrorMaker2 rt-inventory-stg/dev-to-stg"]
    secrets = (
        "dev-to-stg-source-credential",
        "rt-inv-stg-user-password",
        "dev-to-stg-source-trust",
    )
    versions = [
        objects[f"Secret rt-inventory-stg/{name}"]["metadata"]["resourceVersion"]
        for name in secrets
    ]
    assert flow["metadata"]["annotations"]["kafka-mirror/credential-version"] == "-".join(versions)


def test_the_sites_output_is_public_and_of_the_agreed_shape(committed: Estate) -> None:
    described = SiteDescription.model_validate(committed.outputs("dev")["sites"]["dev"])
    external = described.listeners["external"]
    assert external.bootstrap_servers == "rt-inventory-dev-external.example:9094"
    assert external.certificates == ("certificate of rt-inventory-dev",)
    assert set(described.users) == {"rt-inv-dev-user", "item-producer", "item-consumer"}
    for password in committed.outputs("dev")["credentials"].values():
        assert password not in str(committed.outputs("dev")["sites"])


def test_only_shared_credentials_leave_a_stack(committed: Estate) -> None:
    assert set(committed.outputs("dev")["credentials"]) == {
        "rt-inv-dev-user",
        "item-producer",
        "item-consumer",
    }
    replicated = {"item-producer", "item-consumer"}
    shared = committed.outputs("dev")["credentials"]
    assert committed.outputs("stg")["credentials"] == {name: shared[name] for name in replicated}


def _decoded(objects: Any, name: str, namespace: str = "rt-inventory-stg") -> dict[str, str]:
    data = objects[f"Secret {namespace}/{name}"]["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}
