"""Which kinds an API server serves, and the URL path of each object."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from urllib.parse import quote

from kafka_mirror.kubernetes_api.connection import Connection
from kafka_mirror.kubernetes_api.failures import JsonObject, NotFoundError, api_error


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """How the objects of one kind are reached."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    def path(
        self, *, name: str | None = None, namespace: str | None = None, subresource: str = ""
    ) -> str:
        """Return the URL path of an object, or of the collection if no name is given."""
        root = "/apis" if "/" in self.api_version else "/api"
        parts = [root, self.api_version]
        if self.namespaced and namespace:
            parts += ["namespaces", quote(namespace, safe="")]
        elif self.namespaced and name:
            parts += ["namespaces", "default"]
        parts.append(self.plural)
        parts += [quote(name, safe="")] if name else []
        parts += [subresource] if subresource else []
        return "/".join(parts)


class Discovery:
    """The kinds of one server; found kinds are remembered, absent ones are asked for again."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._kinds: dict[tuple[str, str], ResourceKind] = {}

    def find(self, api_version: str, kind: str) -> ResourceKind | None:
        """Return how to reach a kind, or None if the server does not serve it now."""
        key = (api_version, kind)
        with self._lock:
            if key not in self._kinds:
                self._kinds.update(self._read(api_version))
            return self._kinds.get(key)

    def get(self, api_version: str, kind: str) -> ResourceKind:
        """Return how to reach a kind.

        Raises:
            NotFoundError: If the server does not serve it, for example because a CRD is missing.
        """
        found = self.find(api_version, kind)
        if found is None:
            raise api_error(
                404,
                "NotServed",
                f"{self._connection.name} serves no {kind} in {api_version}: {self._instead(api_version)}",
            )
        return found

    def versions(self, group: str) -> tuple[str, ...]:
        """Return the versions of an API group that the server serves, the one it prefers first; none if it has no such group."""
        try:
            answer: JsonObject = self._connection.request("GET", f"/apis/{group}")
        except NotFoundError:
            return ()
        return tuple(entry["version"] for entry in answer.get("versions") or ())

    def _instead(self, api_version: str) -> str:
        group, slash, _ = api_version.partition("/")
        versions = self.versions(group) if slash else ()
        if versions:
            return f"of {group} it serves {', '.join(versions)}"
        return "is its operator (with its CustomResourceDefinitions) installed?"

    def _read(self, api_version: str) -> dict[tuple[str, str], ResourceKind]:
        root = "/apis" if "/" in api_version else "/api"
        try:
            answer: JsonObject = self._connection.request("GET", f"{root}/{api_version}")
        except NotFoundError:
            return {}
        return {
            (api_version, entry["kind"]): ResourceKind(
                api_version, entry["kind"], entry["name"], bool(entry["namespaced"])
            )
            for entry in answer.get("resources") or ()
            if "/" not in entry["name"]
        }
