"""Settings that do nothing where they stand, or more than they seem to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mirror_policies.fields import Field, printable
from mirror_policies.links import KAFKA_CONNECT, STRIMZI_PRODUCERS, STRIMZI_REFERENCE
from mirror_policies.naming.heartbeats import CONNECTOR
from mirror_policies.objects import KubernetesObject
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.mirror_maker import (
    CONNECT,
    MIRROR_MAKER,
    SOURCE_CONNECTOR,
    KafkaEnd,
    MirrorMaker,
    read_mirror_maker,
)
from mirror_policies.rule import Family, Level, ObjectRule, Remark, Settings, Severity, Violation

_PRODUCER: Final = "producer."
_OVERRIDE: Final = "producer.override."
_TUNING: Final = frozenset(
    {
        "acks",
        "batch.size",
        "buffer.memory",
        "compression.type",
        "delivery.timeout.ms",
        "linger.ms",
        "max.in.flight.requests.per.connection",
        "max.request.size",
        "request.timeout.ms",
    }
)


def _judge_producers(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    for mirror in maker.mirrors:
        for setting in mirror.connector(SOURCE_CONNECTOR)["config"].members():
            key = setting.key
            if key.startswith(_PRODUCER) and key.removeprefix(_PRODUCER) in _TUNING:
                better = _OVERRIDE + key.removeprefix(_PRODUCER)
                yield Violation(
                    setting,
                    f"{key} tunes the producer of offset syncs; records are written by the worker's. "
                    f"Write {better}",
                )
            elif key.startswith("consumer.override."):
                yield Violation(
                    setting,
                    f"{key} is for sink connectors and does nothing here. Write "
                    f"consumer.{key.removeprefix('consumer.override.')}",
                )


PRODUCER_TUNING: Final = ObjectRule(
    id="producer-tuning-under-override",
    title="Tuning of the data producer stands under the prefix that reaches it",
    family=Family.WORKERS,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    why=(
        "Records are written by the worker's producer, which only `producer.override.` reaches: "
        "`producer.` tunes the few offset syncs, and the flow is as slow as before."
    ),
    fix="Write `producer.override.batch.size` and so on; `consumer.` for what is read at the source.",
    link=STRIMZI_PRODUCERS,
    tags=("mirrormaker", "load"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(_judge_producers),
)

_NAMES: Final = ("group.id", "config.storage.topic", "offset.storage.topic", "status.storage.topic")
_FORBIDDEN: Final = (
    "ssl.",
    "sasl.",
    "security.",
    "listeners",
    "plugin.path",
    "rest.",
    "bootstrap.servers",
    "consumer.interceptor.classes",
    "producer.interceptor.classes",
)
_ALLOWED: Final = (
    "ssl.endpoint.identification.algorithm",
    "ssl.cipher.suites",
    "ssl.protocol",
    "ssl.enabled.protocols",
)
_WORKER_ONLY: Final = (
    "config.storage.",
    "offset.storage.",
    "status.storage.",
    "offset.flush.",
    "scheduled.rebalance.",
    "exactly.once.source.support",
    "task.shutdown.",
    "plugin.discovery",
)
_OF_CONNECTOR: Final = frozenset(
    {"name", "connector.class", "tasks.max", "connector.plugin.version"}
)
_CONNECTIONS: Final = (
    "bootstrap.servers",
    "sasl.mechanism",
    "sasl.client.callback.handler.class",
    "ssl.truststore.",
    "ssl.keystore.",
)
"""Keys of a cluster's config that replace in the connectors what the operator derived (observed)."""


def _judge_inert(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    if found.kind == CONNECT:
        yield from _of_worker(found["spec"]["config"], is_old=found.version != "v1")
        return
    if found.kind == CONNECTOR:
        yield from _of_connector(found["spec"]["config"])
        return
    maker = found.reading(read_mirror_maker)
    for end in maker.ends:
        if maker.target is not None and end.field.steps == maker.target.field.steps:
            yield from _of_worker(end.config, is_old=maker.is_old)
        else:
            yield from _of_source(end.config)
    for mirror in maker.mirrors:
        for connector in mirror.connectors():
            yield from _of_connector(connector["config"])


def _of_worker(config: Field, *, is_old: bool) -> Iterator[Remark]:
    forbidden = _FORBIDDEN if is_old else (*_NAMES, *_FORBIDDEN)
    for setting in config.members():
        if _is_connection(setting.key) or setting.key in _ALLOWED:
            continue  # What the connectors get of it has a rule of its own.
        if setting.key.startswith(forbidden):
            yield Violation(
                setting,
                f"the operator drops {printable(setting.key)} from the workers' settings with no more "
                "than a line in its log. Write the field of the resource instead, or remove it",
            )


def _of_source(config: Field) -> Iterator[Remark]:
    for setting in config.members():
        if setting.key.startswith(_WORKER_ONLY) or setting.key in _NAMES:
            yield Violation(
                setting,
                f"{printable(setting.key)} is for workers, and those belong to the target: at a source "
                "it does nothing. Remove it, or write it into the target's config",
            )


def _of_connector(config: Field) -> Iterator[Remark]:
    for setting in config.members():
        if setting.key in _OF_CONNECTOR:
            yield Violation(
                setting,
                f"the operator writes {setting.key} itself and drops this one. Write the field of the "
                "connector (tasksMax, class) instead",
            )


NO_INERT_SETTINGS: Final = ObjectRule(
    id="no-inert-settings",
    title="Every setting does something where it stands",
    family=Family.WORKERS,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    why=(
        "Operators drop forbidden keys with a line in their log, and Connect ignores what it does not "
        "know: who reads the resource believes in a setting that does not exist."
    ),
    fix="Remove it, or write the field or the prefix that the message names.",
    link=STRIMZI_REFERENCE,
    tags=("mirrormaker", "connect"),
    kinds=frozenset({MIRROR_MAKER, CONNECT, CONNECTOR}),
    check=_judge_inert,
)


def _is_connection(key: str) -> bool:
    return key.startswith(_CONNECTIONS)


def _judge_connections(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    for end in maker.ends:
        for setting in end.config.members():
            if _is_said_twice(setting.key, end, maker):
                yield Violation(setting, _overridden(setting.key))
    for mirror in maker.mirrors:
        ends = {"source": mirror.source, "target": maker.target}
        for connector in mirror.connectors():
            for setting in connector["config"].members():
                side, dot, key = setting.key.partition(".cluster.")
                if dot and side in ends and _is_said_twice(key, ends[side], maker):
                    yield Violation(setting, _overridden(setting.key))


def _is_said_twice(key: str, end: KafkaEnd | None, maker: MirrorMaker) -> bool:
    """Tell whether a setting of the connectors contradicts what the resource, and its workers, say.

    No worker connects to a source: what the fields of a source leave open, its settings may say, such as
    the mechanism of a cloud service that the operator has no type for.
    """
    if not (key == "alias" or _is_connection(key)):
        return False
    is_target = end is None or maker.target is None or end.field.steps == maker.target.field.steps
    if is_target or key in ("alias", "bootstrap.servers") or end is None:
        return True
    if key.startswith("ssl.truststore."):
        return not end.tls["trustedCertificates"].is_absent
    return not end.authentication.is_absent


def _overridden(key: str) -> str:
    return (
        f"{printable(key)} replaces, in the connectors alone, what the resource says of the cluster: "
        "workers and connectors would use two different ones. Remove it and correct the resource"
    )


CONNECTION_DECLARED_ONCE: Final = ObjectRule(
    id="connection-declared-once",
    title="How a cluster is reached is said in its fields alone",
    family=Family.WORKERS,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "Entries of a cluster's `config` win over its fields in the connectors, and not in the "
        "workers: records go to another cluster, or another login is used, than the resource says."
    ),
    fix="Use `bootstrapServers`, `tls`, `authentication` and `alias`; remove the settings.",
    link=STRIMZI_REFERENCE,
    tags=("mirrormaker", "tls"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(_judge_connections),
)


def _judge_scalars(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    for config in _configs(found):
        for setting in config.members():
            if isinstance(setting.value, Mapping | list | tuple):
                yield Violation(
                    setting,
                    f"it is {setting.shown}, and the operator takes texts, numbers and booleans only: "
                    "the resource would be NotReady. Join the parts with commas",
                )


def _configs(found: KubernetesObject) -> Iterator[Field]:
    if found.kind != MIRROR_MAKER:
        yield found["spec"]["config"]
        return
    maker = found.reading(read_mirror_maker)
    yield from (end.config for end in maker.ends)
    yield from (c["config"] for mirror in maker.mirrors for c in mirror.connectors())


SETTINGS_SCALAR: Final = ObjectRule(
    id="settings-are-scalars",
    title="Settings are texts, numbers and booleans",
    family=Family.WORKERS,
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    why=(
        "The schema takes lists and objects in a `config` and the operator does not: the resource is "
        "NotReady and the flow keeps its old settings."
    ),
    fix="Write lists as one text with commas.",
    link=KAFKA_CONNECT,
    tags=("mirrormaker", "connect"),
    kinds=frozenset({MIRROR_MAKER, CONNECT, CONNECTOR}),
    check=_judge_scalars,
)

RULES: Final = (PRODUCER_TUNING, NO_INERT_SETTINGS, CONNECTION_DECLARED_ONCE, SETTINGS_SCALAR)
