"""Users with certificates and a site of another team, on real Kafka: who gets in, who does not, and what arrives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import yaml
from confluent_kafka import Consumer, KafkaError, TopicPartition

import lab
from lab.demo.reading import answered
from lab.waiting import wait_until
from tests.lab.ends.certified import Certified, bring_authority, dev, refusal, seal, stg
from tests.lab.stacks.small import CHECKOUT, SmallStacks

pytestmark = pytest.mark.lab

MIRRORED_WITHIN = timedelta(seconds=180)


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certified]:
    root = tmp_path_factory.mktemp("certified")
    with lab.running(root / "lab", sites=("dev", "stg")) as directory:
        (root / "project").mkdir()
        stacks = SmallStacks(root / "project", directory)
        project = {"name": "kafka-mirror", "runtime": "python", "main": str(CHECKOUT)}
        (stacks.directory / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        bring_authority(stacks)
        _write(stacks, "dev", dev())
        stacks.up("dev")
        outputs = stacks.outputs("dev")
        listener = outputs["sites"]["dev"]["listeners"]["scram"]
        far = {
            "bootstrapServers": listener["bootstrapServers"],
            "authentication": "scram-sha-512",
            "tls": {"certificates": list(listener["certificates"])},
        }
        _write(stacks, "stg", stg(far))
        seal(stacks, "stg", "far-guest", outputs["credentials"]["guest"])
        stacks.up("stg")
        yield Certified(stacks)


def _write(stacks: SmallStacks, stack: str, configuration: dict[str, Any]) -> None:
    keys = {f"kafka-mirror:{key}": value for key, value in configuration.items()}
    file = stacks.directory / f"Pulumi.{stack}.yaml"
    file.write_text(yaml.safe_dump({"config": keys}, sort_keys=False))


def _arrived(certified: Certified, topic: str, *, user: str, group: str) -> int:
    """Return how many records have arrived at stg; none as long as the flow has not made the topic."""
    consumer = Consumer({**certified.client("stg", user), "group.id": group})

    def ask() -> int:
        if consumer.list_topics(topic, timeout=10).topics[topic].error is not None:
            return 0
        return consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10)[1]

    try:
        return answered(ask)
    finally:
        consumer.close()


def test_what_a_producer_with_a_certificate_writes_is_mirrored(certified: Certified) -> None:
    assert refusal(certified.client("dev", "item-producer"), "items") is None

    def arrived() -> int:
        return _arrived(certified, "dev.items", user="item-consumer", group="ItemConsumer")

    assert wait_until(lambda: arrived() >= 1, within=MIRRORED_WITHIN)


@pytest.mark.parametrize("issued_at", ["dev", "stg"])
@pytest.mark.parametrize("site", ["dev", "stg"])
def test_a_user_without_a_right_is_denied_on_both_sites_wherever_its_certificate_is_from(
    certified: Certified, site: str, issued_at: str
) -> None:
    client = certified.client(site, "stranger", certificate_of=issued_at)

    error = refusal(client, "items" if site == "dev" else "dev.items")

    assert error is not None
    assert error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED


def test_a_flow_reads_a_site_of_another_team_with_the_password_it_was_given(
    certified: Certified,
) -> None:
    outputs = certified.stacks.outputs("dev")
    listener = outputs["sites"]["dev"]["listeners"]["scram"]
    client = {
        "bootstrap.servers": listener["bootstrapServers"],
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "order-producer",
        "sasl.password": outputs["credentials"]["order-producer"],
        "ssl.ca.pem": "\n".join(listener["certificates"]),
    }

    assert refusal(client, "orders") is None

    flow = certified.stacks.api("stg").get(
        "kafka.strimzi.io/v1", "KafkaMirrorMaker2", "far-to-stg", "kafka-stg"
    )
    assert flow["spec"]["mirrors"][0]["source"]["alias"] == "far"

    def arrived() -> int:
        return _arrived(certified, "far.orders", user="mirror-writer", group="mm2-far-to-stg-look")

    assert wait_until(lambda: arrived() >= 1, within=MIRRORED_WITHIN)


def test_no_private_key_of_dev_is_at_stg_nor_in_a_state(certified: Certified) -> None:
    keys = [certified.secret("dev", name)["user.key"] for name in ("mirror-reader", "stranger")]
    body = [key.splitlines()[1] for key in keys]

    there = json.dumps([certified.secret("stg", name) for name in ("mirror-reader", "stranger")])
    states = "".join(file.read_text() for file in certified.stacks.lab.state.rglob("*.json"))

    assert not [line for line in body if line in there or line in states]
