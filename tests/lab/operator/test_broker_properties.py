from __future__ import annotations

from typing import Any

import pytest

from lab.operator.broker_properties import render_broker_properties
from lab.operator.cluster_model import assign_nodes, model_of
from lab.operator.failures import InvalidResourceError

_USER_SECTION = "# User provided configuration\n##########\n"


def make_pool(name: str, replicas: int, *roles: str, ids: list[int] | None = None) -> Any:
    return {
        "metadata": {"name": name, "namespace": "dev"},
        "spec": {"replicas": replicas, "roles": list(roles)},
        "status": {"nodeIds": ids or []},
    }


def make_kafka(**kafka: Any) -> Any:
    listeners = [{"name": "tls", "port": 9093, "type": "internal", "tls": True}]
    return {
        "metadata": {"name": "dev", "namespace": "dev"},
        "spec": {"kafka": {"listeners": listeners, **kafka}},
    }


def test_replicas_get_the_lowest_free_ids_and_keep_the_ones_they_have() -> None:
    nodes = assign_nodes(
        "c", [make_pool("b", 2, "broker", ids=[1]), make_pool("a", 1, "controller")]
    )

    assert [(node.name, node.is_broker) for node in nodes] == [
        ("c-a-0", False),
        ("c-b-1", True),
        ("c-b-2", True),
    ]


def test_controllers_and_brokers_of_separate_pools_get_their_own_listeners() -> None:
    model = model_of(make_kafka(), [make_pool("b", 1, "broker"), make_pool("c", 1, "controller")])

    broker, controller = (render_broker_properties(model, node) for node in model.nodes)

    assert "process.roles=broker\n" in broker
    assert "\nlisteners=REPLICATION-9091://0.0.0.0:9091,TLS-9093://0.0.0.0:9093\n" in broker
    assert "controller.quorum.voters=1@dev-c-1.dev-kafka-brokers.dev.svc:9090\n" in broker
    assert "process.roles=controller\n" in controller
    assert "\nlisteners=CONTROLPLANE-9090://0.0.0.0:9090\n" in controller
    assert "inter.broker.listener.name" not in controller


def test_cluster_without_controllers_is_refused() -> None:
    with pytest.raises(InvalidResourceError, match="KafkaNodePool with the controller role"):
        model_of(make_kafka(), [make_pool("b", 1, "broker")])


def test_more_copies_than_brokers_are_refused_with_both_numbers() -> None:
    kafka = make_kafka(config={"default.replication.factor": 3})

    with pytest.raises(InvalidResourceError) as raised:
        model_of(kafka, [make_pool("p", 1, "broker", "controller")])

    assert raised.value.message == (
        "Kafka configuration option 'default.replication.factor' should be set to 1 or less because this cluster has "
        "only 1 Kafka broker(s)."
    )


def test_keys_the_operator_owns_are_dropped_from_the_users_settings() -> None:
    kafka = make_kafka(config={"ssl.truststore.location": "/x", "ssl.protocol": "TLSv1.3"})
    model = model_of(kafka, [make_pool("p", 1, "broker", "controller")])

    own = render_broker_properties(model, model.nodes[0]).split(_USER_SECTION)[1]

    assert own == "ssl.protocol=TLSv1.3"
