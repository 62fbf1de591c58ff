"""The group and the storage topics by which workers find each other, and find their place again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import Field, printable
from mirror_policies.links import STRIMZI_INSTANCES
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.clusters import kafka_at, target_of
from mirror_policies.reading.hosts import hosts_of, is_service
from mirror_policies.reading.mirror_maker import (
    CONNECT,
    GROUP_ID,
    MIRROR_MAKER,
    STORAGE_TOPICS,
    KafkaEnd,
    MirrorMaker,
    read_mirror_maker,
)
from mirror_policies.rule import (
    Family,
    Level,
    ObjectRule,
    Remark,
    Settings,
    Severity,
    StackRule,
    Undecided,
    Violation,
)

_OLD_KEYS: Final = {
    GROUP_ID: ("group.id", "connect-cluster"),
    "configStorageTopic": ("config.storage.topic", "connect-cluster-configs"),
    "offsetStorageTopic": ("offset.storage.topic", "connect-cluster-offsets"),
    "statusStorageTopic": ("status.storage.topic", "connect-cluster-status"),
}
"""Where a KafkaConnect's names stood up to v1beta2, and the operators' defaults (Strimzi 0.49)."""

_NAMED: Final = {
    GROUP_ID: "group",
    "configStorageTopic": "topic",
    "offsetStorageTopic": "topic",
    "statusStorageTopic": "topic",
}


def worker_names(found: KubernetesObject) -> dict[str, tuple[Field, str]]:
    """Return where the names of an object's workers stand, and the names."""
    if found.kind == MIRROR_MAKER:
        maker: MirrorMaker = found.reading(read_mirror_maker)
        return {what: maker.worker(what) for what in _NAMED}
    spec, names = found["spec"], {}
    for what, (key, default) in _OLD_KEYS.items():
        place = spec[what]
        if place.is_absent and not (old := spec["config"][key]).is_absent:
            place = old
        names[what] = (place, default if place.is_absent else place.text or "")
    return names


def _judge_one(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    seen: dict[str, str] = {}
    names = worker_names(found)
    for what in STORAGE_TOPICS:
        place, name = names[what]
        if name and name in seen:
            yield Violation(
                place,
                f"topic '{printable(name)}' is {seen[name]} as well: configurations, offsets and "
                "states of connectors would be mixed up. Give each its own topic",
            )
        seen.setdefault(name, what)


STORAGE_TOPICS_APART: Final = ObjectRule(
    id="storage-topics-apart",
    title="A worker keeps configurations, offsets and states in three topics",
    family=Family.NAMING,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "Operators do not compare the three names: workers that find another one's records in their "
        "topic fail or lose their place."
    ),
    fix="Give `configStorageTopic`, `offsetStorageTopic` and `statusStorageTopic` different names.",
    link=STRIMZI_INSTANCES,
    tags=("mirrormaker", "connect"),
    kinds=frozenset({MIRROR_MAKER, CONNECT}),
    check=_judge_one,
)


def _judge_stack(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    taken: dict[tuple[str, str, str], KubernetesObject] = {}
    for found in stack.of_kind(MIRROR_MAKER, CONNECT):
        cluster = _cluster_of(stack, found)
        for what, (place, name) in worker_names(found).items():
            if place.is_unknown:
                yield Undecided(place, "whether others use it too can be told once it is known")
            if not name or not cluster:
                continue
            other = taken.setdefault((cluster, _NAMED[what], name), found)
            if other is not found:
                yield Violation(
                    place,
                    f"{_NAMED[what]} '{printable(name)}' at {cluster} is that of {other.title} too: their "
                    "workers would join and each operator would delete the other's connectors. "
                    "Give each its own group and storage topics",
                )


def _cluster_of(stack: Stack, found: KubernetesObject) -> str:
    if found.kind == MIRROR_MAKER:
        maker = found.reading(read_mirror_maker)
        target = target_of(stack, found, maker)
        kafka, end = target.kafka, maker.target
    else:
        end = KafkaEnd(found["spec"])
        kafka = kafka_at(stack, found, end)
    if kafka is not None:
        return printable(f"{kafka.title} {kafka.site}".strip())
    address = "" if end is None else end.bootstrap_servers.text or ""
    near = ""
    if any(is_service(host) for host in hosts_of(address)):
        near = f"{found.site}/" if "." in address else f"{found.site}/{found.namespace}/"
    return printable(f"{near}{address.strip().lower()}") if address else ""


WORKERS_APART: Final = StackRule(
    id="workers-apart",
    title="No two resources on one cluster share a worker group or a storage topic",
    family=Family.NAMING,
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    why=(
        "Workers of one group share their connectors: two resources with one group delete each "
        "other's connectors at every reconciliation, and nothing is mirrored for long."
    ),
    fix="Give each KafkaMirrorMaker2 and KafkaConnect its own `groupId` and storage topics.",
    link=STRIMZI_INSTANCES,
    tags=("mirrormaker", "connect"),
    kinds=frozenset({MIRROR_MAKER, CONNECT}),
    check=_judge_stack,
)

RULES: Final = (STORAGE_TOPICS_APART, WORKERS_APART)
