"""What IBM Event Streams wants to know of its licence, and counts by (Event Streams 11 to 13)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import Field, printable
from mirror_policies.links import EVENT_STREAMS_LICENSING
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.clusters import flows_of, kafka_at
from mirror_policies.reading.kafka import EVENT_STREAMS
from mirror_policies.reading.mirror_maker import CONNECT, MIRROR_MAKER, KafkaEnd
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

GROUP: Final = "eventstreams.ibm.com"
DISASTER_RECOVERY: Final = "CloudPakForIntegrationDisasterRecovery"
USES: Final = (
    "CloudPakForIntegrationProduction",
    "CloudPakForIntegrationNonProduction",
    DISASTER_RECOVERY,
    "EventAutomationProduction",
    "EventAutomationNonProduction",
)
BRIDGE: Final = "KafkaBridge"


def _judge_licence(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    licence = found["spec"]["license"]
    accept, number, use = licence["accept"], licence["license"], licence["use"]
    if accept.is_unknown or licence.is_unknown:
        yield Undecided(accept, "it can be judged once it is known")
    elif accept.text != "true":
        yield Violation(
            accept,
            f"accept is {accept.shown}: the operator makes nothing until the licence is accepted. Read "
            "it and write true",
        )
    if number.is_absent and not licence.is_unknown:
        yield Violation(
            number, "no licence is named: the operator refuses the instance. Write its L-… number"
        )
    if use.is_unknown:
        yield Undecided(use, "whether there is such a use can be told once it is known")
    elif use.text not in USES:
        yield Violation(
            use,
            f"use is {use.shown}, which is counted as nothing. Write one of {', '.join(USES)}",
        )


LICENCE_PRESENT: Final = ObjectRule(
    id="event-streams-licence",
    title="An Event Streams instance names and accepts its licence",
    family=Family.LICENSING,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why="The operator makes no cluster without an accepted licence, and reports the wrong use to auditors.",
    fix="Write `spec.license` with `accept: true`, `license` and `use`.",
    link=EVENT_STREAMS_LICENSING,
    tags=("event-streams",),
    kinds=frozenset({EVENT_STREAMS}),
    check=_judge_licence,
)

_TYPE: Final = "eventstreams.production.type"
_NEEDED: Final = (
    _TYPE,
    "productID",
    "productName",
    "productVersion",
    "productMetric",
    "productChargedContainers",
)
_PRODUCTION_ID: Final = "2cba508800504d0abfa48a0e2c4ecbe2"
_NON_PRODUCTION_ID: Final = "2a79e49111f44ec3acd89608e56138f5"
_METRIC: Final = "VIRTUAL_PROCESSOR_CORE"


def _judge_annotations(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    if found.group != GROUP:
        return
    annotations = found["spec"]["template"]["pod"]["metadata"]["annotations"]
    if annotations.is_unknown:
        yield Undecided(annotations, "they can be judged once they are known")
        return
    missing = [key for key in _NEEDED if annotations[key].is_absent]
    if missing:
        yield Violation(
            annotations if annotations.is_absent else annotations[missing[0]],
            f"the pods carry no {', '.join(missing)}: the licence service counts them as nothing, or as "
            "the wrong thing. Write them into template.pod.metadata.annotations",
        )
        return
    yield from _judge_consistent(found, annotations)


def _judge_consistent(found: KubernetesObject, annotations: Field) -> Iterator[Remark]:
    kind = annotations[_TYPE].text or ""
    is_non_production = "NonProduction" in kind or "DisasterRecovery" in kind
    if kind.startswith("CloudPakForIntegration"):
        expected = _NON_PRODUCTION_ID if is_non_production else _PRODUCTION_ID
        ratio = "2:1" if is_non_production else "1:1"
        for key, value in (("productID", expected), ("productCloudpakRatio", ratio)):
            place = annotations[key]
            if place.is_unknown:
                yield Undecided(place, "it can be judged once it is known")
            elif place.text != value:
                yield Violation(
                    place,
                    f"{key} is {place.shown}, for {printable(kind)} it is '{value}': the pods are "
                    "counted under another licence. Write that",
                )
    charged, metric = annotations["productChargedContainers"], annotations["productMetric"]
    suffix = "mirrormaker2" if found.kind == MIRROR_MAKER else "connect"
    container = f"{found.name}-{suffix}"
    if charged.is_unknown:
        yield Undecided(charged, "it can be judged once it is known")
    elif charged.text not in ("All", container):
        yield Violation(
            charged,
            f"{charged.shown} is no container of these pods, so nothing is charged. Write "
            f"{printable(container)}, or All",
        )
    if not metric.is_unknown and metric.text != _METRIC:
        yield Violation(metric, f"productMetric is {metric.shown}. Write {_METRIC}")


ANNOTATIONS_PRESENT: Final = ObjectRule(
    id="licence-annotations",
    title="Pods of Event Streams say what they are licensed as, without contradiction",
    family=Family.LICENSING,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.MEDIUM,
    why=(
        "The licence service counts pods by these annotations: without them, or under another "
        "product's number, the report that auditors read is wrong."
    ),
    fix="Take over the annotations from the licence page; charge `All` or `<name>-mirrormaker2`.",
    link=EVENT_STREAMS_LICENSING,
    tags=("event-streams", "mirrormaker", "connect"),
    kinds=frozenset({MIRROR_MAKER, CONNECT}),
    check=_judge_annotations,
)


def _judge_passive(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    passive = {
        (found.site, found.namespace, found.name)
        for found in stack.of_kind(EVENT_STREAMS)
        if found["spec"]["license"]["use"].text == DISASTER_RECOVERY
    }
    if not passive:
        return
    for found in stack.of_kind(CONNECT, BRIDGE):
        end = KafkaEnd(found["spec"])
        if end.bootstrap_servers.is_unknown:
            yield Undecided(
                end.bootstrap_servers, "whether it is a client of it can be told once it is known"
            )
        kafka = None if found["spec"]["replicas"].integer == 0 else kafka_at(stack, found, end)
        if kafka is not None and (kafka.site, kafka.namespace, kafka.name) in passive:
            yield Violation(
                end.bootstrap_servers, _used(kafka.title, f"{found.kind} is a client of it")
            )
    for flow in flows_of(stack):
        kafka = flow.source.kafka
        is_passive = kafka is not None and (kafka.site, kafka.namespace, kafka.name) in passive
        if kafka is not None and is_passive and flow.is_running:
            yield Violation(
                flow.mirror.source_alias, _used(kafka.title, "this flow mirrors from it")
            )


def _used(title: str, how: str) -> str:
    return (
        f"{printable(title)} is licensed for disaster recovery, and {how}: that licence covers flows "
        "into it alone until it is failed over to. Stop this, or license it for production"
    )


DISASTER_RECOVERY_PASSIVE: Final = StackRule(
    id="disaster-recovery-is-passive",
    title="An instance licensed for disaster recovery has no clients but flows into it",
    family=Family.LICENSING,
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    why=(
        "The disaster-recovery licence covers one-way replication into the instance: with clients or a "
        "flow out of it the instance is used without a licence."
    ),
    fix="Keep the clients declared with `replicas: 0` or `state: stopped`, or license it for production.",
    link=EVENT_STREAMS_LICENSING,
    tags=("event-streams", "failover"),
    kinds=frozenset({CONNECT, BRIDGE, MIRROR_MAKER}),
    check=_judge_passive,
)

RULES: Final = (LICENCE_PRESENT, ANNOTATIONS_PRESENT, DISASTER_RECOVERY_PASSIVE)
