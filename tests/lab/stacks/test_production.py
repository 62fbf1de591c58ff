"""A production site cannot be deleted by mistake, and a topic outlives its line in the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

import engine
from kafka_mirror.errors import KafkaMirrorError
from lab.demo.applications import Application
from lab.demo.reading import read_topic
from lab.waiting import wait_until
from tests.lab.stacks.following import STRIMZI, WITHIN
from tests.lab.stacks.small import SmallStacks, changed

pytestmark = pytest.mark.lab

Configuration = dict[str, Any]
TOPIC = "ledger"
PLACE = (STRIMZI, "KafkaTopic", TOPIC, "kafka-dev")
RECORDS = 50


def _promote(configuration: Configuration) -> None:
    configuration["sites"]["dev"]["production"] = True
    _write(configuration)
    for user in ("item-producer", "item-consumer"):
        configuration["users"][user]["access"][0]["topics"].append(TOPIC)


def _write(configuration: Configuration) -> None:
    configuration["topics"][TOPIC] = {"sites": ["dev"]}


def _forget(configuration: Configuration) -> None:
    del configuration["topics"][TOPIC]


def _application(stacks: SmallStacks, user: str, directory: Path) -> Application:
    outputs = stacks.outputs("dev")
    return Application.at(
        "dev", user, sites=outputs["sites"], passwords=outputs["credentials"], directory=directory
    )


def test_a_production_site_is_protected_and_its_topics_are_kept(
    stacks: SmallStacks, tmp_path: Path
) -> None:
    file = stacks.directory / "Pulumi.dev.yaml"
    written, api = file.read_text(), stacks.api("dev")

    def count() -> int:
        consumer = _application(stacks, "item-consumer", tmp_path)
        return sum(map(len, read_topic(consumer, TOPIC).values()))

    try:
        stacks.edit("dev", _promote)
        assert ("create", f"KafkaTopic/dev-{TOPIC}") in changed(stacks.up("dev"))
        producer = Producer(_application(stacks, "item-producer", tmp_path).client(acks="all"))
        for number in range(RECORDS):
            producer.produce(TOPIC, value=str(number))
        assert producer.flush(60) == 0

        with pytest.raises(KafkaMirrorError) as refused:
            stacks.destroy("dev")
        assert str(refused.value) == (
            "Kafka 'dev', KafkaNodePool 'dev', Namespace 'dev' are protected and would be deleted; nothing was "
            "changed. Set protect to false in the program and deploy that first."
        )

        stacks.edit("dev", _forget)
        assert changed(stacks.up("dev")) == {("delete", f"KafkaTopic/dev-{TOPIC}")}
        assert api.find(*PLACE) is not None
        assert count() == RECORDS

        # Its line comes back: nobody takes the object for the stack's own, so the operator lets go of the topic first.
        stacks.edit("dev", _write)
        with pytest.raises(engine.DeploymentError, match="was kept when the stack let go of it"):
            stacks.up("dev")
        unmanaged = {"metadata": {"annotations": {"strimzi.io/managed": "false"}}}
        api.patch(*PLACE, patch=unmanaged, field_manager="kubectl-annotate")
        assert wait_until(lambda: _condition(api.get(*PLACE)) == "Unmanaged", within=WITHIN)
        api.delete(*PLACE)
        assert wait_until(lambda: api.find(*PLACE) is None, within=WITHIN)
        assert ("create", f"KafkaTopic/dev-{TOPIC}") in changed(stacks.up("dev"))
        assert count() == RECORDS
    finally:
        file.write_text(written)
        stacks.up("dev")
        api.delete(*PLACE)


def _condition(topic: dict[str, Any]) -> str:
    conditions = topic["status"]["conditions"]
    return str(conditions[0]["type"])
