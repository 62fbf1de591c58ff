"""A cluster in memory: applies, finds and deletes objects, and plays the operator that makes them ready."""

from __future__ import annotations

import base64
import copy
import threading
import uuid
from collections.abc import Callable
from typing import Any

from kafka_mirror.kubernetes_api import ConflictError, InvalidError, JsonObject

Key = tuple[str, str | None, str]


class FakeCluster:
    """Stands in for an API server and its operator.

    Attributes:
        objects: What is there, by kind, namespace and name.
        writes: Every apply and delete, in order.
        never_ready: Names of objects the operator does not finish.
        before_write: Called before each write; may raise what a server would answer.
    """

    name = "context 'dev'"

    def __init__(self) -> None:
        self.objects: dict[Key, JsonObject] = {}
        self.writes: list[str] = []
        self.never_ready: set[str] = set()
        self.before_write: Callable[[str, str], None] = lambda verb, name: None
        self._lock = threading.Lock()
        self._version = 0

    def find(
        self, api_version: str, kind: str, name: str, namespace: str | None = None
    ) -> JsonObject | None:
        with self._lock:
            found = self.objects.get((kind, namespace, name))
            return copy.deepcopy(found)

    def apply(self, obj: JsonObject, *, field_manager: str) -> JsonObject:
        metadata = obj["metadata"]
        self.before_write("apply", metadata["name"])
        key = (obj["kind"], metadata.get("namespace"), metadata["name"])
        with self._lock:
            self.writes.append(f"apply {obj['kind']} {metadata['name']}")
            if any(value is None for value in metadata.get("annotations", {}).values()):
                raise InvalidError(422, "Invalid", "annotations: null")
            self._version += 1
            old = self.objects.get(key)
            if old is not None and old["metadata"]["managedFields"][0]["manager"] != field_manager:
                raise ConflictError(409, "Conflict", "conflict with another manager")
            live = copy.deepcopy(obj)
            live["metadata"] |= {
                "uid": old["metadata"]["uid"] if old else str(uuid.uuid4()),
                "resourceVersion": str(self._version),
                "generation": (old["metadata"]["generation"] + 1) if old else 1,
                "creationTimestamp": "2026-01-01T00:00:00Z",
                "managedFields": [{"manager": field_manager}],
            }
            if obj["kind"] not in {"Secret", "Namespace"}:
                live["status"] = self._status(live)
            self.objects[key] = live
            return copy.deepcopy(live)

    def delete(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        *,
        uid: str | None = None,
    ) -> None:
        self.before_write("delete", name)
        with self._lock:
            self.writes.append(f"delete {kind} {name}")
            self.objects.pop((kind, namespace, name), None)

    def _status(self, live: JsonObject) -> dict[str, Any]:
        name = live["metadata"]["name"]
        ready = "NotReady" if name in self.never_ready else "Ready"
        condition = {"type": ready, "status": "True"}
        if ready == "NotReady":
            condition |= {"reason": "Pending", "message": "brokers are starting"}
        return {
            "conditions": [condition],
            "observedGeneration": live["metadata"]["generation"],
            "topicName": name,
        }

    def secret(self, name: str, namespace: str, key: str) -> str:
        data = self.objects["Secret", namespace, name]["data"]
        return base64.b64decode(data[key]).decode()
