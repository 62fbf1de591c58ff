"""Tells the operator of Prometheus which pods to read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from kafka_mirror.manifests.base import Manifest
from kafka_mirror.manifests.objects import operator_key
from kafka_mirror.topology import Operator

MONITORING: Final = "monitoring.coreos.com/v1"
PORT: Final = "tcp-prometheus"
"""How Strimzi calls port 9404 of its pods."""


def monitoring_object(
    kind: str, name: str, namespace: str, spec: Mapping[str, Any], labels: Mapping[str, str]
) -> Manifest:
    """Return an object of the operator of Prometheus."""
    metadata: dict[str, Any] = {"name": name, "namespace": namespace}
    if labels:
        metadata["labels"] = dict(labels)
    return {"apiVersion": MONITORING, "kind": kind, "metadata": metadata, "spec": dict(spec)}


def pod_monitor(
    resource: str,
    namespace: str,
    *,
    name: str,
    kind: str,
    operator: Operator,
    labels: Mapping[str, str],
) -> Manifest:
    """Return the PodMonitor of the pods that an operator makes for one resource.

    Args:
        resource: Its name.
        namespace: Its namespace.
        name: Of the PodMonitor.
        kind: Of the resource.
        operator: Whose labels the pods have; the series say ``strimzi_io_cluster`` under any.
        labels: That Prometheus goes by.
    """
    cluster, of_kind = operator_key(operator, "cluster"), operator_key(operator, "kind")
    relabelled = {
        "sourceLabels": [f"__meta_kubernetes_pod_label_{re.sub('[./]', '_', cluster)}"],
        "targetLabel": "strimzi_io_cluster",
    }
    endpoint = {"path": "/metrics", "port": PORT, "relabelings": [relabelled]}
    selector = {cluster: resource, of_kind: kind}
    spec = {"selector": {"matchLabels": selector}, "podMetricsEndpoints": [endpoint]}
    return monitoring_object("PodMonitor", name, namespace, spec, labels)
