"""Deletes objects whose owner is gone, which a cluster's controller manager does elsewhere.

Also ends deletions "in the foreground", which wait for the dependents of an object. (Deleting an owner and keeping its dependents,
``kubectl delete --cascade=orphan``, is not served.)
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta

from kafka_mirror.errors import UnreachableError
from kafka_mirror.kubernetes_api import (
    ApiError,
    ConflictError,
    JsonObject,
    NotFoundError,
    ResourceKind,
    WatchEvent,
)
from lab.crds import FIELD_MANAGER, served_kind
from lab.site_access import SiteAccess, watch_forever

FOREGROUND = "foregroundDeletion"
# An operator may still be writing what belongs to an owner that was deleted under its hands.
_SECOND_LOOK = timedelta(seconds=3)
_BUILT_IN_OWNERS = (("v1", "Secret"), ("v1", "ConfigMap"), ("v1", "Service"))
_LOG = logging.getLogger(__name__)

_Objects = Sequence[tuple[ResourceKind, JsonObject]]


def collect_forever(
    site: SiteAccess, definitions: Sequence[JsonObject], stop: threading.Event
) -> None:
    """Collect the garbage of one site, whenever an object that may own others is deleted, until told to stop."""
    deleted = threading.Event()

    def note(event: WatchEvent) -> None:
        if event.type in {"DELETED", "LISTED"} or _waits_for_dependents(event.object["metadata"]):
            deleted.set()

    for api_version, kind in (*_BUILT_IN_OWNERS, *map(served_kind, definitions)):
        threading.Thread(
            target=watch_forever,
            args=(site.api, api_version, kind),
            kwargs={"stop": stop, "changed": note},
            daemon=True,
        ).start()
    look_again = False
    while not stop.is_set():
        was_deleted = deleted.wait(_SECOND_LOOK.total_seconds())
        if was_deleted or look_again:
            deleted.clear()
            look_again = _collect(site) or was_deleted


def _collect(site: SiteAccess) -> bool:
    """Delete what has lost its owner; tell whether there was any, or the site did not answer."""
    try:
        objects = _list_all(site)
        waiting = [each for each in objects if _waits_for_dependents(each[1]["metadata"])]
        if waiting:
            # Lists are read one after the other: a dependent made since its kind was read would be overlooked.
            objects = _list_all(site)
        orphans = list(_orphans(site, objects))
        for kind, item in orphans:
            _delete(site, kind, item["metadata"])
        have_gone = [_let_go(site, kind, item["metadata"], objects) for kind, item in waiting]
        return bool(orphans) or not all(have_gone)
    except (ApiError, UnreachableError) as error:
        _LOG.info("collecting garbage at %s: %s", site.name, error)
        return True


def _delete(site: SiteAccess, kind: ResourceKind, metadata: JsonObject) -> None:
    name, namespace = metadata["name"], metadata["namespace"]
    try:
        site.api.delete(kind.api_version, kind.kind, name, namespace, uid=metadata["uid"])
    except ConflictError:
        # It is gone, and another of its name was made meanwhile: that one has its own turn.
        return


def _list_all(site: SiteAccess) -> _Objects:
    kinds = list(site.namespaced_kinds())
    return [(kind, item) for kind in kinds for item in site.list_everywhere(kind)]


def _orphans(site: SiteAccess, objects: _Objects) -> Iterator[tuple[ResourceKind, JsonObject]]:
    """Yield objects all of whose owners are gone or wait for them to go."""
    known = {item["metadata"]["uid"]: item["metadata"] for _, item in objects}
    for kind, item in objects:
        owners = item["metadata"].get("ownerReferences", ())
        if not owners or item["metadata"].get("deletionTimestamp"):
            continue
        namespace = item["metadata"]["namespace"]
        # Lists are read one after the other, so an owner that is missing from them is asked for by name.
        if all(
            _waits_for_dependents(known[owner["uid"]])
            if owner["uid"] in known
            else _is_gone(site, owner, namespace)
            for owner in owners
        ):
            yield kind, item


def _waits_for_dependents(metadata: JsonObject) -> bool:
    return "deletionTimestamp" in metadata and FOREGROUND in metadata.get("finalizers", ())


def _is_gone(site: SiteAccess, owner: JsonObject, namespace: str) -> bool:
    found = site.api.find(owner["apiVersion"], owner["kind"], owner["name"], namespace)
    return found is None or found["metadata"]["uid"] != owner["uid"]


def _let_go(site: SiteAccess, kind: ResourceKind, owner: JsonObject, objects: _Objects) -> bool:
    """Let an object go that waits for its dependents, unless one is left; tell whether it went.

    Left are only dependents that have been seen before: Strimzi's User Operator makes the Secret of a user again for as long as
    the user is there (strimzi-kafka-operator#12835), so an owner that waited for whatever came meanwhile would never go. What
    came is an orphan then. A cluster's own collector decides the same way, on what it has been told so far.
    """
    if any(_is_there(site, each, item) for each, item in _blocking(objects, owner["uid"])):
        return False
    name, namespace = owner["name"], owner["namespace"]
    found = site.api.find(kind.api_version, kind.kind, name, namespace)
    if found is None or found["metadata"]["uid"] != owner["uid"]:
        return True
    metadata = found["metadata"]
    rest = [each for each in metadata.get("finalizers", ()) if each != FOREGROUND]
    patch = {"metadata": {"finalizers": rest, "resourceVersion": metadata["resourceVersion"]}}
    try:
        site.api.patch(
            kind.api_version, kind.kind, name, namespace, patch=patch, field_manager=FIELD_MANAGER
        )
    except NotFoundError:
        return True
    except ConflictError:
        return False
    return True


def _blocking(objects: _Objects, owner_uid: str) -> Iterator[tuple[ResourceKind, JsonObject]]:
    """Yield the dependents that their owner has to wait for."""
    for kind, item in objects:
        references = item["metadata"].get("ownerReferences", ())
        if any(one["uid"] == owner_uid and one.get("blockOwnerDeletion") for one in references):
            yield kind, item


def _is_there(site: SiteAccess, kind: ResourceKind, item: JsonObject) -> bool:
    metadata = item["metadata"]
    found = site.api.find(kind.api_version, kind.kind, metadata["name"], metadata["namespace"])
    return found is not None and found["metadata"]["uid"] == metadata["uid"]
