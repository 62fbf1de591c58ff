"""A site as a Kafka and its node pool."""

from __future__ import annotations

from typing import Any

from kafka_mirror.manifests.base import Manifest
from kafka_mirror.manifests.strimzi.objects import custom_object
from kafka_mirror.planning import SitePlan
from kafka_mirror.planning.names import NODE_POOL
from kafka_mirror.topology import Listener, Nodes


def kafka(plan: SitePlan) -> Manifest:
    """Return the Kafka: listeners with authentication, an authorizer, and safe numbers of copies."""
    written = plan.site.kafka
    spec: dict[str, Any] = {
        "listeners": [_listener(one, written.authentication) for one in written.listeners],
        "authorization": {"type": "simple"},
        "config": {**_safe_settings(plan), **written.config},
    }
    if written.version is not None:
        spec["version"] = written.version
    return custom_object(
        "Kafka",
        written.name,
        plan.site.kubernetes.namespace,
        {"kafka": spec, "entityOperator": {"topicOperator": {}, "userOperator": {}}},
    )


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


def kafka_node_pool(plan: SitePlan) -> Manifest:
    """Return the one pool of nodes, each of them broker and controller."""
    nodes = plan.site.kafka.nodes
    return custom_object(
        "KafkaNodePool",
        NODE_POOL,
        plan.site.kubernetes.namespace,
        {
            "replicas": nodes.replicas,
            "roles": ["controller", "broker"],
            "storage": {"type": "jbod", "volumes": [_volume(nodes)]},
        },
        cluster=plan.site.kafka.name,
    )


def _volume(nodes: Nodes) -> dict[str, Any]:
    volume: dict[str, Any] = {"id": 0, "kraftMetadata": "shared"}
    if nodes.storage == "ephemeral":
        return {**volume, "type": "ephemeral"}
    volume |= {"type": "persistent-claim", "size": nodes.storage, "deleteClaim": False}
    if nodes.storage_class is not None:
        volume["class"] = nodes.storage_class
    return volume
