"""Lets the stand-in's own code go through a recorded case of a KafkaMirrorMaker2, and writes down what it makes as it was recorded.

Everything is the operator's own but for the workers, which are a stand-in for Connect as in the recordings.
"""

from __future__ import annotations

import copy
import json
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from lab.operator import connect_round
from lab.operator.cluster_secrets import decode
from lab.operator.connect_rest import ConnectRest
from lab.operator.connect_workers import READY_WITHIN
from lab.operator.connector_sync import NeverEndingError
from lab.operator.failures import pod_not_ready
from lab.operator.mirror_maker_round import carry_out
from lab.operator.objects import annotations_of, is_paused, name_of, namespace_of
from lab.operator.worker_kinds import workload_of
from lab.operator.worker_plan import WorkerPlan, plan_workers
from lab.operator.worker_status import paused_worker_status, worker_status
from tests.lab.operator import recordings
from tests.lab.operator.as_run import connectors_as_run, worker_as_run
from tests.lab.operator.connect_stand_in import Connect, connect_cluster

NOW = datetime(2026, 11, 21, tzinfo=UTC)
_CLOSED_PORT = 1
# What the Connect of the recordings began to answer in a step, where the step's status does not show it.
_REFUSALS = {
    "Connect answers 400 to a config change": (
        400,
        "Connector configuration is invalid and contains the following 1 error(s): made-up",
    ),
    "Connect answers 500 to a config change": (500, "made-up internal error"),
}

Artefact = Any


class MirrorMakerReplay:
    """One KafkaMirrorMaker2 and what lies beside it."""

    def __init__(self, case: Path, connect: Connect) -> None:
        self.case, self.connect = case, connect
        documents = recordings.documents(case)
        (self.resource,) = [one for one in documents if one["kind"] == "KafkaMirrorMaker2"]
        self.secrets = {name_of(one): one["stringData"] for one in documents if _is(one, "Secret")}
        self.config_maps = {name_of(one): one["data"] for one in documents if _is(one, "ConfigMap")}
        self.objects: dict[str, Any] = {}
        self.plan = WorkerPlan(objects=())
        self._generations: list[object] = []

    def reconcile(self) -> None:
        """Look at the resource once, as the operator does."""
        if is_paused(self.resource):
            self.resource["status"] = paused_worker_status(self.resource, now=NOW)
            return
        try:
            outcome = carry_out(
                self.resource,
                run_workers=self._run_workers,
                localise=lambda config: config,
                read_config_map=self.config_maps.get,
                now=NOW,
            )
        except NeverEndingError:
            return
        for name in outcome.answers.carried_out:
            self.resource["metadata"]["annotations"].pop(name, None)
        for obj in outcome.answers.objects:
            self.objects[f"{obj['kind']} {name_of(obj)}"] = obj
        self.resource["status"] = worker_status(self.resource, outcome, now=NOW)

    def _run_workers(self) -> ConnectRest | None:
        self.plan = plan_workers(
            self.resource, read=self.secrets.get, has_config_map=self.config_maps.__contains__
        )
        for obj in self.plan.objects:
            self.objects[f"{obj['kind']} {name_of(obj)}"] = obj
        if self.plan.failure is not None:
            raise self.plan.failure
        content = (self.plan.properties, self.plan.secrets)
        if content not in self._generations:
            self._generations.append(content)
        if self.case.name == "mm2-pod-not-ready":
            pod = f"{workload_of(self.resource)}-0"
            raise pod_not_ready(pod, namespace_of(self.resource), after=READY_WITHIN)
        if not self.resource["spec"]["replicas"]:
            return None
        is_down = self.case.name == "mm2-rest-down"
        return ConnectRest(_CLOSED_PORT if is_down else self.connect.port)

    def pods(self) -> list[dict[str, Any]]:
        """Return the workers, each with the number of the files it was started from."""
        number = len(self._generations)
        return [
            {
                "name": f"{workload_of(self.resource)}-{index}",
                "incarnation": number,
                "auth-hash": f"hash-{number}",
            }
            for index in range(self.resource["spec"]["replicas"])
        ]

    def step(self, step: Mapping[str, Any]) -> None:
        """Do what was done in a recorded step, and look at the resource."""
        refusal = _REFUSALS.get(step["step"])
        self.connect.refusal = None if refusal is None else (refusal[0], _error(*refusal))
        command = step.get("command", "")
        if command.startswith("(stub"):
            for line in step["status"]["connectors"]:
                ((name, states),) = line.items()
                run = self.connect.runs[name]
                run.state, _, tasks = states.partition(" tasks=")
                run.tasks = tasks.split(",") if tasks else []
        elif command:
            self._kubectl(shlex.split(command)[1:])
        self.connect.changes.clear()
        self.reconcile()

    def _kubectl(self, arguments: list[str]) -> None:
        match arguments:
            case ["annotate", "kmm2", _, "-n", _, *changes]:
                annotations = self.resource["metadata"].setdefault("annotations", {})
                for change in changes:
                    key, is_set, value = change.partition("=")
                    annotations.pop(key.removesuffix("-"), None)
                    if is_set:
                        annotations[key] = value
            case ["patch", "kmm2", _, "-n", _, "--type=json", "-p", patch]:
                for operation in json.loads(patch):
                    _patch(self.resource, operation)
                self.resource["metadata"]["generation"] += 1
            case ["patch", "kmm2", _, "-n", _, "--type=merge", "-p", patch]:
                self.resource["spec"] |= json.loads(patch)["spec"]
                self.resource["metadata"]["generation"] += 1
            case ["patch", "secret", name, "-n", _, "-p", patch]:
                self.secrets[name] = {**self.secrets[name], **json.loads(patch)["stringData"]}
            case ["delete", "secret", name, "-n", _]:
                del self.secrets[name]
            case ["create", "secret", "generic", name, "-n", _, literal]:
                key, _, value = literal.removeprefix("--from-literal=").partition("=")
                self.secrets[name] = {key: value}
            case _:
                raise AssertionError(f"the replay does not know how to: kubectl {arguments}")


@contextmanager
def replayed(case: Path) -> Iterator[MirrorMakerReplay]:
    """Go through the first reconciliation of a case."""
    with connect_cluster() as connect:
        replay = MirrorMakerReplay(case, connect)
        replay.reconcile()
        yield replay


@cache
def mirror_maker_artefacts(case: Path) -> dict[str, Artefact]:
    """Return what the stand-in makes of a case, by the file it was recorded in."""
    with replayed(case) as replay:
        resource = replay.resource
        made: dict[str, Artefact] = {
            "worker.properties": replay.plan.properties,
            "run worker.properties": worker_as_run(replay.plan.properties),
            "connectors.json": copy.deepcopy(replay.connect.sent),
            "run connectors.json": connectors_as_run(replay.connect.sent),
            "events.txt": list(replay.connect.changes),
            "status.yaml": _status_of(resource),
            "objects.yaml": [describe(obj) for obj in replay.objects.values()],
        }
        if (case / "phases.yaml").exists():
            made["phases.yaml"] = [
                _phase(replay, step) for step in recordings.yaml_file(case / "phases.yaml")
            ]
    return made


@cache
def connect_artefacts(case: Path) -> dict[str, Artefact]:
    """Return what the stand-in makes of a KafkaConnect and its KafkaConnectors, by the file it was recorded in."""
    documents = recordings.documents(case)
    (resource,) = [one for one in documents if _is(one, "KafkaConnect")]
    declared = [one for one in documents if _is(one, "KafkaConnector")]
    plan = plan_workers(resource, read=lambda _: None, has_config_map=lambda _: False)
    with connect_cluster() as connect:
        done = connect_round.carry_out(
            resource,
            declared,
            run_workers=lambda: ConnectRest(connect.port),
            localise=lambda config: config,
            now=NOW,
        )
    resource["status"] = worker_status(resource, done.outcome, now=NOW)
    for one in declared:
        one["status"] = done.connectors[name_of(one)]
    return {
        "worker.properties": plan.properties,
        "run worker.properties": worker_as_run(plan.properties),
        "connectors.json": connect.sent,
        "run connectors.json": connectors_as_run(connect.sent),
        "events.txt": connect.changes,
        "status.yaml": [_status_of(one) for one in (resource, *declared)],
        "objects.yaml": [describe(obj) for obj in plan.objects],
    }


def _status_of(resource: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": resource["kind"],
        "metadata": {
            "annotations": annotations_of(resource),
            "generation": resource["metadata"]["generation"],
            "name": name_of(resource),
        },
        "status": copy.deepcopy(resource.get("status")),
    }


def describe(obj: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object as the recordings describe one."""
    metadata = obj["metadata"]
    described = {
        "kind": obj["kind"],
        "name": metadata["name"],
        "labels": metadata["labels"],
        "ownerReferences": [
            f"{owner['kind']}/{owner['name']} controller={owner['controller']} "
            f"blockOwnerDeletion={owner['blockOwnerDeletion']}"
            for owner in metadata["ownerReferences"]
        ],
    }
    if obj["kind"] == "ConfigMap":
        return {**described, "dataKeys": sorted(obj["data"])}
    return {**described, "keys": decode(obj)}


def _phase(replay: MirrorMakerReplay, step: Mapping[str, Any]) -> dict[str, Any]:
    replay.step(step)
    resource = replay.resource
    status = resource.get("status") or {}
    made: dict[str, Any] = {
        "step": step["step"],
        "annotations": dict(annotations_of(resource)),
        "calls": list(replay.connect.changes),
        "status": {
            "autoRestartStatuses": status.get("autoRestartStatuses"),
            "conditions": status["conditions"],
            "connectors": [_line(one) for one in status.get("connectors", [])],
            "generation": resource["metadata"]["generation"],
            "observedGeneration": status["observedGeneration"],
        },
    }
    if "pods" in step:
        made["pods"] = replay.pods()
    for key in step:
        if key.startswith("configMap "):
            found = replay.objects.get(f"ConfigMap {key.removeprefix('configMap ')}")
            made[key] = found and {
                "data": found["data"],
                "labels": found["metadata"]["labels"],
                "ownerReferences": [
                    f"{one['kind']}/{one['name']}" for one in found["metadata"]["ownerReferences"]
                ],
            }
    return copy.deepcopy(made)


def _line(connector: Mapping[str, Any]) -> dict[str, str]:
    tasks = ",".join(task["state"] for task in connector["tasks"])
    return {connector["name"]: f"{connector['connector']['state']} tasks={tasks}"}


def _patch(resource: Any, operation: Mapping[str, Any]) -> None:
    *path, last = operation["path"].strip("/").split("/")
    place = resource
    for part in path:
        place = place[int(part)] if isinstance(place, list) else place[part]
    key: Any = int(last) if isinstance(place, list) else last
    if operation["op"] == "remove":
        del place[key]
    else:
        place[key] = operation["value"]


def _error(status: int, message: str) -> dict[str, Any]:
    return {"error_code": status, "message": message}


def _is(document: Mapping[str, Any], kind: str) -> bool:
    return bool(document["kind"] == kind)
