"""``kafka-mirror render`` prints a stack's objects, without a cluster and without a secret."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.cli.projects import Command, write_stack
from tests.topology.configurations import changed, two_sites


def test_objects_are_printed_in_the_order_they_are_applied(
    kafka_mirror: Command, project: Path
) -> None:
    ended = kafka_mirror("render", "stg", "--project", project)

    assert (ended.code, ended.stderr) == (0, "")
    objects = list(yaml.safe_load_all(ended.stdout))
    assert [(one["kind"], one["metadata"]["name"]) for one in objects] == [
        ("KafkaNodePool", "dual-role"),
        ("Kafka", "k-stg"),
        ("KafkaUser", "writer"),
        ("KafkaUser", "producer"),
        ("KafkaUser", "consumer"),
        ("KafkaMirrorMaker2", "dev-to-stg"),
    ]


def test_an_address_that_only_the_deployment_can_tell_is_named(
    kafka_mirror: Command, project: Path
) -> None:
    flow = list(yaml.safe_load_all(kafka_mirror("render", "stg", "--project", project).stdout))[-1]

    assert flow["spec"]["target"]["bootstrapServers"] == "<bootstrap of stg tls>"
    assert flow["spec"]["mirrors"][0]["source"]["bootstrapServers"] == "<bootstrap of dev external>"


def test_a_source_without_tls_has_no_trust(kafka_mirror: Command, tmp_path: Path) -> None:
    plain = [{"name": "np", "port": 9100, "type": "nodeport", "tls": False}]
    configuration = changed(two_sites(), "sites", "dev", "kafka", "listeners", to=plain)
    configuration = changed(configuration, "sites", "stg", "kafka", "listeners", to=plain)
    write_stack(tmp_path, "plain", configuration)

    flow = list(yaml.safe_load_all(kafka_mirror("render", "plain", "--project", tmp_path).stdout))[
        -1
    ]

    assert "tls" not in flow["spec"]["target"]
    assert "tls" not in flow["spec"]["mirrors"][0]["source"]


def test_no_secret_and_no_folded_line_is_printed(kafka_mirror: Command, tmp_path: Path) -> None:
    many = [f"a-topic-with-a-rather-long-name-{number}" for number in range(50)]
    configuration = changed(two_sites(), "flows", "dev-to-stg", "topics", to=many)
    configuration = changed(configuration, "users", "reader", "access", 0, "topics", to=many)
    write_stack(tmp_path, "many", configuration)

    printed = kafka_mirror("render", "many", "--project", tmp_path).stdout

    assert "kind: Secret" not in printed
    assert f"topicsPattern: {'|'.join(many)}\n" in printed
