"""What every reconciler works with: the sites, the clusters that run, the processes, the queue and the clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kafka_mirror.kubernetes_api import JsonObject, KubernetesApi, NotFoundError
from lab.directory import LabDirectory
from lab.operator.authorities import Identity, utc_now
from lab.operator.jvm import Jvm
from lab.operator.kafka_admin import KafkaAdmin
from lab.operator.launching import Launcher
from lab.operator.objects import API_VERSION, name_of, namespace_of
from lab.operator.status import FIELD_MANAGER
from lab.operator.watching import Store
from lab.operator.work_queue import Key, WorkQueue
from lab.ports import PortBlock

_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Site:
    """One site: its API server and the copy of what it holds."""

    name: str
    api: KubernetesApi
    store: Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningCluster:
    """A Kafka cluster that serves, as its topics and users need it."""

    admin: KafkaAdmin
    has_authorizer: bool
    clients_authority: Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The surroundings of all reconcilers."""

    lab: LabDirectory
    sites: Mapping[str, Site]
    ports: PortBlock
    launcher: Launcher
    jvm: Jvm
    queue: WorkQueue
    clusters: dict[tuple[str, str, str], RunningCluster] = field(default_factory=dict)
    now: Callable[[], datetime] = utc_now
    stopping: threading.Event = field(default_factory=threading.Event)

    def site(self, key: Key) -> Site:
        """Return the site of a key."""
        return self.sites[key.site]

    def cluster(self, key: Key, name: str) -> RunningCluster | None:
        """Return the cluster of that name beside an object, if it serves."""
        return self.clusters.get((key.site, key.namespace, name))

    def directory(self, key: Key, kind: str) -> Path:
        """Return the directory of what is run for an object."""
        return self.lab.site(key.site) / kind / key.namespace / key.name

    def wait(self, key: Key, is_met: Callable[[], bool], *, within: timedelta) -> bool:
        """Wait for a condition; give up early when the object changes meanwhile or the operator ends.

        Raises:
            InterruptedWaitError: If waiting was given up, so that the object is looked at anew.
        """
        deadline = self.now() + within
        while not is_met():
            if self.queue.is_asked_again(key):
                raise InterruptedWaitError
            if self.now() > deadline:
                return False
            if self.stopping.wait(_POLL_SECONDS):
                raise InterruptedWaitError
        return True

    def write_status(self, key: Key, obj: Mapping[str, Any], status: JsonObject) -> None:
        """Write an object's whole status unless it is what the object has; fine if the object is gone."""
        if (obj.get("status") or {}) == status:
            return
        body = {
            "apiVersion": obj["apiVersion"],
            "kind": obj["kind"],
            "metadata": {"name": name_of(obj), "namespace": namespace_of(obj)},
            "status": status,
        }
        try:
            self.site(key).api.apply_status(body, field_manager=FIELD_MANAGER)
        except NotFoundError:
            return

    def apply(self, key: Key, obj: JsonObject) -> JsonObject:
        """Make an object as it is to be, whoever had its fields.

        One that belongs to an earlier owner of the same name is deleted first: it is about to be collected as garbage, and that
        must not hit the new one.
        """
        api = self.site(key).api
        found = api.find(obj["apiVersion"], obj["kind"], name_of(obj), key.namespace)
        if found is not None and _owners(found) and not _owners(found) & _owners(obj):
            uid = found["metadata"]["uid"]
            api.delete(obj["apiVersion"], obj["kind"], name_of(obj), key.namespace, uid=uid)
            # What is made now follows on no version.
            metadata = {k: v for k, v in obj["metadata"].items() if k != "resourceVersion"}
            obj = {**obj, "metadata": metadata}
        return api.apply(obj, field_manager=FIELD_MANAGER, force=True)

    def is_owned_by(self, obj: Mapping[str, Any], owner: Mapping[str, Any]) -> bool:
        """Tell whether an object was made for this very owner."""
        return owner["metadata"]["uid"] in _owners(obj)

    def annotate(self, key: Key, kind: str, annotations: Mapping[str, str | None]) -> None:
        """Set annotations of a custom resource; None takes one away."""
        self.site(key).api.patch(
            API_VERSION,
            kind,
            key.name,
            key.namespace,
            patch={"metadata": {"annotations": dict(annotations)}},
            field_manager=FIELD_MANAGER,
        )


def _owners(obj: Mapping[str, Any]) -> set[str]:
    return {entry["uid"] for entry in obj["metadata"].get("ownerReferences") or []}


class InterruptedWaitError(Exception):
    """The object has changed while something was waited for: look at it anew."""
