"""From europe to us with tracing: applications with nothing but what their Deployments say, and rights that are enforced.

No container runs in the lab: each Deployment's environment is resolved, and a client is told what it says. Its address is that of
the listener's status, since the lab has no service names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from kafka_mirror.kubernetes_api import JsonObject
from lab.files import write_text
from lab.waiting import wait_until
from tests.examples.certified import CertifiedApplication, Place, write_authority
from tests.examples.deployments import environments
from tests.examples.running import (
    EXAMPLES,
    TABLE,
    WITHIN,
    Example,
    deployed,
    is_denied,
    mirrored,
    total,
)
from tests.figures import Figures
from tests.lab.stacks.small import SmallStacks

pytestmark = pytest.mark.lab

TOPIC: Final = "my-topic"
EUROPE: Final = Place("lab", "kafka-europe", "europe-cluster")
US: Final = Place("lab", "kafka-us", "us-cluster")
PLACES: Final = {place.namespace: place for place in (EUROPE, US)}
COUNT: Final = 300


def test_what_the_producer_in_europe_sends_the_consumer_in_us_receives(
    tmp_path: Path, figures: Figures
) -> None:
    write_authority(tmp_path)

    def prepare(stacks: SmallStacks) -> None:
        for place in PLACES.values():
            place.bring_authority(stacks, tmp_path)

    with deployed(tmp_path, "tracing", contexts=["lab"], prepare=prepare) as example:

        def secret(namespace: str, name: str) -> Mapping[str, str]:
            return PLACES[namespace].secret(example.stacks, name)

        file = EXAMPLES / "tracing-applications.yaml"
        (_, at_europe, writes), (_, at_us, reads) = environments(file, secret)
        producer = _application(example, PLACES[at_europe], writes)
        consumer = _application(example, PLACES[at_us], reads)
        sent = _send(producer, writes["TOPIC"])
        found = mirrored(producer, consumer, TOPIC)
        received = _receive(consumer, reads)
        settings = _settings_of_topic(_as(example, US, "mirror-to-us", consumer))
        denied = [
            is_denied(_as(example, place, "stranger", like), TOPIC)
            for place, like in ((EUROPE, producer), (US, consumer))
        ]
        flow = example.stacks.api("lab").get(
            "kafka.strimzi.io/v1", "KafkaMirrorMaker2", "my-mirror-maker", "kafka-us"
        )

    figures(TABLE, example="tracing", **total([found]), denied="a stranger at both sites")
    assert found.is_equal
    assert received == sent
    assert denied == [True, True]
    assert settings == {"retention.ms": "7200000", "segment.bytes": "1073741824"}
    assert flow["spec"]["tracing"] == {"type": "opentelemetry"}
    assert _is_traced(flow, writes["OTEL_EXPORTER_OTLP_ENDPOINT"])


def _application(
    example: Example, place: Place, environment: Mapping[str, str]
) -> CertifiedApplication:
    """Return a client as a Deployment describes it, which must name the listener as Strimzi does."""
    kafka = example.stacks.api("lab").get(
        "kafka.strimzi.io/v1", "Kafka", place.kafka, place.namespace
    )
    (port,) = [one["port"] for one in kafka["spec"]["kafka"]["listeners"] if one["name"] == "tls"]
    assert environment["BOOTSTRAP_SERVERS"] == f"{place.kafka}-kafka-bootstrap:{port}"
    assert environment["KAFKA_BOOTSTRAP_SERVERS"] == environment["BOOTSTRAP_SERVERS"]
    (address,) = [
        one["bootstrapServers"] for one in kafka["status"]["listeners"] if one["name"] == "tls"
    ]
    files = {
        "certificate": environment["CA_CRT"],
        "user_certificate": environment["USER_CRT"],
        "user_key": environment["USER_KEY"],
    }
    paths = {name: example.directory / f"{place.kafka}-{name}.pem" for name in files}
    for name, text in files.items():
        write_text(paths[name], text)
    return CertifiedApplication(
        site=place.namespace,
        bootstrap_servers=address,
        user=environment["OTEL_SERVICE_NAME"],
        group="my-group",
        certificate=paths["certificate"],
        user_certificate=paths["user_certificate"],
        user_key=paths["user_key"],
    )


def _as(
    example: Example, place: Place, user: str, like: CertifiedApplication
) -> CertifiedApplication:
    held = place.secret(example.stacks, user)
    paths = [example.directory / f"{place.kafka}-{user}.{end}" for end in ("crt", "key")]
    for path in paths:
        write_text(path, held[f"user{path.suffix}"])
    return replace(like, user=user, user_certificate=paths[0], user_key=paths[1])


def _send(producer: CertifiedApplication, topic: str) -> list[str]:
    client = Producer(producer.client())
    texts = [f"Hello world - {number}" for number in range(COUNT)]
    for text in texts:
        client.produce(topic, text.encode())
    assert client.flush(60) == 0
    return sorted(texts)


def _receive(consumer: CertifiedApplication, environment: Mapping[str, str]) -> list[str]:
    client = Consumer(
        consumer.client(**{"group.id": environment["GROUP_ID"], "auto.offset.reset": "earliest"})
    )
    client.subscribe([environment["TOPIC"]])
    received: list[str] = []

    def has_all() -> bool:
        for message in client.consume(COUNT, timeout=1.0):
            assert message.error() is None
            received.append((message.value() or b"").decode())
        return len(received) >= COUNT

    try:
        assert wait_until(has_all, within=WITHIN)
    finally:
        client.close()
    return sorted(received)


def _settings_of_topic(application: CertifiedApplication) -> dict[str, str | None]:
    admin = AdminClient(application.client())
    asked = ConfigResource(ResourceType.TOPIC, TOPIC)
    found = admin.describe_configs([asked])[asked].result(30)
    return {name: found[name].value for name in ("retention.ms", "segment.bytes")}


def _is_traced(flow: JsonObject, endpoint: str) -> bool:
    """Tell whether the flow's worker sends its traces where the applications send theirs."""
    variables = flow["spec"]["template"]["connectContainer"]["env"]
    return {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": endpoint} in variables
