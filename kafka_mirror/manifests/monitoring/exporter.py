"""Which MBeans of a worker and of a broker become Prometheus metrics, and what those are called.

The rules are those of the JMX exporter that Strimzi starts in its pods; it matches ``domain<key=value, …><>attribute: value``, from
any place in it. A name with a sign that JMX does not like, such as ``->``, stands in quotes. Names are those of Strimzi's examples.
MirrorMaker's beans have two forms since Kafka 4.3 (KIP-1280): the first is gone with 5.0, so both lead to the same metric.
A consumer tells of a topic with a dot in its name twice until 5.0, once with underscores (KIP-1109): sums of lag count it twice.

Every name is looked for in a running worker and broker by ``tests/lab/stacks/test_metric_names.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import yaml

from kafka_mirror.manifests.base import Manifest
from kafka_mirror.topology.metrics import ExporterRules

EXPORTER_KEY: Final = "rules.yaml"

_NAME: Final = '"?([^",>]+(?:->[^",>]+)?)"?'
_ATTRIBUTE: Final = "([a-z-]+):"
_SOURCE: Final = "kafka_connect_mirror_mirrorsourceconnector"
_CHECKPOINT: Final = "kafka_connect_mirror_mirrorcheckpointconnector"
Rule = dict[str, Any]


def _rule(bean: str, name: str, labels: Iterable[str], *, attribute: str = _ATTRIBUTE) -> Rule:
    """Return a rule whose labels are the groups of the bean, in order; the attribute is the last group."""
    told = tuple(labels)
    rule: Rule = {"pattern": f"{bean}<>{attribute}", "type": "GAUGE"}
    rule["name"] = name.replace("$attribute", f"${len(told) + 1}")
    if told:
        rule["labels"] = {label: f"${number}" for number, label in enumerate(told, 1)}
    return rule


def _bean(domain: str, **properties: str) -> str:
    """Return the start of what the exporter matches: a bean by its properties, in their order."""
    said = ", ".join(f"{key.replace('_', '-')}={value}" for key, value in properties.items())
    return f"{domain}<{said}>"


_MIRRORED: Final = {"source": _NAME, "target": _NAME, "topic": _NAME, "partition": "([0-9]+)"}
_SYNCED: Final = {
    "source": _NAME,
    "target": _NAME,
    "group": '"?(.+?)"?',
    "topic": _NAME,
    "partition": "([0-9]+)",
}
WORKER_RULES: Final[tuple[Rule, ...]] = (
    _rule(
        _bean("kafka.connect.mirror", type="MirrorSourceConnector", **_MIRRORED),
        f"{_SOURCE}_$attribute",
        _MIRRORED,
    ),
    _rule(
        _bean("kafka.connect.mirror", type="MirrorCheckpointConnector", **_SYNCED),
        f"{_CHECKPOINT}_$attribute",
        _SYNCED,
    ),
    _rule(
        _bean("kafka.connect", type="plugins", connector='"?[^"]*MirrorSourceConnector"?')[:-1]
        + '[^>]*, source="?([^",]+)"?, target="?([^",]+)"?, topic="?([^",]+)"?, partition="?([0-9]+)"?>',
        f"{_SOURCE}_$attribute",
        _MIRRORED,
    ),
    _rule(
        _bean("kafka.connect", type="connect-worker-metrics", connector=_NAME),
        "kafka_connect_worker_$attribute",
        ["connector"],
    ),
    _rule(
        _bean("kafka.connect", type="connect-worker-metrics"), "kafka_connect_worker_$attribute", []
    ),
    _rule(
        _bean(
            "kafka.consumer",
            type="consumer-fetch-manager-metrics",
            # Not the workers' own consumers, of the topics their storage is in.
            client_id='"?([^"]*replication-consumer)"?',
            topic=_NAME,
            partition='"?([0-9]+)"?',
        ),
        "kafka_consumer_fetch_manager_$attribute",
        ["clientid", "topic", "partition"],
        attribute="(records-lag|records-lead):",
    ),
)
"""Of the workers of a flow."""

BROKER_RULES: Final[tuple[Rule, ...]] = (
    {
        "pattern": "kafka.server<type=BrokerTopicMetrics, name=(MessagesIn|BytesIn|BytesOut)PerSec, topic=(.+)><>Count",
        "name": "kafka_server_brokertopicmetrics_$1_total",
        "type": "COUNTER",
        "labels": {"topic": "$2"},
    },
    {
        "pattern": "kafka.server<type=ReplicaManager, name=(UnderReplicatedPartitions|OfflineReplicaCount)><>Value",
        "name": "kafka_server_replicamanager_$1",
        "type": "GAUGE",
    },
)
"""Of the brokers of a site: as much as watching its mirrors takes, not all there is to know of a Kafka."""


def exporter_rules(rules: Iterable[Rule]) -> str:
    """Return the configuration file of the exporter."""
    return _written(json.dumps(list(rules)))


@cache
def _written(rules: str) -> str:
    # The same few rules for every flow and site: writing them takes longer than planning the flow.
    document = {
        "lowercaseOutputName": True,
        "lowercaseOutputLabelNames": True,
        "rules": json.loads(rules),
    }
    return yaml.safe_dump(document, sort_keys=False, width=10_000)


def exporter_config_map(name: str, namespace: str, rules: Iterable[Rule]) -> Manifest:
    """Return the ConfigMap that `metrics_config` names."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": {EXPORTER_KEY: exporter_rules(rules)},
    }


def exporter_name(resource: str) -> str:
    """Return the name of the ConfigMap of a resource's exporter."""
    return f"{resource}-metrics"


def metrics_config(resource: str, rules: ExporterRules | None = None) -> dict[str, Any]:
    """Return what the spec of a resource says, for its operator to start the exporter, with others' rules if there are."""
    reference = {"name": exporter_name(resource), "key": EXPORTER_KEY}
    if rules is not None:
        reference = {"name": rules.config_map, "key": rules.key}
    return {"type": "jmxPrometheusExporter", "valueFrom": {"configMapKeyRef": reference}}
