"""What the objects of every operator share: which API they belong to, and the label that ties them to their Kafka."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kafka_mirror.manifests.base import Manifest
from kafka_mirror.topology import Operator

CREDENTIAL_VERSION: Final = "kafka-mirror/credential-version"
"""Annotation that changes with the Secrets an object refers to, which the operators do not watch."""

STRIMZI: Final = Operator()
"""The operator of a site that names none."""

_GROUPS: Final = {"strimzi": "kafka.strimzi.io", "event-streams": "eventstreams.ibm.com"}
_LABELS: Final = {"strimzi": "strimzi.io", "event-streams": "eventstreams.ibm.com"}


def api_version(operator: Operator) -> str:
    """Return the API version of everything the operator looks after."""
    return f"{_GROUPS[operator.type]}/{operator.api}"


def operator_key(operator: Operator, name: str) -> str:
    """Return the key of a label or annotation that the operator goes by."""
    return f"{_LABELS[operator.type]}/{name}"


def custom_object(
    kind: str,
    name: str,
    namespace: str,
    spec: Mapping[str, Any],
    *,
    operator: Operator,
    cluster: str | None = None,
    annotations: Mapping[str, Any] | None = None,
) -> Manifest:
    """Return an object of an operator's API.

    Args:
        kind: Of the object.
        name: Of the object.
        namespace: That the operator watches.
        spec: What is wanted.
        operator: Whose API it is of.
        cluster: The Kafka it belongs to; the one label the operators go by.
        annotations: On the object.
    """
    metadata: dict[str, Any] = {"name": name, "namespace": namespace}
    if cluster is not None:
        metadata["labels"] = {operator_key(operator, "cluster"): cluster}
    if annotations:
        metadata["annotations"] = dict(annotations)
    return {
        "apiVersion": api_version(operator),
        "kind": kind,
        "metadata": metadata,
        "spec": dict(spec),
    }
