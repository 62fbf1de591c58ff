"""Settings a user may not write: they would be dropped or ignored without a word, or the flow breaks.

Source: ``KafkaClusterSpec.FORBIDDEN_PREFIXES`` and its exceptions, and the keys that
``KafkaMirrorMaker2Connectors`` sets itself (Strimzi 1.2.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from kafka_mirror.errors import Problem
from kafka_mirror.mirrormaker import keys
from kafka_mirror.topology import Flow, Topology
from kafka_mirror.topology.paths import path, shown

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
    "name": "the flow's name",
    "tasks.max": "tasks",
    "topics": "topics",
    keys.TOPICS_EXCLUDE: "topicsExclude",
    "groups": "groups",
    keys.CONSUMER_START: "start",
    f"source.{keys.CONSUMER_START}": "start",
    keys.EXACTLY_ONCE_REQUIRED: "exactlyOnce",
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
    "offsets.storage.topic",
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


_LOGIN: Final = re.compile(r"(^|\.)(sasl\.|ssl\.(key|trust)store\.|ssl\.key\.|security\.protocol$)")
_INTERCEPTORS: Final = ("consumer.interceptor.classes", "producer.interceptor.classes")


def setting_problems(topology: Topology) -> Iterator[Problem]:
    """Yield a problem for each setting that cannot stand where it was written."""
    for name, site in topology.managed_sites().items():
        if site.operator.type == "event-streams" and site.kafka.version is not None:
            yield Problem(
                path("sites", name, "kafka", "version"),
                f"found {site.kafka.version}; Event Streams brings a Kafka of its own, which operator.version "
                "decides. Leave it out",
            )
        for key in site.kafka.config:
            if key.startswith(_DROPPED_PREFIXES) and key not in _KEPT:
                yield Problem(
                    path("sites", name, "kafka", "config", key),
                    "the operator sets this itself and would drop what stands here without a word; "
                    "leave it out",
                )
    for flow_name, flow in topology.flows.items():
        for key, value in flow.tuning.items():
            reason = _untunable(key) or _contradiction(key, str(value), flow)
            if reason is not None:
                yield Problem(path("flows", flow_name, "tuning", key), reason)


def _contradiction(key: str, value: str, flow: Flow) -> str | None:
    """Return why a setting does not go with what the flow says otherwise, if it does not."""
    if key.startswith(keys.TRANSACTION_BOUNDARY) and not flow.exactly_once:
        return (
            "would do nothing: the workers write no transactions. Set exactlyOnce, or leave it out"
        )
    if key == keys.TRANSACTION_BOUNDARY and value == "connector":
        return (
            "found connector, and MirrorMaker's connectors end no transactions of their own: the flow would "
            "fail. Write poll or interval"
        )
    if key.removeprefix("source.") == keys.CONSUMER_ISOLATION and value != "read_committed":
        if flow.exactly_once:
            return (
                f"found {shown(value)}, and exactlyOnce takes only what was committed: the flow would fail. "
                "Leave it out"
            )
    elif key.endswith(_INTERCEPTORS) and flow.tracing is not False:
        return "would be replaced by what traces; leave it out, or leave tracing out"
    return None


def _untunable(key: str) -> str | None:
    if key in _OF_A_FIELD:
        return f"follows from the flow: set {_OF_A_FIELD[key]} instead"
    if key.startswith(_FIXED):
        return (
            "is fixed: another value on one connector breaks the flow without a word; leave it out"
        )
    if _LOGIN.search(key):
        return (
            "follows from the flow's ends: their users say what it logs in with, and a password here would stand in "
            "the open. Leave it out"
        )
    if key.startswith(_OF_OTHERS):
        return "would do nothing: tuning reaches the source connector, which has no such setting; leave it out"
    return None
