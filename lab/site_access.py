"""What the lab itself reads and deletes at a site: objects of every kind, as a cluster's own controllers do."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self

from kafka_mirror.errors import UnreachableError
from kafka_mirror.kubernetes_api import (
    ApiError,
    GoneError,
    JsonObject,
    KubernetesApi,
    NotFoundError,
    ResourceKind,
    WatchEvent,
)
from kafka_mirror.kubernetes_api.connection import Connection

_LOG = logging.getLogger(__name__)
_RETRY = timedelta(milliseconds=500)
# Made and dropped by the API server itself all the time; nobody owns them.
_TRANSIENT = frozenset({"Event", "Lease"})


@dataclass(frozen=True, slots=True)
class SiteAccess:
    """One site of the lab, with the administrator's rights."""

    name: str
    api: KubernetesApi
    connection: Connection

    @classmethod
    def connect(cls, site: str, *, kubeconfig: Path) -> Self:
        """Name a site; nothing is connected before the first call."""
        connection = Connection(kubeconfig=str(kubeconfig), context=site)
        return cls(site, KubernetesApi(connection), connection)

    def namespaced_kinds(self) -> Iterator[ResourceKind]:
        """Yield every kind that lives in namespaces and can be listed and deleted, each in one version only."""
        yield from self._kinds("/api/v1", "v1")
        for group in self.connection.request("GET", "/apis")["groups"]:
            version = group["preferredVersion"]["groupVersion"]
            yield from self._kinds(f"/apis/{version}", version)

    def list_everywhere(self, kind: ResourceKind) -> list[JsonObject]:
        """Return all objects of a kind, over all namespaces."""
        try:
            items: list[JsonObject] = self.connection.request("GET", kind.path())["items"]
        except NotFoundError:  # its definition was deleted a moment ago
            return []
        return items

    def _kinds(self, path: str, version: str) -> Iterator[ResourceKind]:
        for entry in self.connection.request("GET", path)["resources"]:
            is_object = "/" not in entry["name"] and {"list", "delete"} <= set(entry["verbs"])
            if is_object and entry["namespaced"] and entry["kind"] not in _TRANSIENT:
                yield ResourceKind(version, entry["kind"], entry["name"], namespaced=True)


def watch_forever(
    api: KubernetesApi,
    api_version: str,
    kind: str,
    *,
    stop: threading.Event,
    changed: Callable[[WatchEvent], None],
) -> None:
    """Tell of every object of a kind and every change of one, until told to stop; survives an API server's restart.

    What was deleted while nothing was watched is told by no event: the event ``LISTED``, which holds the list, comes at the start
    and after each such gap.
    """
    while not stop.is_set():
        try:
            found = api.list_objects(api_version, kind)
            changed(WatchEvent("LISTED", found))
            for item in found["items"]:
                changed(WatchEvent("ADDED", item))
            version = found["metadata"]["resourceVersion"]
            for event in api.watch(api_version, kind, resource_version=version):
                changed(event)
        except GoneError:
            continue
        except (ApiError, UnreachableError) as error:
            _LOG.info("watching %s at %s: %s", kind, api.name, error)
            stop.wait(_RETRY.total_seconds())
