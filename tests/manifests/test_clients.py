"""How a worker is told whom to trust and what to log in with, and a KafkaUser who it is."""

from __future__ import annotations

from typing import Any

from kafka_mirror.cli.offline import OfflineStack
from kafka_mirror.cli.render import rendered
from tests.planning.plans import planned
from tests.topology.configurations import (
    Configuration,
    changed,
    two_sites,
    with_certificates,
    with_cloud,
)


def objects(configuration: Configuration, kind: str) -> dict[str, Any]:
    """Return the specs of a kind by namespace and name."""
    found = rendered(OfflineStack(plan=planned(configuration), sources={}))
    return {
        f"{one['metadata']['namespace']}/{one['metadata']['name']}": one["spec"]
        for one in found
        if one["kind"] == kind
    }


def test_a_cloud_service_is_reached_by_its_key_and_public_authorities() -> None:
    target = objects(with_cloud(), "KafkaMirrorMaker2")["kafka-dev/up"]["target"]

    assert target["alias"] == "cloud"
    assert target["bootstrapServers"] == "a.example.com:9093,b.example.com:9093"
    assert target["tls"] == {}
    assert target["authentication"] == {
        "type": "plain",
        "username": "token",
        "passwordSecret": {"secretName": "cloud-key", "password": "api-key"},
    }


def test_the_copies_of_everything_are_left_to_the_brokers_of_a_cloud_service() -> None:
    spec = objects(with_cloud(), "KafkaMirrorMaker2")["kafka-dev/up"]

    mirror = spec["mirrors"][0]
    settings = spec["target"]["config"] | mirror["sourceConnector"]["config"]
    settings |= mirror["checkpointConnector"]["config"]
    copies = {key: value for key, value in settings.items() if "replication.factor" in key}
    assert len(copies) == 6
    assert set(copies.values()) == {-1}


def test_one_key_of_a_secret_is_a_certificate_and_several_are_a_pattern() -> None:
    def trusted(**tls: str) -> Any:
        found = objects(with_cloud(tls=tls), "KafkaMirrorMaker2")["kafka-dev/up"]
        return found["target"]["tls"]["trustedCertificates"]

    assert trusted(secret="corp") == [{"secretName": "corp", "pattern": "*.crt"}]
    assert trusted(secret="corp", key="a.pem") == [{"secretName": "corp", "certificate": "a.pem"}]


def test_a_flow_shows_at_its_source_what_is_issued_at_its_target() -> None:
    mirror = objects(with_certificates(), "KafkaMirrorMaker2")["kafka-stg/dev-to-stg"]["mirrors"][0]

    assert mirror["source"]["authentication"] == {
        "type": "tls",
        "certificateAndKey": {
            "secretName": "reader",
            "certificate": "user.crt",
            "key": "user.key",
        },
    }


def test_users_with_certificates_have_them_issued_at_both_sites() -> None:
    users = objects(with_certificates(), "KafkaUser")

    assert all(spec["authentication"] == {"type": "tls"} for spec in users.values())
    assert set(users) == {
        *(f"kafka-dev/{name}" for name in ("reader", "producer", "consumer")),
        *(f"kafka-stg/{name}" for name in ("writer", "producer", "consumer", "reader")),
    }
    assert users["kafka-stg/reader"]["authorization"] == {"type": "simple", "acls": []}


def test_a_clients_authority_of_others_is_not_generated() -> None:
    kafkas = objects(with_certificates(), "Kafka")

    assert kafkas["kafka-dev/k-dev"]["clientsCa"] == {"generateCertificateAuthority": False}
    assert "clientsCa" not in objects(two_sites(), "Kafka")["kafka-dev/k-dev"]


def test_a_listener_may_ask_for_something_else_than_its_neighbours() -> None:
    listener = {"name": "mtls", "port": 9095, "type": "internal", "authentication": "tls"}
    configuration = changed(two_sites(), "sites", "dev", "kafka", "listeners", 2, to=listener)

    listeners = objects(configuration, "Kafka")["kafka-dev/k-dev"]["kafka"]["listeners"]

    asked = [one["authentication"]["type"] for one in listeners]
    assert asked == ["scram-sha-512", "scram-sha-512", "tls"]


def test_a_password_of_the_operator_is_asked_for_by_saying_nothing_of_it() -> None:
    configuration = changed(two_sites(), "users", "producer", "password", to="operator")

    users = objects(configuration, "KafkaUser")

    assert users["kafka-dev/producer"]["authentication"] == {"type": "scram-sha-512"}
    assert "password" in users["kafka-stg/producer"]["authentication"]
