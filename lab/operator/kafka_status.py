"""The status of a Kafka cluster and of its node pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lab.operator.cluster_model import ClusterModel, Listener
from lab.operator.objects import JsonObject, spec_of
from lab.operator.status import warning

OPERATOR_VERSION = "1.2.0"
_LOSING_RECORDS = (
    "A Kafka cluster with a single broker node and ephemeral storage will lose topic messages after any restart or rolling "
    "update."
)
_LOSING_METADATA = "A Kafka cluster with a single controller node and ephemeral storage will lose data after any restart or rolling update."


def kafka_fields(
    model: ClusterModel,
    *,
    cluster_id: str,
    certificate: str,
    addresses: Mapping[str, Sequence[tuple[str, int]]],
) -> JsonObject:
    """Return the status of a cluster that serves, but for its conditions.

    Args:
        model: The cluster.
        cluster_id: Its id in Kafka.
        certificate: The one that the cluster's CA signs with now; never a former one
            (cluster-operator, KafkaListenersReconciler.java, addCertificateToListenerStatus).
        addresses: Host and port of every broker, by listener name.
    """
    return {
        "clusterId": cluster_id,
        "clusterSecurity": {
            "authentication": {"type": "strimzi-mtls"},
            "encryption": {"type": "strimzi-tls"},
        },
        "kafkaMetadataVersion": model.metadata_version,
        "kafkaNodePools": [{"name": name} for name in sorted({node.pool for node in model.nodes})],
        "kafkaVersion": model.kafka_version,
        "listeners": [
            _listener(listener, addresses[listener.name], certificate)
            for listener in model.listeners
        ],
        "operatorLastSuccessfulVersion": OPERATOR_VERSION,
    }


def storage_warnings(model: ClusterModel, pools: Sequence[Mapping[str, Any]]) -> list[JsonObject]:
    """Return the warnings about nodes that would lose everything with their only copy."""
    if not any(_is_ephemeral(pool) for pool in pools):
        return []
    found = []
    if len(model.brokers) == 1:
        found.append(warning("KafkaStorage", _LOSING_RECORDS))
    if len(model.controllers) == 1:
        found.append(warning("KafkaStorage", _LOSING_METADATA))
    return found


def pool_fields(model: ClusterModel, pool: Mapping[str, Any], *, cluster_id: str) -> JsonObject:
    """Return the status of a node pool, which has no Ready condition."""
    name = pool["metadata"]["name"]
    ids = [node.node_id for node in model.nodes if node.pool == name]
    labels = {
        "cluster": model.name,
        "name": f"{model.name}-kafka",
        "kind": "Kafka",
        "pool-name": name,
    }
    return {
        "clusterId": cluster_id,
        "labelSelector": ",".join(f"strimzi.io/{key}={value}" for key, value in labels.items()),
        "nodeIds": ids,
        "replicas": len(ids),
        "roles": sorted(spec_of(pool)["roles"], reverse=True),
    }


def _listener(
    listener: Listener, addresses: Sequence[tuple[str, int]], certificate: str
) -> JsonObject:
    status: JsonObject = {
        "addresses": [{"host": host, "port": port} for host, port in addresses],
        "bootstrapServers": ",".join(f"{host}:{port}" for host, port in addresses),
        "name": listener.name,
    }
    if listener.has_tls:
        status["certificates"] = [certificate]
    return status


def _is_ephemeral(pool: Mapping[str, Any]) -> bool:
    storage = spec_of(pool).get("storage") or {}
    volumes = storage.get("volumes") or [storage]
    return any(volume.get("type") == "ephemeral" for volume in volumes)
