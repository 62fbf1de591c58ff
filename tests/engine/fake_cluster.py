"""A cluster on disk: applies, finds and deletes objects, and plays the operator that makes them ready.

It is on disk so that it outlives a process that is killed.
"""

from __future__ import annotations

import base64
import json
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kafka_mirror.kubernetes_api import ConflictError, InvalidError, JsonObject


class FakeCluster:
    """Stands in for an API server and its operator.

    Attributes:
        writes: Every apply and delete of this process, in order.
        never_ready: Names of objects the operator does not finish.
        around_write: Called before and after each write; may raise what a server would answer.
    """

    name = "context 'dev'"

    def __init__(self, file: Path) -> None:
        self._file = file
        self.writes: list[str] = []
        self.reads: list[str] = []
        self.never_ready: set[str] = set()
        self.around_write: Callable[[str, str, str], None] = lambda moment, verb, name: None
        self._lock = threading.Lock()

    @property
    def objects(self) -> dict[str, JsonObject]:
        """What is there, as ``<kind> <namespace>/<name>``."""
        return json.loads(self._file.read_text()) if self._file.exists() else {}

    def find(
        self, api_version: str, kind: str, name: str, namespace: str | None = None
    ) -> JsonObject | None:
        with self._lock:
            self.reads.append(f"{kind} {name}")
            return self.objects.get(_key(kind, namespace, name))

    def apply(self, obj: JsonObject, *, field_manager: str, force: bool = False) -> JsonObject:
        metadata = obj["metadata"]
        self.around_write("before", "apply", metadata["name"])
        with self._lock:
            self.writes.append(f"apply {obj['kind']} {metadata['name']}")
            live = self._applied(obj, field_manager, is_forced=force)
            self._put(_key(obj["kind"], metadata.get("namespace"), metadata["name"]), live)
        self.around_write("after", "apply", metadata["name"])
        return live

    def patch(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        *,
        patch: JsonObject,
        field_manager: str,
    ) -> JsonObject:
        """Fail: the engine patches only what Pulumi's provider has made, and that is on real clusters only."""
        raise AssertionError(f"{field_manager} patches {kind} {name}: {patch}")

    def delete(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        *,
        uid: str | None = None,
    ) -> None:
        self.around_write("before", "delete", name)
        with self._lock:
            self.writes.append(f"delete {kind} {name}")
            self._put(_key(kind, namespace, name), None)
        self.around_write("after", "delete", name)

    def change(self, key: str, change: Callable[[JsonObject], None]) -> None:
        """Change an object by hand."""
        with self._lock:
            obj = self.objects[key]
            change(obj)
            self._put(key, obj)

    def add(self, obj: JsonObject, *, manager: str) -> None:
        """Make an object as someone else."""
        with self._lock:
            metadata = obj["metadata"]
            key = _key(obj["kind"], metadata.get("namespace"), metadata["name"])
            self._put(key, self._applied(obj, manager))

    def remove(self, key: str) -> None:
        """Take an object away by hand."""
        with self._lock:
            self._put(key, None)

    def password(self) -> str:
        """Return what the program put into its Secret."""
        data = self.objects["Secret shop/user"]["data"]
        return base64.b64decode(data["password"]).decode()

    def _applied(self, obj: JsonObject, manager: str, *, is_forced: bool = False) -> JsonObject:
        metadata = obj["metadata"]
        if any(value is None for value in metadata.get("annotations", {}).values()):
            raise InvalidError(422, "Invalid", "an annotation is null")
        old = self.objects.get(_key(obj["kind"], metadata.get("namespace"), metadata["name"]))
        owners = [entry["manager"] for entry in old["metadata"]["managedFields"]] if old else []
        if not is_forced and set(owners) - {manager}:
            cause = '.spec.partitions: conflict with "kubectl" using kafka.strimzi.io/v1'
            raise ConflictError(409, "Conflict", "Apply failed with 1 conflict", (cause,))
        live: JsonObject = json.loads(json.dumps(obj))
        version = int(old["metadata"]["resourceVersion"]) + 1 if old else 1
        live["metadata"] |= {
            "uid": old["metadata"]["uid"] if old else str(uuid.uuid4()),
            "resourceVersion": str(version),
            "generation": (old["metadata"]["generation"] + 1) if old else 1,
            "creationTimestamp": "2026-01-01T00:00:00Z",
            # Who has set no field is not noted.
            "managedFields": [{"manager": manager}] if _has_fields(obj) else [],
        }
        if obj["kind"] not in {"Secret", "Namespace"}:
            live["status"] = self._status(live)
        return live

    def _put(self, key: str, obj: JsonObject | None) -> None:
        objects = self.objects
        objects.pop(key, None)
        if obj is not None:
            objects[key] = obj
        temporary = self._file.with_suffix(".tmp")
        temporary.write_text(json.dumps(objects))
        temporary.replace(self._file)

    def _status(self, live: JsonObject) -> dict[str, Any]:
        name = live["metadata"]["name"]
        condition = {"type": "Ready", "status": "True"}
        if name in self.never_ready:
            condition = {
                "type": "NotReady",
                "status": "True",
                "reason": "Creating",
                "message": "brokers are starting",
            }
        return {
            "conditions": [condition],
            "observedGeneration": live["metadata"]["generation"],
            "topicName": name,
        }


def _has_fields(obj: JsonObject) -> bool:
    rest = obj.keys() - {"apiVersion", "kind", "metadata"}
    return bool(rest or obj["metadata"].keys() - {"name", "namespace"})


def _key(kind: str, namespace: str | None, name: str) -> str:
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
