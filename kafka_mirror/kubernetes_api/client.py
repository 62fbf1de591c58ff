"""The calls: read, server-side apply, patch, delete and watch objects of any kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Self

from kafka_mirror.kubernetes_api.connection import Connection
from kafka_mirror.kubernetes_api.discovery import Discovery, ResourceKind
from kafka_mirror.kubernetes_api.failures import JsonObject, NotFoundError
from kafka_mirror.kubernetes_api.watching import WatchEvent, events_from_lines

_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"
_WATCH_GRACE_SECONDS = 15


class KubernetesApi:
    """One cluster. Thread-safe; discovers plurals and remembers them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._discovery = Discovery(connection)

    @classmethod
    def connect(cls, *, kubeconfig: str | None = None, context: str | None = None) -> Self:
        """Name a cluster; nothing is read or connected before the first call.

        Args:
            kubeconfig: Path or content; ``$KUBECONFIG``, then ``~/.kube/config`` by default.
            context: A context of it; the current one by default.
        """
        return cls(Connection(kubeconfig=kubeconfig, context=context))

    @property
    def name(self) -> str:
        """What messages call this cluster."""
        return self._connection.name

    @property
    def endpoint(self) -> str:
        """The address of the API server."""
        return self._connection.endpoint

    def version(self) -> JsonObject:
        """Return what ``/version`` says, a cheap question whether the server answers."""
        return self._connection.request("GET", "/version")

    def resource_kind(self, api_version: str, kind: str) -> ResourceKind:
        """Return how a kind is reached, or raise ``NotFoundError``."""
        return self._discovery.get(api_version, kind)

    def served_versions(self, group: str) -> tuple[str, ...]:
        """Return the versions of an API group that the server serves; none if it has no such group."""
        return self._discovery.versions(group)

    def get(
        self, api_version: str, kind: str, name: str, namespace: str | None = None
    ) -> JsonObject:
        """Read one object, or raise ``NotFoundError``."""
        path = self.resource_kind(api_version, kind).path(name=name, namespace=namespace)
        return self._connection.request("GET", path)

    def find(
        self, api_version: str, kind: str, name: str, namespace: str | None = None
    ) -> JsonObject | None:
        """Read one object; None if it, or its kind, is not there."""
        try:
            return self.get(api_version, kind, name, namespace)
        except NotFoundError:
            return None

    def list_objects(
        self,
        api_version: str,
        kind: str,
        namespace: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
    ) -> JsonObject:
        """Return the List object: ``items`` and ``metadata.resourceVersion``."""
        query = {"labelSelector": ",".join(f"{k}={v}" for k, v in labels.items())} if labels else {}
        path = self.resource_kind(api_version, kind).path(namespace=namespace)
        answer = self._connection.request("GET", path, query=query)
        for item in answer.setdefault("items", []):
            # Lists of built-in kinds leave both out of their items.
            item.setdefault("apiVersion", api_version)
            item.setdefault("kind", kind)
        return answer

    def apply(
        self,
        obj: JsonObject,
        *,
        field_manager: str,
        dry_run: bool = False,
        force: bool = False,
    ) -> JsonObject:
        """Server-side apply with strict field validation; creates the object if it is not there."""
        query = {"fieldManager": field_manager, "fieldValidation": "Strict"}
        query |= {"dryRun": "All"} if dry_run else {}
        query |= {"force": "true"} if force else {}
        return self._connection.request(
            "PATCH", self._path_of(obj), query=query, body=obj, content_type=_APPLY
        )

    def apply_status(self, obj: JsonObject, *, field_manager: str) -> JsonObject:
        """Server-side apply of ``status`` alone, taking the fields from whoever has them."""
        return self._connection.request(
            "PATCH",
            self._path_of(obj, subresource="status"),
            query={"fieldManager": field_manager, "force": "true"},
            body=obj,
            content_type=_APPLY,
        )

    def create(self, obj: JsonObject, *, field_manager: str) -> JsonObject:
        """Create an object; ``ConflictError`` if one of that name exists."""
        kind = self._discovery.get(obj["apiVersion"], obj["kind"])
        namespace = obj["metadata"].get("namespace") or ("default" if kind.namespaced else None)
        return self._connection.request(
            "POST",
            kind.path(namespace=namespace),
            query={"fieldManager": field_manager, "fieldValidation": "Strict"},
            body=obj,
        )

    def patch(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        *,
        patch: JsonObject,
        field_manager: str,
        subresource: str = "",
    ) -> JsonObject:
        """Apply a JSON merge patch, for finalizers, annotations or a subresource.

        A ``metadata.resourceVersion`` inside the patch makes it conditional.
        """
        path = self.resource_kind(api_version, kind).path(
            name=name, namespace=namespace, subresource=subresource
        )
        query = {"fieldManager": field_manager}
        return self._connection.request("PATCH", path, query=query, body=patch, content_type=_MERGE)

    def replace(self, obj: JsonObject, *, field_manager: str, subresource: str = "") -> JsonObject:
        """Put a whole object (or its subresource) back, conditional on its resourceVersion."""
        return self._connection.request(
            "PUT",
            self._path_of(obj, subresource=subresource),
            query={"fieldManager": field_manager},
            body=obj,
        )

    def delete(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        *,
        uid: str | None = None,
    ) -> None:
        """Ask for deletion in the background; an object that is not there is fine.

        Args:
            api_version: The object's API group and version.
            kind: The object's kind.
            name: The object's name.
            namespace: The object's namespace, if its kind has one.
            uid: Delete only this very object, not one made later under the same name.
        """
        options: JsonObject = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
        }
        options |= {"preconditions": {"uid": uid}} if uid else {}
        try:
            path = self.resource_kind(api_version, kind).path(name=name, namespace=namespace)
            self._connection.request("DELETE", path, body=options)
        except NotFoundError:
            return

    def watch(
        self,
        api_version: str,
        kind: str,
        *,
        namespace: str | None = None,
        name: str | None = None,
        resource_version: str | None = None,
        timeout_seconds: int = 300,
    ) -> Iterator[WatchEvent]:
        """Stream changes until the server ends the watch, at the latest after the timeout.

        Raises:
            GoneError: If `resource_version` is too old: list again and watch from there.
        """
        query = {"watch": "true", "timeoutSeconds": str(timeout_seconds)}
        query |= {"allowWatchBookmarks": "true"}
        query |= {"resourceVersion": resource_version} if resource_version else {}
        query |= {"fieldSelector": f"metadata.name={name}"} if name else {}
        path = self.resource_kind(api_version, kind).path(namespace=namespace)
        lines = self._connection.lines(
            path, query=query, timeout_seconds=timeout_seconds + _WATCH_GRACE_SECONDS
        )
        return events_from_lines(lines)

    def _path_of(self, obj: JsonObject, *, subresource: str = "") -> str:
        metadata = obj["metadata"]
        return self._discovery.get(obj["apiVersion"], obj["kind"]).path(
            name=metadata["name"], namespace=metadata.get("namespace"), subresource=subresource
        )
