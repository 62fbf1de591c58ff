"""What a Kafka and its node pool say, in the words that every operator API has for it."""

from __future__ import annotations

from typing import Any

from kafka_mirror.manifests.monitoring import metrics_config
from kafka_mirror.planning import SitePlan
from kafka_mirror.planning.names import brokers
from kafka_mirror.topology import Listener, Nodes, Operator


def kafka_spec(plan: SitePlan) -> dict[str, Any]:
    """Return the Kafka: listeners with authentication, an authorizer, and safe numbers of copies."""
    written = plan.site.kafka
    spec: dict[str, Any] = {
        "listeners": [_listener(one, written.asked_at(one)) for one in written.listeners],
        "authorization": {"type": "simple"},
        "config": {**_safe_settings(plan), **written.config},
    }
    if written.version is not None:
        spec["version"] = written.version
    if plan.site.metrics is not False:
        spec["metricsConfig"] = metrics_config(brokers(written.name))
    whole: dict[str, Any] = {
        "kafka": spec,
        "entityOperator": {"topicOperator": {}, "userOperator": {}},
    }
    if not written.clients_ca.generate:
        whole["clientsCa"] = {"generateCertificateAuthority": False}
    return whole


def kafka_annotations(operator: Operator) -> dict[str, str]:  # noqa: ARG001 - as the older layout's
    """Return what a Kafka carries beside its spec: nothing, for node pools and KRaft are taken for granted."""
    return {}


def _listener(listener: Listener, authentication: str) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": listener.name,
        "port": listener.port,
        "type": listener.type,
        "tls": listener.tls,
        "authentication": {"type": authentication},
    }
    configuration: dict[str, Any] = {}
    if listener.host is not None:
        configuration["bootstrap"] = {"host": listener.host}
    if listener.broker_host is not None:
        configuration["hostTemplate"] = listener.broker_host
    if configuration:
        said["configuration"] = configuration
    return said


def _safe_settings(plan: SitePlan) -> dict[str, Any]:
    copies, in_sync = plan.replication_factor, plan.min_insync_replicas
    return {
        # A client that asks for a deleted topic must not bring it back empty (KAFKA-16561).
        "auto.create.topics.enable": False,
        "default.replication.factor": copies,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": in_sync,
    }


def node_pool_spec(plan: SitePlan) -> dict[str, Any]:
    """Return the one pool of nodes, each of them broker and controller."""
    nodes = plan.site.kafka.nodes
    return {
        "replicas": nodes.replicas,
        "roles": ["controller", "broker"],
        "storage": {
            "type": "jbod",
            "volumes": [_volume(nodes, keeps_data=plan.site.production)],
        },
    }


def _volume(nodes: Nodes, *, keeps_data: bool) -> dict[str, Any]:
    volume: dict[str, Any] = {"id": 0, "kraftMetadata": "shared"}
    if nodes.storage == "ephemeral":
        return {**volume, "type": "ephemeral"}
    # A Kafka made again has a new cluster id, with which its brokers refuse what is on old volumes.
    volume |= {
        "type": "persistent-claim",
        "size": nodes.storage,
        "deleteClaim": not keeps_data,
    }
    if nodes.storage_class is not None:
        volume["class"] = nodes.storage_class
    return volume
