"""What a change restarts is told by the properties that differ."""

from __future__ import annotations

import pytest

from kafka_mirror.planning.restarts import Part, restarts


@pytest.mark.parametrize(
    ("kind", "changed", "parts"),
    [
        pytest.param(
            "KafkaMirrorMaker2",
            ["spec.mirrors[0].sourceConnector.tasksMax"],
            [Part.SOURCE],
            id="more tasks restart the source connector",
        ),
        pytest.param(
            "KafkaMirrorMaker2",
            ["spec.mirrors[0].sourceConnector.state", "spec.mirrors[0].checkpointConnector.state"],
            [],
            id="pausing restarts nothing",
        ),
        pytest.param(
            "KafkaMirrorMaker2",
            ["spec.mirrors[1].topicsPattern"],
            [Part.SOURCE, Part.CHECKPOINT],
            id="both connectors read the topic pattern",
        ),
        pytest.param(
            "KafkaMirrorMaker2",
            ['spec.mirrors[0].checkpointConnector.config["emit.checkpoints.interval.seconds"]'],
            [Part.CHECKPOINT],
            id="checkpoint settings concern that connector alone",
        ),
        pytest.param(
            "KafkaMirrorMaker2",
            [
                'spec.target.config["offset.flush.interval.ms"]',
                "spec.mirrors[0].sourceConnector.tasksMax",
            ],
            [Part.WORKERS],
            id="a worker takes its connectors along",
        ),
        pytest.param(
            "KafkaMirrorMaker2",
            ["spec.mirrors[0].source.authentication.passwordSecret.secretName"],
            [Part.WORKERS],
            id="another credential of the source rolls the workers",
        ),
        pytest.param(
            "KafkaMirrorMaker2", ["spec.replicas"], [], id="another worker restarts none that runs"
        ),
        pytest.param(
            "Kafka", ["spec.kafka.config"], [Part.BROKERS], id="broker settings roll the nodes"
        ),
        pytest.param(
            "Kafka", ["spec.entityOperator.userOperator"], [], id="operators are no nodes"
        ),
        pytest.param("KafkaTopic", ["spec.partitions"], [], id="a topic restarts nothing"),
        pytest.param("KafkaMirrorMaker2", ["metadata.labels"], [], id="labels restart nothing"),
    ],
)
def test_a_change_restarts_exactly_what_the_operator_restarts(
    kind: str, changed: list[str], parts: list[Part]
) -> None:
    assert [restart.part for restart in restarts(kind, changed)] == parts


def test_a_restart_names_its_reason_and_its_cost() -> None:
    (restart,) = restarts("KafkaMirrorMaker2", ["spec.mirrors[0].checkpointConnector.tasksMax"])

    assert restart.because == "spec.mirrors[0].checkpointConnector.tasksMax"
    assert restart.cost == "group offsets stand still for some seconds; no record is concerned"
