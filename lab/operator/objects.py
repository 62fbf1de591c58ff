"""Reading custom resources and naming what is made for them: owners, labels, annotations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JsonObject = dict[str, Any]

API_VERSION = "kafka.strimzi.io/v1"
CLUSTER_LABEL = "strimzi.io/cluster"
KIND_LABEL = "strimzi.io/kind"
NAME_LABEL = "strimzi.io/name"
COMPONENT_LABEL = "strimzi.io/component-type"
POOL_LABEL = "strimzi.io/pool-name"
PAUSE_ANNOTATION = "strimzi.io/pause-reconciliation"


def name_of(obj: Mapping[str, Any]) -> str:
    """Return the object's name."""
    return str(obj["metadata"]["name"])


def namespace_of(obj: Mapping[str, Any]) -> str:
    """Return the object's namespace; every object the operator reads has one."""
    return str(obj["metadata"]["namespace"])


def spec_of(obj: Mapping[str, Any]) -> JsonObject:
    """Return the object's spec, empty when it has none."""
    return dict(obj.get("spec") or {})


def generation_of(obj: Mapping[str, Any]) -> int:
    """Return the generation of the spec that was read."""
    return int(obj["metadata"].get("generation", 1))


def annotations_of(obj: Mapping[str, Any]) -> dict[str, str]:
    """Return the object's annotations, empty when it has none."""
    return dict(obj["metadata"].get("annotations") or {})


def labels_of(obj: Mapping[str, Any]) -> dict[str, str]:
    """Return the object's labels, empty when it has none."""
    return dict(obj["metadata"].get("labels") or {})


def is_paused(obj: Mapping[str, Any]) -> bool:
    """Tell whether the object asks to be left alone."""
    return annotations_of(obj).get(PAUSE_ANNOTATION) == "true"


def is_being_deleted(obj: Mapping[str, Any]) -> bool:
    """Tell whether the object waits for its finalizers."""
    return bool(obj["metadata"].get("deletionTimestamp"))


def owner_reference(owner: Mapping[str, Any]) -> JsonObject:
    """Return the reference under which everything made for `owner` goes when it goes."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": name_of(owner),
        "uid": owner["metadata"]["uid"],
        "controller": False,
        "blockOwnerDeletion": True,
    }


def component_labels(
    owner: Mapping[str, Any], *, name: str, component: str, application: str | None = None
) -> dict[str, str]:
    """Return the labels of an object made for `owner`.

    Args:
        owner: The custom resource.
        name: Value of ``strimzi.io/name``: the workload the object belongs to.
        component: Value of ``strimzi.io/component-type``.
        application: Value of ``app.kubernetes.io/name``; left out for the parts of a Kafka cluster.
    """
    cluster = name_of(owner)
    labels = {
        CLUSTER_LABEL: cluster,
        COMPONENT_LABEL: component,
        KIND_LABEL: str(owner["kind"]),
        NAME_LABEL: name,
    }
    if application is None:
        return labels
    return {
        "app.kubernetes.io/instance": cluster,
        "app.kubernetes.io/managed-by": "strimzi-cluster-operator",
        "app.kubernetes.io/name": application,
        "app.kubernetes.io/part-of": f"strimzi-{cluster}",
        **labels,
    }


def metadata(
    owner: Mapping[str, Any],
    *,
    name: str,
    labels: Mapping[str, str],
    annotations: Mapping[str, str] | None = None,
) -> JsonObject:
    """Return the metadata of an object made for `owner`, in the owner's namespace."""
    made: JsonObject = {
        "name": name,
        "namespace": namespace_of(owner),
        "labels": dict(labels),
        "ownerReferences": [owner_reference(owner)],
    }
    if annotations:
        made["annotations"] = dict(annotations)
    return made
