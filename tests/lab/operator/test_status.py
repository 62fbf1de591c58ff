from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lab.operator.broker_properties import bootstrap_service
from lab.operator.cluster_model import model_of
from lab.operator.failures import ReconciliationError
from lab.operator.kafka_status import kafka_fields, pool_fields, storage_warnings
from lab.operator.status import not_ready, ready, status_of
from tests.lab.operator import recordings

NOW = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
EARLIER = "2026-11-20T00:00:00Z"


def make_object(**status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "x", "namespace": "ns", "generation": 3}, "status": status}


def masked(status: dict[str, Any]) -> dict[str, Any]:
    conditions = [
        {**condition, "lastTransitionTime": "<time>"} for condition in status["conditions"]
    ]
    return {**status, "conditions": conditions}


def test_condition_that_stands_keeps_its_time() -> None:
    obj = make_object(conditions=[{**ready(), "lastTransitionTime": EARLIER}])

    status = status_of(obj, [ready()], now=NOW)

    assert status == {
        "conditions": [{**ready(), "lastTransitionTime": EARLIER}],
        "observedGeneration": 3,
    }


def test_other_reason_is_another_condition() -> None:
    before = not_ready(ReconciliationError("A", "a"))
    obj = make_object(conditions=[{**before, "lastTransitionTime": EARLIER}])

    status = status_of(obj, [not_ready(ReconciliationError("B", "b"))], now=NOW)

    assert status["conditions"] == [
        {
            "type": "NotReady",
            "status": "True",
            "reason": "B",
            "message": "b",
            "lastTransitionTime": "2026-11-21T07:30:00Z",
        }
    ]


def test_status_of_a_cluster_and_its_pool_are_the_recorded_ones() -> None:
    case = recordings.case("kafka-cr")
    recorded = recordings.yaml_file(case / "status.yaml")
    kafka = recordings.resource(case, "Kafka")
    pool = recordings.resource(case, "KafkaNodePool")
    model = model_of(kafka, [pool])

    fields = kafka_fields(
        model,
        cluster_id="<cluster id>",
        trusted="<cluster CA certificate, PEM>",
        addresses={
            listener.name: [(bootstrap_service(model), listener.port)]
            for listener in model.listeners
        },
    )
    status = status_of(kafka, [*storage_warnings(model, [pool]), ready()], now=NOW, fields=fields)
    assert masked(status) == recorded["Kafka/dev"]["status"]

    fields = pool_fields(model, pool, cluster_id="<cluster id>")
    status = status_of(pool, [], now=NOW, fields=fields)
    assert status == recorded["KafkaNodePool/dual"]["status"]
