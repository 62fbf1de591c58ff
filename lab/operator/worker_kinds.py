"""The two kinds of resource that are run as Connect workers, and what differs between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.operator.objects import component_labels, name_of, spec_of

_BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter"
_JSON = "org.apache.kafka.connect.json.JsonConverter"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerKind:
    """What is particular to one kind.

    Attributes:
        kind: The resource's.
        suffix: Stands between a resource's name and the names of what is made for it.
        component: Value of the component labels.
        converters: Of a worker whose resource names none.
    """

    kind: str
    suffix: str
    component: str
    converters: Mapping[str, str]


MIRROR_MAKER = WorkerKind(
    kind="KafkaMirrorMaker2",
    suffix="mirrormaker2",
    component="kafka-mirror-maker-2",
    converters={"key.converter": _BYTES, "header.converter": _BYTES, "value.converter": _BYTES},
)
CONNECT = WorkerKind(
    kind="KafkaConnect",
    suffix="connect",
    component="kafka-connect",
    converters={"key.converter": _JSON, "value.converter": _JSON},
)
_BY_KIND = {one.kind: one for one in (MIRROR_MAKER, CONNECT)}


def worker_kind(resource: Mapping[str, Any]) -> WorkerKind:
    """Return what is particular to a resource's kind."""
    return _BY_KIND[resource["kind"]]


def workload_of(resource: Mapping[str, Any]) -> str:
    """Return the name of a resource's workers, without their numbers."""
    return f"{name_of(resource)}-{worker_kind(resource).suffix}"


def own_cluster(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the block of the cluster that holds the workers' own topics."""
    spec = spec_of(resource)
    return spec["target"] if worker_kind(resource) is MIRROR_MAKER else spec


def sources_of(resource: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the blocks of the clusters that are mirrored."""
    return [mirror["source"] for mirror in spec_of(resource).get("mirrors") or []]


def worker_labels(resource: Mapping[str, Any]) -> dict[str, str]:
    """Return the labels of what is made for a resource."""
    component = worker_kind(resource).component
    return component_labels(
        resource, name=workload_of(resource), component=component, application=component
    )
