"""What all objects of the dialect share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kafka_mirror.manifests.base import Manifest

API_VERSION: Final = "kafka.strimzi.io/v1"
CLUSTER_LABEL: Final = "strimzi.io/cluster"
CREDENTIAL_VERSION: Final = "kafka-mirror/credential-version"
"""Annotation that changes with the Secrets an object refers to, which the operators do not watch."""


def custom_object(
    kind: str,
    name: str,
    namespace: str,
    spec: Mapping[str, Any],
    *,
    cluster: str | None = None,
    annotations: Mapping[str, Any] | None = None,
) -> Manifest:
    """Return an object of the operator's API.

    Args:
        kind: Of the object.
        name: Of the object.
        namespace: That the operator watches.
        spec: What is wanted.
        cluster: The Kafka it belongs to; the one label the operators go by.
        annotations: On the object.
    """
    metadata: dict[str, Any] = {"name": name, "namespace": namespace}
    if cluster is not None:
        metadata["labels"] = {CLUSTER_LABEL: cluster}
    if annotations:
        metadata["annotations"] = dict(annotations)
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": dict(spec)}
