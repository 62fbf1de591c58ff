"""Finishes the deletion of namespaces, which a cluster's controller manager does elsewhere.

A namespace that is to be deleted loses its objects first; objects with finalizers are left to whoever put those there. Only when
none is left is the namespace itself finalised.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Sequence
from datetime import timedelta

from kafka_mirror.errors import UnreachableError
from kafka_mirror.kubernetes_api import ApiError, NotFoundError, ResourceKind, WatchEvent
from lab.crds import FIELD_MANAGER
from lab.garbage import FOREGROUND
from lab.site_access import SiteAccess, watch_forever

_RETRY = timedelta(milliseconds=200)
_LOG = logging.getLogger(__name__)


def finish_deletions(site: SiteAccess, stop: threading.Event) -> None:
    """Finish every deletion of a namespace at one site until told to stop."""
    terminating: queue.Queue[str] = queue.Queue()

    def note(event: WatchEvent) -> None:
        metadata = event.object["metadata"]
        if event.type in {"ADDED", "MODIFIED"} and metadata.get("deletionTimestamp"):
            terminating.put(metadata["name"])

    threading.Thread(
        target=watch_forever,
        args=(site.api, "v1", "Namespace"),
        kwargs={"stop": stop, "changed": note},
        daemon=True,
    ).start()
    while not stop.is_set():
        try:
            name = terminating.get(timeout=_RETRY.total_seconds())
        except queue.Empty:
            continue
        if not _go_on(site, name):
            stop.wait(_RETRY.total_seconds())
            terminating.put(name)


def _go_on(site: SiteAccess, name: str) -> bool:
    """Take one namespace as far as possible; tell whether nothing is left to do."""
    try:
        namespace = site.api.get("v1", "Namespace", name)
        if not namespace["spec"].get("finalizers"):
            return True
        if _delete_objects(site, list(site.namespaced_kinds()), name):
            return False
        namespace["spec"]["finalizers"] = []
        # Its dependents, for which a deletion "in the foreground" waits, were its objects.
        kept = [one for one in namespace["metadata"].get("finalizers", ()) if one != FOREGROUND]
        namespace["metadata"]["finalizers"] = kept
        site.api.replace(namespace, field_manager=FIELD_MANAGER, subresource="finalize")
    except NotFoundError:
        return True
    except (ApiError, UnreachableError) as error:
        _LOG.info("namespace %s at %s: %s", name, site.name, error)
        return False
    return True


def _delete_objects(site: SiteAccess, kinds: Sequence[ResourceKind], namespace: str) -> bool:
    """Ask for the deletion of all objects of a namespace; tell whether there was any."""
    any_left = False
    for kind in kinds:
        collection = kind.path(namespace=namespace)
        items = site.connection.request("GET", collection)["items"]
        any_left = any_left or bool(items)
        if any(not item["metadata"].get("deletionTimestamp") for item in items):
            site.connection.request("DELETE", collection)
    return any_left
