"""What is made for a KafkaMirrorMaker2 or a KafkaConnect before its workers run.

Decided from the resource and what lies beside it alone, in the order in which the real operator finds out what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.operator.client_security import trust_secret_name
from lab.operator.cluster_model import DEFAULT_KAFKA_VERSION, check_version
from lab.operator.failures import ReconciliationError
from lab.operator.objects import JsonObject, metadata, name_of, namespace_of, spec_of
from lab.operator.worker_kinds import worker_labels, workload_of
from lab.operator.worker_properties import render_worker_properties
from lab.operator.worker_secrets import (
    ReadSecret,
    credential_values,
    trust_secret,
    trusted_certificates,
)

PROPERTIES_ENTRY = "kafka-connect.properties"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerPlan:
    """What is made, as far as the real operator gets.

    Attributes:
        objects: The Secret with all that is trusted, and the ConfigMap with the workers' file.
        properties: That file; empty if the operator does not get there.
        secrets: What the workers read, ``{"<namespace>/<secret>": {key: value}}``.
        failure: Why the operator gets no further.
    """

    objects: tuple[JsonObject, ...]
    properties: str = ""
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    failure: ReconciliationError | None = None


def plan_workers(
    resource: Mapping[str, Any], *, read: ReadSecret, has_config_map: Callable[[str], bool]
) -> WorkerPlan:
    """Return what is made for a resource.

    Args:
        resource: The KafkaMirrorMaker2 or KafkaConnect.
        read: Returns the values of a Secret beside it, or None.
        has_config_map: Tells whether there is a ConfigMap of that name beside it.
    """
    objects: list[JsonObject] = []
    try:
        check_version(str(spec_of(resource).get("version") or DEFAULT_KAFKA_VERSION))
        properties = render_worker_properties(resource)
        _check_metrics(resource, has_config_map)
        trusted = trusted_certificates(resource, read)
        if trusted:
            objects.append(trust_secret(resource, trusted))
        values = credential_values(resource, read)
        objects.append(_config_map(resource, properties))
    except ReconciliationError as failure:
        return WorkerPlan(objects=tuple(objects), failure=failure)
    if trusted:
        values[trust_secret_name(name_of(resource))] = trusted
    return WorkerPlan(
        objects=tuple(objects),
        properties=properties,
        secrets={f"{namespace_of(resource)}/{name}": keys for name, keys in values.items()},
    )


def _check_metrics(resource: Mapping[str, Any], has_config_map: Callable[[str], bool]) -> None:
    """Refuse metrics whose rules are missing, as the real operator; the lab itself exports none."""
    metrics = spec_of(resource).get("metricsConfig") or {}
    name = ((metrics.get("valueFrom") or {}).get("configMapKeyRef") or {}).get("name")
    if name and not has_config_map(name):
        raise ReconciliationError(
            "InvalidConfigurationException", f"ConfigMap {name} does not exist"
        )


def _config_map(resource: Mapping[str, Any], properties: str) -> JsonObject:
    name = f"{workload_of(resource)}-config"
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(resource, name=name, labels=worker_labels(resource)),
        "data": {PROPERTIES_ENTRY: properties},
    }
