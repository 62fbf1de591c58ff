"""Fields and settings that operators removed, by kind, with what took their place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mirror_policies.fields import Field
from mirror_policies.links import STRIMZI_CHANGES
from mirror_policies.naming.heartbeats import CONNECTOR
from mirror_policies.objects import KubernetesObject
from mirror_policies.reading.kafka import KAFKA
from mirror_policies.reading.mirror_maker import CONNECT, MIRROR_MAKER
from mirror_policies.reading.users import USER
from mirror_policies.rule import (
    Family,
    Level,
    ObjectRule,
    Remark,
    Rule,
    Settings,
    Severity,
    Violation,
)

OLD_MIRROR_MAKER: Final = "KafkaMirrorMaker"


@dataclass(frozen=True, slots=True)
class Removed:
    """A place that nothing reads any more.

    Attributes:
        kinds: Of object.
        path: With ``[]`` for every element of a list and ``{}`` for every value of a mapping.
        instead: What took its place.
        is_gone_before_v1: Whether no supported operator reads it; else v1beta2 still has it.
        value: Only this value is gone; any if empty.
    """

    kinds: tuple[str, ...]
    path: str
    instead: str
    is_gone_before_v1: bool = True
    value: str = ""


_MIRRORS: Final = "spec.mirrors.[]."
_POOLS: Final = "brokers are KafkaNodePool objects with the label strimzi.io/cluster"
REMOVED: Final = (
    Removed(
        (KAFKA,), "spec.zookeeper", "Kafka 4 needs no ZooKeeper: KafkaNodePool with role controller"
    ),
    Removed((KAFKA,), "spec.kafka.replicas", _POOLS),
    Removed((KAFKA,), "spec.kafka.storage", _POOLS),
    Removed((KAFKA,), "spec.kafka.metrics", "metricsConfig with a ConfigMap"),
    Removed((KAFKA,), "spec.topicOperator", "entityOperator.topicOperator"),
    Removed((KAFKA,), "spec.kafka.config.inter.broker.protocol.version", "metadataVersion"),
    Removed((KAFKA,), "spec.kafka.config.log.message.format.version", "nothing; remove it"),
    Removed((KAFKA,), "spec.kafka.config.zookeeper.connect", "nothing; remove it"),
    Removed((MIRROR_MAKER,), f"{_MIRRORS}topicsBlacklistPattern", "topicsExcludePattern"),
    Removed((MIRROR_MAKER,), f"{_MIRRORS}groupsBlacklistPattern", "groupsExcludePattern"),
    Removed(
        (MIRROR_MAKER,),
        f"{_MIRRORS}sourceConnector.config.topics.blacklist",
        "topicsExcludePattern",
    ),
    Removed(
        (MIRROR_MAKER,),
        f"{_MIRRORS}checkpointConnector.config.groups.blacklist",
        "groupsExcludePattern",
    ),
    Removed(
        (MIRROR_MAKER,),
        f"{_MIRRORS}sourceConnector.config.config.properties.blacklist",
        "config.properties.exclude",
    ),
    Removed(
        (MIRROR_MAKER,),
        f"{_MIRRORS}sourceConnector.config.use.incremental.alter.configs",
        "nothing; it is always so since Kafka 4.0",
    ),
    Removed(
        (MIRROR_MAKER,),
        f"{_MIRRORS}sourceConnector.config.add.source.alias.to.metrics",
        "nothing; it is always so since Kafka 4.0",
    ),
    Removed((MIRROR_MAKER, CONNECT), "spec.metrics", "metricsConfig with a ConfigMap"),
    Removed((MIRROR_MAKER, CONNECT), "spec.tolerations", "template.pod.tolerations"),
    Removed((MIRROR_MAKER, CONNECT), "spec.affinity", "template.pod.affinity"),
    Removed(
        (MIRROR_MAKER, CONNECT, OLD_MIRROR_MAKER, "KafkaBridge"),
        "spec.tracing.type",
        "tracing: {type: opentelemetry} and OTEL_EXPORTER_OTLP_ENDPOINT in template.connectContainer.env",
        value="jaeger",
    ),
    Removed(
        (MIRROR_MAKER, CONNECT),
        "spec.externalConfiguration",
        "template.connectContainer.env and template.pod.volumes",
        is_gone_before_v1=False,
    ),
    Removed(
        (MIRROR_MAKER,),
        f"{_MIRRORS}sourceConnector.pause",
        "state: paused",
        is_gone_before_v1=False,
    ),
    Removed(
        (MIRROR_MAKER,),
        f"{_MIRRORS}checkpointConnector.pause",
        "state: paused",
        is_gone_before_v1=False,
    ),
    Removed((CONNECTOR,), "spec.pause", "state: paused", is_gone_before_v1=False),
    Removed(
        (MIRROR_MAKER,),
        f"{_MIRRORS}heartbeatConnector",
        "a KafkaConnector of class MirrorHeartbeatConnector beside the source",
        is_gone_before_v1=False,
    ),
    Removed((MIRROR_MAKER,), "spec.connectCluster", "target", is_gone_before_v1=False),
    Removed(
        (MIRROR_MAKER,), "spec.clusters", "target and mirrors[].source", is_gone_before_v1=False
    ),
    *(
        Removed(
            (KAFKA,),
            f"spec.kafka.{field}",
            f"{field} of the KafkaNodePool",
            is_gone_before_v1=False,
        )
        for field in ("resources",)
    ),
    *(
        Removed(
            (kind,),
            path,
            "type: custom",
            is_gone_before_v1=False,
            value=value,
        )
        for kind, path, value in (
            (CONNECT, "spec.authentication.type", "oauth"),
            (KAFKA, "spec.kafka.listeners.[].authentication.type", "oauth"),
            (KAFKA, "spec.kafka.authorization.type", "keycloak"),
            (KAFKA, "spec.kafka.authorization.type", "opa"),
        )
    ),
    Removed(
        (USER,),
        "spec.authorization.acls.[].operation",
        "the list operations",
        is_gone_before_v1=False,
    ),
    Removed(
        (MIRROR_MAKER,),
        "spec.target.authentication.type",
        "type: custom",
        is_gone_before_v1=False,
        value="oauth",
    ),
    Removed(
        (MIRROR_MAKER,),
        f"{_MIRRORS}source.authentication.type",
        "type: custom",
        is_gone_before_v1=False,
        value="oauth",
    ),
)
_JAEGER_VARIABLES: Final = "JAEGER_"


def _judge_removed(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    is_v1 = found.version == "v1"
    for place, entry in _present(found):
        if entry.is_gone_before_v1 or is_v1:
            yield Violation(place, _said(place, entry))
    listeners = found["spec"]["kafka"]["listeners"]
    if found.kind == KAFKA and listeners.is_mapping:
        yield Violation(
            listeners,
            "listeners is an object, which no operator reads since v1beta1. Write a list of name, "
            "port, type and tls",
        )
    for container in found["spec"]["template"].members():
        for variable in container["env"].elements():
            if (variable["name"].text or "").startswith(_JAEGER_VARIABLES):
                yield Violation(
                    variable["name"],
                    f"{variable['name'].shown} is read by nobody since the Jaeger client is gone. Write "
                    "OTEL_EXPORTER_OTLP_ENDPOINT and tracing: {type: opentelemetry}",
                )
                break


def _judge_deprecated(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    if found.version == "v1":
        return
    for place, entry in _present(found):
        if not entry.is_gone_before_v1 and place.key not in ("clusters", "connectCluster"):
            yield Violation(place, _said(place, entry))


def _said(place: Field, entry: Removed) -> str:
    since = "no supported operator reads" if entry.is_gone_before_v1 else "v1 no longer has"
    what = f"{place.key}: {entry.value}" if entry.value else place.key
    return f"{since} {what}. Instead: {entry.instead}"


def _present(found: KubernetesObject) -> Iterator[tuple[Field, Removed]]:
    for entry in REMOVED:
        if found.kind in entry.kinds:
            for place in _at(found.root, entry.path):
                if not place.is_absent and (not entry.value or place.text == entry.value):
                    yield place, entry


def _at(place: Field, path: str) -> Iterator[Field]:
    if not path:
        yield place
        return
    # Keys of a config have dots of their own.
    step, _, rest = (path, "", "") if place.key == "config" else path.partition(".")
    if step == "[]":
        for element in place.elements():
            yield from _at(element, rest)
    else:
        yield from _at(place[step], rest)


REMOVED_FIELDS: Final = ObjectRule(
    id="fields-are-served",
    title="Every field is one that the object's API version has",
    family=Family.AGE,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "The API server prunes a field it does not know, or refuses the object: what the field asked "
        "for is gone without a message of the operator."
    ),
    fix="Write what the message names instead.",
    link=STRIMZI_CHANGES,
    tags=("age",),
    kinds=frozenset(kind for entry in REMOVED for kind in entry.kinds),
    check=_judge_removed,
)
DEPRECATED_FIELDS: Final = ObjectRule(
    id="fields-are-current",
    title="Every field is one that the next API version has",
    family=Family.AGE,
    level=Level.ADVISORY,
    severity=Severity.LOW,
    why="v1 drops fields that v1beta2 still had: what they asked for is gone after the conversion.",
    fix="Write what the message names instead.",
    link=STRIMZI_CHANGES,
    tags=("age",),
    kinds=frozenset(kind for entry in REMOVED for kind in entry.kinds),
    check=_judge_deprecated,
)
RULES: Final[tuple[Rule, ...]] = (REMOVED_FIELDS, DEPRECATED_FIELDS)
