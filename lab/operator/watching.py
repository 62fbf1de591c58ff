"""Keeps a copy of what the API servers hold, and tells what has changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from kafka_mirror.errors import UnreachableError
from kafka_mirror.kubernetes_api import ApiError, GoneError, JsonObject, KubernetesApi
from lab.operator.objects import API_VERSION, labels_of, name_of, namespace_of

_WATCH_SECONDS = 300
_RETRY_SECONDS = 0.5

WATCHED = (
    (API_VERSION, "Kafka"),
    (API_VERSION, "KafkaNodePool"),
    (API_VERSION, "KafkaTopic"),
    (API_VERSION, "KafkaUser"),
    (API_VERSION, "KafkaMirrorMaker2"),
    (API_VERSION, "KafkaConnect"),
    (API_VERSION, "KafkaConnector"),
    ("v1", "Secret"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One object that has come, changed or gone; `obj` is the last that was seen of it."""

    kind: str
    obj: JsonObject
    is_gone: bool


class Store:
    """The last known objects of one site; safe to use from several threads. Objects in it are never modified."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._objects: dict[str, dict[tuple[str, str], JsonObject]] = {}
        self._synced: set[str] = set()

    def get(self, kind: str, namespace: str, name: str) -> JsonObject | None:
        """Return an object, or None."""
        with self._lock:
            return self._objects.get(kind, {}).get((namespace, name))

    def find(self, kind: str, namespace: str, labels: Mapping[str, str]) -> list[JsonObject]:
        """Return the objects of a namespace that have all of these labels, by name."""
        with self._lock:
            found = [
                obj for (space, _), obj in self._objects.get(kind, {}).items() if space == namespace
            ]
        return sorted(
            (obj for obj in found if labels.items() <= labels_of(obj).items()), key=name_of
        )

    def all_of(self, kind: str) -> list[JsonObject]:
        """Return every object of a kind."""
        with self._lock:
            return list(self._objects.get(kind, {}).values())

    def replace_all(self, kind: str, objects: Iterable[JsonObject]) -> list[Change]:
        """Take a full list of a kind and return what has changed."""
        new = {(namespace_of(obj), name_of(obj)): obj for obj in objects}
        with self._lock:
            old = self._objects.get(kind, {})
            self._objects[kind] = new
            self._synced.add(kind)
        gone = [Change(kind, old[key], is_gone=True) for key in old if key not in new]
        return gone + [Change(kind, obj, is_gone=False) for obj in new.values()]

    def put(self, kind: str, obj: JsonObject) -> Change:
        """Take an object that has come or changed."""
        with self._lock:
            self._objects.setdefault(kind, {})[namespace_of(obj), name_of(obj)] = obj
        return Change(kind, obj, is_gone=False)

    def remove(self, kind: str, obj: JsonObject) -> Change:
        """Take the news that an object is gone."""
        with self._lock:
            self._objects.get(kind, {}).pop((namespace_of(obj), name_of(obj)), None)
        return Change(kind, obj, is_gone=True)

    @property
    def is_synced(self) -> bool:
        """Tell whether every kind has been listed, so that an absent object does not exist."""
        with self._lock:
            return all(kind in self._synced for _, kind in WATCHED)


class Follower:
    """Lists and watches one kind of one site; a server that is away or lacks the kind is asked again."""

    def __init__(
        self,
        api: KubernetesApi,
        store: Store,
        api_version: str,
        kind: str,
        *,
        tell: Callable[[Change], None],
    ) -> None:
        self._api, self._store, self._tell = api, store, tell
        self._api_version, self._kind = api_version, kind

    def run(self, stop: threading.Event) -> None:
        """Follow until `stop` is set."""
        while not stop.is_set():
            try:
                version = self._list()
                while not stop.is_set():
                    version = self._watch(version)
            except GoneError:
                continue
            except (ApiError, UnreachableError):
                stop.wait(_RETRY_SECONDS)

    def _list(self) -> str:
        answer = self._api.list_objects(self._api_version, self._kind)
        for change in self._store.replace_all(self._kind, answer["items"]):
            self._tell(change)
        return str(answer["metadata"]["resourceVersion"])

    def _watch(self, version: str) -> str:
        for event in self._api.watch(
            self._api_version,
            self._kind,
            resource_version=version,
            timeout_seconds=_WATCH_SECONDS,
        ):
            version = str(event.object["metadata"]["resourceVersion"])
            if event.type == "DELETED":
                self._tell(self._store.remove(self._kind, event.object))
            elif event.type in ("ADDED", "MODIFIED"):
                self._tell(self._store.put(self._kind, event.object))
        return version
