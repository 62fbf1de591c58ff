"""What a run of the Pulumi CLI that was cut off has left in the backend, and how to go on from there.

A killed CLI leaves its lock behind (pkg/backend/diy/lock.go), and creations of which it is not known whether they
happened. It keeps those for a person to settle, and the Kubernetes provider refuses to create an object that is there; so
before the next run the lock is taken away if its process is gone, and what was created is put into the state.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from engine.checkpoint import Deployment, ResourceState, in_dependency_order
from engine.cluster import Clusters
from engine.errors import LockedError
from engine.kubernetes_objects import outputs_of
from engine.object_names import object_name
from engine.properties import plain
from engine.takeover import CREATOR
from engine.urns import reference
from kafka_mirror.kubernetes_api import JsonObject

_KUBERNETES: Final = "kubernetes:"
_CREATING: Final = "creating"
_INTERRUPTED: Final = "its creation was interrupted"


def is_locked_by_the_dead(directory: Path, *, stack: str) -> bool:
    """Tell whether all that locks a stack are processes that have ended.

    Args:
        directory: Of the stack's locks.
        stack: Its name.

    Raises:
        LockedError: If one may still run.
    """
    files = sorted(directory.glob("*.json"))
    for file in files:
        lock = json.loads(file.read_text(encoding="utf-8"))
        if lock["hostname"] != socket.gethostname() or _is_running(lock["pid"]):
            raise LockedError(
                f"stack '{stack}' is in use by the Pulumi CLI, process {lock['pid']} on {lock['hostname']}, since "
                f"{lock['timestamp']}. Wait for it, or stop it; if it is gone for good, delete {file}."
            )
    return bool(files)


def has_interrupted_creations(checkpoint: Mapping[str, Any]) -> bool:
    """Tell whether it is not known of some resource whether it was created."""
    pending = checkpoint.get("pending_operations") or ()
    return any(operation["type"] == _CREATING for operation in pending)


def settled(deployment: Deployment, clusters: Clusters) -> Deployment:
    """Return a stack in which it is known of every resource whether it was created.

    An object that is there is taken up as one that is not ready, so that the next run awaits it. What is not there, and what
    only Pulumi itself keeps, is forgotten and made anew.

    Args:
        deployment: The stack as a run that was cut off has left it.
        clusters: Where its objects are.

    Raises:
        UnreachableError: If a cluster that has to be asked does not answer.
    """
    resources: Sequence[ResourceState] = deployment.resources
    for operation in deployment.pending:
        begun = operation.resource
        if operation.type == _CREATING and begun.type.startswith(_KUBERNETES):
            resources = _with(begun, resources, clusters)
    return replace(deployment, resources=in_dependency_order(list(resources)), pending=())


def _with(
    begun: ResourceState, resources: Sequence[ResourceState], clusters: Clusters
) -> Sequence[ResourceState]:
    """Return the resources, and one more if its object is there."""
    name = object_name(begun.inputs)
    state = replace(begun, id=name.id)
    if any(_is_same(one, state) for one in resources):
        return resources
    provider = next(one for one in resources if reference(one.urn, one.id) == state.provider)
    live = name.find(clusters.of(plain(provider.inputs)))
    if live is None or not _is_made_by_the_cli(live):
        return resources
    # The provider draws such a name for each object that it applies.
    manager = f"{CREATOR}-{hashlib.sha256(state.urn.encode()).hexdigest()[:8]}"
    outputs = outputs_of(live, state.inputs, manager=manager)
    made = replace(state, outputs=outputs, init_errors=(_INTERRUPTED,))
    return [*_replaced(resources, made.urn), made]


def _replaced(resources: Sequence[ResourceState], urn: str) -> Iterator[ResourceState]:
    """Yield the resources as they are when one has a successor: it is to be deleted, or is so already."""
    for one in resources:
        if one.urn != urn:
            yield one
        elif not one.pending_replacement:
            yield replace(one, delete=True)


def _is_same(one: ResourceState, other: ResourceState) -> bool:
    """Tell whether a resource is in the stack already, as what it is about to be."""
    is_there = not one.delete and not one.pending_replacement
    return is_there and (one.urn, one.id, one.provider) == (other.urn, other.id, other.provider)


def _is_made_by_the_cli(live: JsonObject) -> bool:
    """Tell whether an object can be what a run of the CLI has created; one that is going away is none any more."""
    metadata = live["metadata"]
    managers = [str(entry.get("manager")) for entry in metadata.get("managedFields") or ()]
    is_ours = not managers or any(manager.startswith(CREATOR) for manager in managers)
    return is_ours and not metadata.get("deletionTimestamp")


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
