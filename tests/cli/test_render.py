"""``kafka-mirror render`` prints a stack's objects, without a cluster and without a secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.projects import Command, write_stack
from tests.manifests.flows import EVENT_STREAMS_13, served_by
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


def test_a_flow_outside_kubernetes_is_said_alone_and_what_is_not_said_is_told(
    kafka_mirror: Command, project: Path
) -> None:
    ended = kafka_mirror("render", "stg", "--project", project, "--dialect", "properties")

    assert ended.code == 0
    assert "dev->stg.enabled=true\n" in ended.stdout
    assert ended.stderr == (
        "This is flow dev-to-stg alone, with no secret in it. Sites, topics and users are not said in properties: "
        "see kafka-mirror render stg, and kafka-mirror plan stg for the rights of reader and writer.\n"
    )


def test_connect_is_told_in_json(kafka_mirror: Command, project: Path) -> None:
    ended = kafka_mirror("render", "stg", "--project", project, "--dialect", "connect")

    assert [one["name"] for one in json.loads(ended.stdout)["connectors"]] == [
        "dev->stg.MirrorSourceConnector",
        "dev->stg.MirrorCheckpointConnector",
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("dev", "--dialect", "connect"),
            "connect says one flow at a time: stack 'dev' has 0 (none). Name one with --flow",
        ),
        (
            ("stg", "--dialect", "connect", "--flow", "dev-to-stk"),
            "stack 'stg' has no flow 'dev-to-stk' (has dev-to-stg). Did you mean 'dev-to-stg'?",
        ),
        (
            ("stg", "--flow", "dev-to-stg"),
            "--flow is for the dialects connect and properties; the operators' say a whole stack",
        ),
        (
            ("stg", "--dialect", "event-streams-v1"),
            (
                "sites.stg.operator.licence: the dialect event-streams-v1 needs a licence and the version of Event "
                "Streams, which a site of type strimzi does not have. Write operator: {type: event-streams, api: v1, "
                "version: …, licence: {accept: true, id: …, use: …}}"
            ),
        ),
    ],
)
def test_what_cannot_be_rendered_is_told(
    arguments: tuple[str, ...], told: str, kafka_mirror: Command, project: Path
) -> None:
    ended = kafka_mirror("render", *arguments, "--project", project)

    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr == f"Error: {told}\n"


def test_an_event_streams_is_not_said_in_an_api_it_does_not_serve(
    kafka_mirror: Command, tmp_path: Path
) -> None:
    write_stack(tmp_path, "es", served_by(EVENT_STREAMS_13))

    ended = kafka_mirror(
        "render", "es", "--project", tmp_path, "--dialect", "event-streams-v1beta2"
    )

    assert ended.code == 2
    assert [line.partition(": ")[0] for line in ended.stderr.splitlines()] == [
        "Error",
        "sites.stg.operator.version",
    ]
    assert ended.stderr.endswith(
        "the dialect event-streams-v1beta2 cannot say 13.0.0: that release serves v1 alone. Render "
        "event-streams-v1, or write the version you have\n"
    )
