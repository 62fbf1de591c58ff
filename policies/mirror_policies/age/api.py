"""Kinds and API versions that no current operator serves (Strimzi changelog; Event Streams 13)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.links import STRIMZI_CHANGES
from mirror_policies.naming.heartbeats import CONNECTOR
from mirror_policies.objects import KubernetesObject
from mirror_policies.reading.kafka import EVENT_STREAMS, KAFKA, NODE_POOL, TOPIC
from mirror_policies.reading.mirror_maker import CONNECT, MIRROR_MAKER
from mirror_policies.reading.users import USER
from mirror_policies.rule import Family, Level, ObjectRule, Remark, Settings, Severity, Violation

CURRENT: Final = frozenset(
    {MIRROR_MAKER, KAFKA, EVENT_STREAMS, NODE_POOL, USER, TOPIC, CONNECT, CONNECTOR, "KafkaBridge"}
)
REMOVED_KINDS: Final = {
    "KafkaMirrorMaker": (
        "MirrorMaker 1 was removed in Strimzi 0.46 and Kafka 4.0. Write a KafkaMirrorMaker2 with "
        "topicsPattern for whitelist, and the identity policy to keep topic names"
    ),
    "EventStreamsGeoReplicator": (
        "geo-replication was removed in Event Streams 13.0. Write a KafkaMirrorMaker2"
    ),
    "KafkaConnectS2I": (
        "source-to-image builds were removed in Strimzi 0.29. Write a KafkaConnect with build"
    ),
}
REMOVED_VERSIONS: Final = ("v1alpha1", "v1beta1")
DEPRECATED_VERSION: Final = "v1beta2"
_LONG_SERVED: Final = frozenset({USER, TOPIC})
"""Kinds whose oldest versions were served for as long as v1beta2 (until Strimzi 0.51)."""


def _judge_kind(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    yield Violation(found["kind"], REMOVED_KINDS[found.kind])


KIND_SERVED: Final = ObjectRule(
    id="kind-is-served",
    title="The kind is one that operators still serve",
    family=Family.AGE,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "An operator ignores what it no longer knows: the object stays in the cluster, its pods go, "
        "and nothing is mirrored."
    ),
    fix="Write the kind that took its place.",
    link=STRIMZI_CHANGES,
    tags=("age", "mirrormaker"),
    kinds=frozenset(REMOVED_KINDS),
    check=_judge_kind,
)


def _judge_removed(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    if found.version in REMOVED_VERSIONS and found.kind not in _LONG_SERVED:
        yield Violation(
            found["apiVersion"],
            f"{found['apiVersion'].shown} is served by no supported operator: the object cannot be "
            f"applied ('no matches for kind'). Write {found.group}/v1 in its layout",
        )


API_VERSION_SERVED: Final = ObjectRule(
    id="api-version-is-served",
    title="The API version is one that operators still serve",
    family=Family.AGE,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "v1alpha1 and v1beta1 are gone: an upgrade of the operator leaves objects that nobody can "
        "read or apply any more."
    ),
    fix="Convert the object to `v1`; Strimzi ships the tool `v1-api-conversion` for it.",
    link=STRIMZI_CHANGES,
    tags=("age",),
    kinds=(CURRENT - _LONG_SERVED) | frozenset(REMOVED_KINDS),
    check=_judge_removed,
)


def _judge_deprecated(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    is_old_still = found.version in REMOVED_VERSIONS and found.kind in _LONG_SERVED
    if found.version == DEPRECATED_VERSION or is_old_still:
        yield Violation(
            found["apiVersion"],
            f"{found['apiVersion'].shown} is not served by Strimzi 1.0 and Event Streams 13 and later: "
            f"convert before you upgrade. Write {found.group}/v1 in its layout",
        )


API_VERSION_CURRENT: Final = ObjectRule(
    id="api-version-is-current",
    title="The API version is the one that the next operator serves",
    family=Family.AGE,
    level=Level.ADVISORY,
    severity=Severity.LOW,
    why=(
        "Strimzi 1.0 and Event Streams 13.0 serve v1 alone: objects left in v1beta2 cannot be applied "
        "after the upgrade."
    ),
    fix="Convert the object to `v1`, unless your operator is older than Strimzi 0.49.",
    link=STRIMZI_CHANGES,
    tags=("age",),
    kinds=CURRENT,
    check=_judge_deprecated,
)

RULES: Final = (KIND_SERVED, API_VERSION_SERVED, API_VERSION_CURRENT)
