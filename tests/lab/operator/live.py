"""What the live tests of the operator do to a lab: apply, read, wait, and talk to its brokers."""

from __future__ import annotations

import base64
import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from kafka_mirror.kubernetes_api import KubernetesApi
from kafka_mirror.kubernetes_api.connection import Connection
from lab.directory import LabDirectory
from lab.operator.authorities import Identity
from lab.operator.kafka_admin import KafkaAdmin
from lab.processes import ProcessTable
from lab.waiting import wait_until
from tests.lab.operator.resources import API, make_kafka, make_namespace, make_pool

SITES = ("dev", "stg")
_POLL_SECONDS = 0.1
_KNOWN_WITHIN = timedelta(seconds=60)
_Found = TypeVar("_Found")


def eventually(
    look: Callable[[], _Found], *, within: timedelta = timedelta(seconds=180), why: str = ""
) -> _Found:
    """Return what `look` finds as soon as it is true; fail with the last thing seen."""
    deadline = time.monotonic() + within.total_seconds()
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {within}: {why or look} (last: {found!r})"
        time.sleep(_POLL_SECONDS)
    return found


def becomes(look: Callable[[], object], wanted: object) -> bool:
    """Wait until `look` finds what is wanted; fail with the last thing seen.

    A broker knows a moment later than the controller what has changed, and the operator says so in between.
    """
    seen: list[object] = []

    def is_wanted() -> bool:
        seen[:] = [look()]
        return seen[0] == wanted

    if not wait_until(is_wanted, within=_KNOWN_WITHIN, every=timedelta(seconds=_POLL_SECONDS)):
        assert seen[0] == wanted
    return True


@dataclass(frozen=True)
class LiveSite:
    """One site with a Kafka cluster named after it, in a namespace of the same name."""

    name: str
    api: KubernetesApi
    directory: LabDirectory

    def apply(self, *objects: Mapping[str, Any]) -> None:
        for obj in objects:
            self.api.apply(dict(obj), field_manager="test", force=True)

    def get(self, kind: str, name: str) -> dict[str, Any]:
        return self.api.get(API, kind, name, self.name)

    def find(self, kind: str, name: str) -> dict[str, Any] | None:
        return self.api.find(API, kind, name, self.name)

    def delete(self, kind: str, name: str, *, api_version: str = API) -> None:
        self.api.delete(api_version, kind, name, self.name)

    def delete_in_the_foreground(self, kind: str, name: str) -> None:
        """Delete an object as Pulumi does: it goes after all that is made for it."""
        Connection(kubeconfig=str(self.directory.kubeconfig), context=self.name).request(
            "DELETE",
            self.api.resource_kind(API, kind).path(name=name, namespace=self.name),
            body={"propagationPolicy": "Foreground"},
        )

    def annotate(self, kind: str, name: str, **annotations: str | None) -> None:
        patch = {
            "metadata": {
                "annotations": {
                    f"strimzi.io/{key.replace('_', '-')}": value
                    for key, value in annotations.items()
                }
            }
        }
        self.api.patch(API, kind, name, self.name, patch=patch, field_manager="test")

    def patch_spec(self, kind: str, name: str, **spec: Any) -> None:
        patch = {"spec": spec}
        self.api.patch(API, kind, name, self.name, patch=patch, field_manager="test")

    def observed(self, kind: str, name: str) -> dict[str, Any]:
        """Return the status once the operator has seen the present spec."""

        def look() -> dict[str, Any]:
            obj = self.get(kind, name)
            status: dict[str, Any] = obj.get("status") or {}
            seen = status.get("observedGeneration") == obj["metadata"]["generation"]
            return status if seen else {}

        return eventually(look, within=timedelta(seconds=180), why=f"{kind} {name} is seen")

    def conditions(self, kind: str, name: str) -> list[dict[str, str]]:
        """Return the conditions without their times, once the operator has seen the present spec."""
        return [
            {key: value for key, value in condition.items() if key != "lastTransitionTime"}
            for condition in self.observed(kind, name)["conditions"]
        ]

    def wait_for(self, kind: str, name: str, condition: str = "Ready") -> dict[str, Any]:
        def look() -> bool:
            return any(
                entry["type"] == condition and entry["status"] == "True"
                for entry in self.observed(kind, name).get("conditions", [])
            )

        eventually(look, within=timedelta(seconds=120), why=f"{kind} {name} {condition}")
        return self.get(kind, name)

    def secret(self, name: str) -> dict[str, str]:
        """Return a Secret's text values, or nothing."""
        found = self.api.find("v1", "Secret", name, self.name) or {}
        values = {}
        for key, value in (found.get("data") or {}).items():
            raw = base64.b64decode(value)
            values[key] = raw.decode("utf-8", "replace")
        return values

    def listener(self, name: str = "tls") -> dict[str, Any]:
        status = self.get("Kafka", self.name)["status"]
        return next(entry for entry in status["listeners"] if entry["name"] == name)

    @property
    def bootstrap(self) -> str:
        return str(self.listener()["bootstrapServers"])

    @property
    def trusted(self) -> str:
        return self.secret(f"{self.name}-cluster-ca-cert")["ca.crt"]

    def client(self, user: str, password: str, **more: Any) -> dict[str, Any]:
        """Return librdkafka's configuration for a user with a password."""
        return {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user,
            "sasl.password": password,
            "ssl.ca.pem": self.trusted,
            "log_level": 0,
            **more,
        }

    def admin(self) -> KafkaAdmin:
        """Return a super user's view of the cluster."""
        certificates = self.secret(f"{self.name}-cluster-operator-certs")
        identity = Identity(
            certificate=certificates["cluster-operator.crt"],
            key=certificates["cluster-operator.key"],
        )
        ports = json.loads(self.directory.ports.read_text())["assigned"]
        prefix, suffix = f"{self.name}/kafka/{self.name}/{self.name}/", "/REPLICATION-9091"
        bootstrap = ",".join(
            f"127.0.0.1:{port}"
            for name, port in ports.items()
            if name.startswith(prefix) and name.endswith(suffix)
        )
        return KafkaAdmin(bootstrap, trusted=self.trusted, identity=identity)


@dataclass(frozen=True)
class LivePair:
    directory: LabDirectory
    dev: LiveSite
    stg: LiveSite

    @property
    def processes(self) -> ProcessTable:
        return ProcessTable(self.directory.processes)

    def pid(self, name: str) -> int:
        record = self.processes.find(name)
        assert record is not None, f"no process {name}"
        return record.pid

    def kill(self, name: str) -> int:
        """End a process as a power cut would, and return the pid it had."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_for_another(self, name: str, pid: int) -> None:
        """Wait until a process of that name runs that is not the given one."""

        def look() -> bool:
            record = self.processes.find(name)
            return record is not None and record.pid != pid and record.is_alive

        eventually(look, why=f"{name} runs again")

    def files(self) -> list[Path]:
        """Return all files of the lab; directories that go meanwhile, such as a deleted topic's, are left out."""
        found = os.walk(self.directory.root)
        paths = (Path(place, name) for place, _, names in found for name in names)
        return [path for path in paths if path.is_file()]


def pair_of(directory: LabDirectory) -> LivePair:
    """Return the sites of a lab, with a ready one-broker cluster on each."""
    kubeconfig = str(directory.kubeconfig)
    dev, stg = (
        LiveSite(name, KubernetesApi.connect(kubeconfig=kubeconfig, context=name), directory)
        for name in SITES
    )
    for site in (dev, stg):
        site.apply(
            make_namespace(site.name),
            make_kafka(site.name, site.name),
            make_pool(site.name, site.name),
        )
    for site in (dev, stg):
        site.wait_for("Kafka", site.name)
    return LivePair(directory, dev, stg)
