"""The small flow as its applications see it, while the site it mirrors from changes under it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from kafka_mirror.kubernetes_api import JsonObject
from lab.demo.applications import Application
from lab.demo.comparison import TopicComparison, compare
from lab.demo.reading import end_offsets, read_topic
from lab.waiting import wait_until
from tests.lab.stacks.load import without_loss
from tests.lab.stacks.small import SmallStacks

TOPIC = "Orders_EU"
STRIMZI = "kafka.strimzi.io/v1"
WITHIN = timedelta(seconds=180)


@dataclass
class SmallFlow:
    """Writes at dev, reads at stg, and follows what the stacks say of both."""

    stacks: SmallStacks
    directory: Path
    sent: int = field(default=0, init=False)

    def application(self, site: str, user: str) -> Application:
        """Return an application that believes what the site's stack says now."""
        directory = self.directory / uuid.uuid4().hex
        directory.mkdir()
        return Application.at(
            site,
            user,
            sites=self.stacks.outputs(site)["sites"],
            passwords=self.stacks.outputs("dev")["credentials"],
            directory=directory,
        )

    def send(self, count: int) -> None:
        """Write records at dev; every one of them is acknowledged."""
        settings = {"acks": "all", "enable.idempotence": True}
        producer = Producer(self.application("dev", "item-producer").client(**settings))
        for _ in range(count):
            producer.produce(TOPIC, key=str(self.sent % 7), value=f"{self.sent} {uuid.uuid4()}")
            self.sent += 1
        assert producer.flush(60) == 0

    def lag(self) -> int:
        """Return how many records the mirror has still to come by."""
        written = end_offsets(self.application("dev", "item-consumer"), TOPIC)
        mirrored = end_offsets(self.application("stg", "item-consumer"), f"dev.{TOPIC}")
        return sum(written.values()) - sum(mirrored.values())

    def catches_up(self) -> bool:
        """Tell whether the mirror gets level in time."""
        return wait_until(lambda: self.lag() <= 0, within=WITHIN)

    def compared(self) -> TopicComparison:
        """Compare the topic with its mirror, record for record."""
        source = read_topic(self.application("dev", "item-consumer"), TOPIC)
        target = self.application("stg", "item-consumer")

        def with_source() -> TopicComparison:
            return compare(TOPIC, source, read_topic(target, f"dev.{TOPIC}"))

        return without_loss(with_source, within=WITHIN)

    def listener(self) -> dict[str, Any]:
        """Return the live listener of dev that the flow uses, as the operator reports it."""
        kafka = self.stacks.api("dev").get(STRIMZI, "Kafka", "dev", "kafka-dev")
        listeners = kafka["status"].get("listeners", ())
        return next((one for one in listeners if one["name"] == "external"), {})

    def worker(self) -> JsonObject:
        """Return the status of the flow's KafkaMirrorMaker2."""
        found = self.stacks.api("stg").get(STRIMZI, "KafkaMirrorMaker2", "dev-to-stg", "kafka-stg")
        status: JsonObject = found["status"]
        return status

    def states(self) -> list[str]:
        """Return what Connect says of every connector and task."""
        return [
            state
            for connector in self.worker().get("connectors", ())
            for state in (
                connector["connector"]["state"],
                *(task["state"] for task in connector["tasks"]),
            )
        ]
