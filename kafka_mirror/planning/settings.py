"""Settings a user may not write: they would be dropped or ignored without a word, or the flow breaks.

Source: ``KafkaClusterSpec.FORBIDDEN_PREFIXES`` and its exceptions, and the keys that
``KafkaMirrorMaker2Connectors`` sets itself (Strimzi 1.2.0).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kafka_mirror.errors import Problem
from kafka_mirror.mirrormaker import keys
from kafka_mirror.topology import Topology
from kafka_mirror.topology.paths import path

_DROPPED_PREFIXES: Final = (
    "listeners",
    "advertised.",
    "broker.",
    "listener.",
    "host.name",
    "port",
    "inter.broker.listener.name",
    "sasl.",
    "ssl.",
    "security.",
    "password.",
    "log.dir",
    "zookeeper.",
    "authorizer.",
    "super.user",
    "cruise.control.metrics.",
    "node.id",
    "process.roles",
    "controller.",
    "metadata.log.dir",
    "client.quota.callback.static.",
    "prometheus.metrics.reporter.",
    "cordoned.log.dirs",
)
_KEPT: Final = frozenset(
    {
        "sasl.server.max.receive.size",
        "ssl.cipher.suites",
        "ssl.protocol",
        "ssl.enabled.protocols",
        "ssl.secure.random.implementation",
        "broker.session.timeout.ms",
        "broker.heartbeat.interval.ms",
        "controller.socket.timeout.ms",
        "controller.quorum.election.backoff.max.ms",
        "controller.quorum.election.timeout.ms",
        "controller.quorum.fetch.timeout.ms",
    }
)

_OF_A_FIELD: Final = {
    "name": "its name",
    "tasks.max": "tasks",
    "topics": "topics",
    keys.TOPICS_EXCLUDE: "topicsExclude",
    "groups": "groups",
    keys.GROUPS_EXCLUDE: "groupsExclude",
    keys.REPLICATION_POLICY_CLASS: "naming",
    keys.REFRESH_TOPICS_INTERVAL: "objectives.discovery",
    keys.SYNC_TOPIC_CONFIGS_INTERVAL: "objectives.discovery",
    keys.REFRESH_GROUPS_INTERVAL: "objectives.discovery",
    keys.EMIT_CHECKPOINTS_INTERVAL: "objectives.duplicateWindow",
    keys.SYNC_GROUP_OFFSETS_INTERVAL: "objectives.duplicateWindow",
    keys.OFFSET_FLUSH_INTERVAL: "objectives.duplicateWindow",
}
_FIXED: Final = (
    "connector.class",
    "connector.plugin.version",
    "emit.offset-syncs.",
    "group.filter.class",
    keys.HEARTBEATS_REPLICATION,
    keys.OFFSET_SYNCS_LOCATION,
    "replication.policy.",
    "source.cluster.",
    keys.SYNC_TOPIC_ACLS,
    "target.cluster.",
    "topic.filter.class",
)
_OF_OTHERS: Final = (
    "checkpoints.topic.",
    "config.storage.",
    "emit.checkpoints.",
    "offset.flush.",
    "offset.storage.",
    "refresh.groups.",
    "scheduled.rebalance.",
    "status.storage.",
    "sync.group.offsets.",
)
"""Of the checkpoint connector or the worker: the source connector, which takes the tuning, ignores them."""


def setting_problems(topology: Topology) -> Iterator[Problem]:
    """Yield a problem for each setting that cannot stand where it was written."""
    for name, site in topology.managed_sites().items():
        for key in site.kafka.config:
            if key.startswith(_DROPPED_PREFIXES) and key not in _KEPT:
                yield Problem(
                    path("sites", name, "kafka", "config", key),
                    "the operator sets this itself and would drop what stands here without a word; "
                    "leave it out",
                )
    for flow_name, flow in topology.flows.items():
        for key in flow.tuning:
            reason = _untunable(key)
            if reason is not None:
                yield Problem(path("flows", flow_name, "tuning", key), reason)


def _untunable(key: str) -> str | None:
    if key in _OF_A_FIELD:
        return f"follows from the flow: set {_OF_A_FIELD[key]} instead"
    if key.startswith(_FIXED):
        return (
            "is fixed: another value on one connector breaks the flow without a word; leave it out"
        )
    if key.startswith(_OF_OTHERS):
        return "would do nothing: tuning reaches the source connector, which has no such setting"
    return None
