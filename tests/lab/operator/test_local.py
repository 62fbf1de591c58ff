from __future__ import annotations

from pathlib import Path
from typing import Any

from lab.operator.broker_properties import CONTROL_PLANE, REPLICATION, render_broker_properties
from lab.operator.cluster_model import ClusterModel, model_of
from lab.operator.local import (
    NodePlace,
    listener_names,
    localise_connector,
    localise_node,
    localise_worker,
    parse_properties,
)
from lab.settings import BROKER_SETTINGS, WORKER_SETTINGS
from tests.lab.operator.resources import make_kafka, make_pool

_PROVIDER = "org.apache.kafka.common.config.provider.DirectoryConfigProvider"


def make_model(**config: Any) -> ClusterModel:
    return model_of(make_kafka("c", "ns", **config), [make_pool("c", "ns", replicas=2)])


def localised(model: ClusterModel) -> tuple[dict[str, str], dict[str, str]]:
    """Return the first node's entries as rendered and as started."""
    node = model.nodes[0]
    places = {
        each.node_id: NodePlace(
            directory=Path("/lab") / each.name,
            ports={
                name: 20000 + 10 * each.node_id + index
                for index, name in enumerate(listener_names(model, each))
            },
        )
        for each in model.nodes
    }
    text = render_broker_properties(model, node)
    return parse_properties(text), parse_properties(localise_node(text, model, node, places))


def test_node_differs_from_the_real_one_in_these_entries_and_no_other() -> None:
    rendered, started = localised(make_model())

    changed = {key: value for key, value in started.items() if rendered.get(key) != value}
    listeners = (
        "CONTROLPLANE-9090://127.0.0.1:20000,REPLICATION-9091://127.0.0.1:20001,"
        "TLS-9093://127.0.0.1:20002,MTLS-9094://127.0.0.1:20003"
    )
    assert changed == {
        **BROKER_SETTINGS,
        "controller.quorum.voters": "0@127.0.0.1:20000,1@127.0.0.1:20010",
        "listeners": listeners,
        "advertised.listeners": listeners,
        "log.dirs": "/lab/c-nodes-0/data",
        "metadata.log.dir": "/lab/c-nodes-0/data",
        "config.providers.strimzisecrets.class": _PROVIDER,
        "config.providers.strimzidir.param.allowed.paths": "/lab/c-nodes-0",
        "config.providers.strimzifile.param.allowed.paths": "/lab/c-nodes-0",
    }
    assert rendered.keys() <= started.keys()


def test_setting_of_the_resource_wins_over_the_labs() -> None:
    _, started = localised(make_model(**{"offsets.topic.num.partitions": 7}))

    assert started["offsets.topic.num.partitions"] == "7"


def test_every_listener_of_a_broker_is_named() -> None:
    model = make_model()

    names = listener_names(model, model.nodes[0])

    assert names == (CONTROL_PLANE, REPLICATION, "TLS-9093", "MTLS-9094")


def test_worker_differs_from_the_real_one_in_these_entries_and_no_other() -> None:
    text = (
        "group.id=g\nrest.advertised.port=8083\nplugin.path=/opt/kafka/plugins\n"
        "config.providers.strimzisecrets.class=io.strimzi.kafka.KubernetesSecretConfigProvider\n"
        "consumer.client.rack=${strimzidir:/opt/kafka/init:rack.id}\n"
        "metric.reporters=io.strimzi.kafka.metrics.prometheus.ClientMetricsReporter\n"
        "prometheus.metrics.reporter.listener=http://:9404\n"
        "offset.storage.partitions=9\n"
    )

    started = parse_properties(localise_worker(text, directory=Path("/lab/w"), port=20000))

    assert started == {
        **WORKER_SETTINGS,
        "group.id": "g",
        "rest.advertised.port": "20000",
        "listeners": "http://127.0.0.1:20000",
        "plugin.path": "/lab/w/plugins",
        "config.providers.strimzisecrets.class": _PROVIDER,
        "config.providers.strimzidir.param.allowed.paths": "/lab/w",
        "consumer.client.rack": "${strimzidir:/lab/w/init:rack.id}",
        "offset.storage.partitions": "9",
    }


def test_connector_loses_only_classes_that_are_in_the_real_image_alone() -> None:
    config: dict[str, str | int] = {
        "tasks.max": 1,
        "topics": "items",
        "consumer.interceptor.classes": "io.opentelemetry.instrumentation.kafkaclients.v2_6."
        "TracingConsumerInterceptor",
    }

    assert localise_connector(config, directory=Path("/lab/w")) == {
        "tasks.max": 1,
        "topics": "items",
    }
