"""The largest record that a flow can carry, against those that its topics may hold.

Sizes are bytes. A producer compares ``max.request.size`` with a record before it is compressed, brokers
compare ``max.message.bytes`` with the batch after; a flow that passes both numbers may still carry less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mirror_policies.fields import Field, printable
from mirror_policies.links import STRIMZI_PRODUCERS
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.clusters import Flow, flows_of
from mirror_policies.reading.filters import taken_in
from mirror_policies.reading.kafka import ShownKafka, brokers_section, topics_at
from mirror_policies.reading.mirror_maker import MIRROR_MAKER, SOURCE_CONNECTOR
from mirror_policies.reading.settings import is_true
from mirror_policies.rule import (
    Family,
    Level,
    Remark,
    Settings,
    Severity,
    StackRule,
    Undecided,
    Violation,
)

OF_FLOW: Final = "producer.override.max.request.size"
OF_WORKER: Final = "producer.max.request.size"
OF_TOPIC: Final = "max.message.bytes"
OF_BROKER: Final = "message.max.bytes"
PRODUCER_DEFAULT: Final = 1_048_576
BROKER_DEFAULT: Final = 1_048_588
"""Kafka's defaults (4.3); the larger one counts what a batch adds to a record, so that the two fit."""


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest record of a topic at the source, where that is written, and whether for it alone."""

    topic: str
    size: Field
    is_of_topic: bool


def _judge(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    for flow in flows_of(stack):
        if flow.mirror.connector(SOURCE_CONNECTOR).is_absent or flow.source.kafka is None:
            continue
        largest = _largest(stack, flow, flow.source.kafka)
        if largest is None:
            continue
        if largest.size.integer is None:
            yield Undecided(
                largest.size, "whether the flow carries such records cannot be told from it"
            )
        else:
            yield from _of_producer(flow, largest.topic, largest.size.integer)
            yield from _of_target(stack, flow, largest, largest.size.integer)


def _largest(stack: Stack, flow: Flow, kafka: ShownKafka) -> Largest | None:
    """Return what allows the largest records among the topics of a flow; None if nobody says more."""
    topics = topics_at(stack, kafka)
    taken = taken_in(flow.mirror, topics)
    found = [Largest(n, topics[n]["spec"]["config"][OF_TOPIC], is_of_topic=True) for n in taken]
    if kafka.declared is not None:
        of_broker = brokers_section(kafka.declared)["config"][OF_BROKER]
        bare = [one.topic for one in found if one.size.is_absent]
        if bare or not taken:
            found.append(Largest(bare[0] if bare else "a topic", of_broker, is_of_topic=False))
    written = [one for one in found if not one.size.is_absent]
    unknown = next((one for one in written if one.size.integer is None), None)
    return unknown or max(written, key=lambda one: one.size.integer or 0, default=None)


def _of_producer(flow: Flow, topic: str, size: int) -> Iterator[Remark]:
    setting = flow.mirror.setting(SOURCE_CONNECTOR, OF_FLOW)
    applies = setting
    if setting.is_absent and flow.maker.target is not None:
        applies = flow.maker.target.config[OF_WORKER]
    limit = PRODUCER_DEFAULT if applies.is_absent else applies.integer
    if applies.is_unknown:
        yield Undecided(applies, "whether the largest records pass can be told once it is known")
    elif limit is not None and limit < size and size > BROKER_DEFAULT:
        said = f"is not set, so {limit} applies" if applies.is_absent else f"is {limit}"
        yield Violation(
            setting if applies.is_absent else applies,
            f"{(setting if applies.is_absent else applies).key} {said}, {printable(topic)} at "
            f"{printable(flow.source.alias)} may hold records of {size} bytes: the first one that is larger "
            f"fails the task, and nothing of its partitions is mirrored from then on. Write {OF_FLOW}: {size} "
            "or more",
        )


def _of_target(stack: Stack, flow: Flow, largest: Largest, size: int) -> Iterator[Remark]:
    kafka = flow.target.kafka
    copies = flow.mirror.setting(SOURCE_CONNECTOR, "sync.topic.configs.enabled")
    if kafka is None or kafka.declared is None:
        return
    if largest.is_of_topic and is_true(copies, default=True) is not False:
        return  # MirrorMaker sets it on the copy.
    setting = brokers_section(kafka.declared)["config"][OF_BROKER]
    limit = BROKER_DEFAULT if setting.is_absent else setting.integer
    if (
        limit is not None
        and limit < size
        and not _is_raised(topics_at(stack, kafka), largest, size)
    ):
        yield Violation(
            setting,
            f"{kafka.title} takes records of {limit} bytes, {printable(largest.topic)} at "
            f"{printable(flow.source.alias)} may hold some of {size}: the first one fails flow "
            f"{printable(flow.owner.name)}. Write {OF_BROKER}: {size} or more",
        )


def _is_raised(declared: object, largest: Largest, size: int) -> bool:
    found = declared.get(largest.topic) if isinstance(declared, dict) else None
    if not isinstance(found, KubernetesObject):
        return False
    own = found["spec"]["config"][OF_TOPIC].integer
    return own is not None and own >= size


RULE: Final = StackRule(
    id="message-sizes-fit",
    title="A flow carries the largest record that its topics may hold",
    family=Family.WORKERS,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "MirrorMaker copies settings of topics and not those of brokers or of its own producer: the first "
        "record above their limit fails its task, and the partition stands still from then on."
    ),
    fix=(
        "Write `producer.override.max.request.size` of the source connector, and `message.max.bytes` of "
        "the target, at least as large as `max.message.bytes` at the source."
    ),
    link=STRIMZI_PRODUCERS,
    tags=("mirrormaker", "topic", "load"),
    kinds=frozenset({MIRROR_MAKER, "Kafka", "EventStreams"}),
    check=_judge,
)
