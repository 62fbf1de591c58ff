"""What a lab is made of right now: its sites, processes, ports and Kafka resources, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from kafka_mirror.errors import UnreachableError
from kafka_mirror.kubernetes_api import ApiError, JsonObject, KubernetesApi
from lab.directory import LabDirectory
from lab.lifecycle import SUPERVISOR
from lab.ports import LOOPBACK, PortBlock
from lab.processes import ProcessRecord, ProcessTable
from lab.supervision import LabState, Supervision, read_supervision

_KAFKA_KINDS = ("Kafka", "KafkaMirrorMaker2", "KafkaConnect")
_KAFKA_API = "kafka.strimzi.io/v1"


@dataclass(frozen=True, slots=True)
class SiteView:
    """A site: its address, and the state of its Kafka resources as ``Kind namespace/name`` to a few words."""

    name: str
    endpoint: str
    resources: Mapping[str, str]
    is_reachable: bool


@dataclass(frozen=True, slots=True)
class ProcessView:
    """A process: its record, whether it runs, and the memory it holds."""

    record: ProcessRecord
    is_alive: bool
    resident_bytes: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a lab: the part, its log, and what to do."""

    part: str
    log: Path
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabView:
    """One look at a lab."""

    directory: LabDirectory
    state: str
    restarts: Mapping[str, int]
    sites: Sequence[SiteView]
    processes: Sequence[ProcessView]
    ports: Mapping[str, int]
    faults: Sequence[Fault]


def inspect(lab: LabDirectory) -> LabView:
    """Look at a lab once.

    Raises:
        UsageError: If there is none.
    """
    names = lab.sites()
    said = read_supervision(lab.supervision) or Supervision()
    processes = [_process(record) for record in ProcessTable(lab.processes).records()]
    is_supervised = any(each.record.name == SUPERVISOR and each.is_alive for each in processes)
    ports = PortBlock.of(lab.root).assigned()
    return LabView(
        directory=lab,
        state=str(said.state) if is_supervised else "stale",
        restarts=said.restarts,
        sites=[_site(lab, name, ports) for name in names] if is_supervised else [],
        processes=processes,
        ports=ports,
        faults=tuple(_faults(lab, said, processes, is_supervised=is_supervised)),
    )


def _process(record: ProcessRecord) -> ProcessView:
    if not record.is_alive:
        return ProcessView(record, is_alive=False, resident_bytes=0)
    try:
        return ProcessView(
            record, is_alive=True, resident_bytes=psutil.Process(record.pid).memory_info().rss
        )
    except psutil.Error:  # it ended between the two questions
        return ProcessView(record, is_alive=False, resident_bytes=0)


def _site(lab: LabDirectory, name: str, ports: Mapping[str, int]) -> SiteView:
    endpoint = f"https://{LOOPBACK}:{ports.get(f'kube-apiserver-{name}', 0)}"
    api = KubernetesApi.connect(kubeconfig=str(lab.kubeconfig), context=name)
    try:
        resources = dict(_resources(api))
    except (ApiError, UnreachableError):
        return SiteView(name, endpoint, {}, is_reachable=False)
    return SiteView(name, endpoint, resources, is_reachable=True)


def _resources(api: KubernetesApi) -> Iterator[tuple[str, str]]:
    for kind in _KAFKA_KINDS:
        for item in api.list_objects(_KAFKA_API, kind)["items"]:
            metadata = item["metadata"]
            yield f"{kind} {metadata['namespace']}/{metadata['name']}", _readiness(item)


def _readiness(item: JsonObject) -> str:
    conditions = (item.get("status") or {}).get("conditions") or ()
    for condition in conditions:
        if condition["type"] in {"Ready", "NotReady"} and condition["status"] == "True":
            reason = condition.get("message") or condition.get("reason")
            return f"{condition['type']}: {reason}" if reason else str(condition["type"])
    return "not reconciled yet"


def _faults(
    lab: LabDirectory, said: Supervision, processes: Sequence[ProcessView], *, is_supervised: bool
) -> Iterator[Fault]:
    if not is_supervised:
        yield Fault(
            SUPERVISOR,
            lab.log(SUPERVISOR),
            "it does not run, so neither does anything else of this lab. 'kafka-mirror lab up' starts a new one, "
            "'kafka-mirror lab down' removes what is left.",
        )
        return
    if said.state in {LabState.DEGRADED, LabState.FAILED}:
        yield Fault(
            "lab", lab.log(SUPERVISOR), f"{said.message}. 'kafka-mirror lab down', then 'up'."
        )
    for process in processes:
        if not process.is_alive:
            yield Fault(process.record.name, Path(process.record.log), "it has ended.")
    for part, times in said.restarts.items():
        message = f"it ended by itself and was started again {times} time(s)."
        yield Fault(part, lab.log(part), message)
