"""Whose fields an object's are, when its state came from Pulumi's Kubernetes provider.

The provider makes an object with a plain create, under one manager, and applies later changes under another, whose
name it keeps in the state (provider/pkg/await/await.go, ``fixCSAFieldManagers``). Whoever takes the state over uses
that name, and has to turn the creation into an application first, or its own changes are conflicts.
"""

from __future__ import annotations

from typing import Any, Final

from engine.checkpoint import ResourceState
from engine.cluster import FIELD_MANAGER, Cluster
from engine.object_names import ObjectName
from engine.properties import plain
from kafka_mirror.kubernetes_api import JsonObject

MANAGER_OUTPUT: Final = "__fieldManager"
CREATOR: Final = "pulumi-kubernetes"


def manager_of(old: ResourceState) -> str:
    """Return the field manager that a resource was made with."""
    return str(plain(old.outputs.get(MANAGER_OUTPUT)) or FIELD_MANAGER)


def take_over(live: JsonObject, name: ObjectName, cluster: Cluster, *, manager: str) -> None:
    """Make the fields that the provider created an object with the manager's own.

    Raises:
        ApiError: If the server refuses, or the object has changed meanwhile.
    """
    entries = live["metadata"].get("managedFields") or []
    created = [entry for entry in entries if _is_of(entry, CREATOR, "Update")]
    if not created:
        return
    owned = [*created, *(entry for entry in entries if _is_of(entry, manager, "Apply"))]
    fields: JsonObject = {}
    for entry in owned:
        fields = _union(fields, entry.get("fieldsV1") or {})
    ours = {**created[0], "manager": manager, "operation": "Apply", "fieldsV1": fields}
    metadata = {
        "resourceVersion": live["metadata"]["resourceVersion"],
        "managedFields": [ours, *(entry for entry in entries if entry not in owned)],
    }
    cluster.patch(
        name.api_version,
        name.kind,
        name.name,
        name.namespace,
        patch={"metadata": metadata},
        field_manager=manager,
    )


def _is_of(entry: JsonObject, manager: str, operation: str) -> bool:
    found = (entry.get("manager"), entry.get("operation"), entry.get("subresource", ""))
    return found == (manager, operation, "")


def _union(left: Any, right: Any) -> JsonObject:
    """Return the fields of two sets; in ``fieldsV1`` a set is a tree of keys."""
    return {key: _union(left.get(key, {}), right.get(key, {})) for key in {**left, **right}}
