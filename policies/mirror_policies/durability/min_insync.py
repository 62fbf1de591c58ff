"""How many copies must be there for a write, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kafka_mirror.mirrormaker.keys import MIN_INSYNC_REPLICAS
from mirror_policies.durability.factors import BROKER_DEFAULT, mirror_factors
from mirror_policies.fields import Field
from mirror_policies.links import KAFKA_BROKER
from mirror_policies.objects import Stack
from mirror_policies.reading.clusters import target_of
from mirror_policies.reading.kafka import (
    EVENT_STREAMS,
    KAFKA,
    TOPIC,
    ShownKafka,
    brokers_section,
    shown_kafkas,
)
from mirror_policies.reading.mirror_maker import MIRROR_MAKER, read_mirror_maker
from mirror_policies.reading.settings import number
from mirror_policies.rule import (
    Family,
    Level,
    Remark,
    Settings,
    Severity,
    StackRule,
    Threshold,
    Undecided,
    Violation,
)

DEFAULT_FACTOR: Final = "default.replication.factor"
PAIRS: Final = (
    (DEFAULT_FACTOR, 1, MIN_INSYNC_REPLICAS, 1),
    ("transaction.state.log.replication.factor", 3, "transaction.state.log.min.isr", 2),
    (
        "share.coordinator.state.topic.replication.factor",
        3,
        "share.coordinator.state.topic.min.isr",
        2,
    ),
)
"""Broker settings that belong together, each with Kafka's default (4.3)."""

_LATER: Final = "it can be compared with its counterpart once it is known"


def _judge(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    kafkas = stack.reading(shown_kafkas)
    for kafka in kafkas:
        if kafka.declared is not None:
            config = brokers_section(kafka.declared)["config"]
            for factor, copies, in_sync, needed in PAIRS:
                # Neither written: Kafka's own defaults fit each other.
                if not (config[factor].is_absent and config[in_sync].is_absent):
                    yield from _compare(config[in_sync], needed, config[factor], copies)
    by_place = {(kafka.site, kafka.namespace, kafka.name): kafka for kafka in kafkas}
    for topic in stack.of_kind(TOPIC):
        kafka_of_topic = by_place.get((topic.site, topic.namespace, topic.kafka_name))
        default = _in_sync_at(kafka_of_topic) or 1
        spec = topic["spec"]
        if not spec["replicas"].is_absent:
            yield from _compare(
                spec["config"][MIN_INSYNC_REPLICAS], default, spec["replicas"], default
            )
    yield from _of_mirror_makers(stack)


def _of_mirror_makers(stack: Stack) -> Iterator[Remark]:
    for found in stack.of_kind(MIRROR_MAKER):
        maker = found.reading(read_mirror_maker)
        needed = _in_sync_at(target_of(stack, found, maker).kafka)
        for factor in mirror_factors(maker):
            if needed is not None and factor.is_at_target and factor.field.is_unknown:
                yield Undecided(factor.field, _LATER)
            copies = factor.field.integer
            if needed is None or copies is None or copies == BROKER_DEFAULT or copies < 1:
                continue
            if factor.is_at_target and copies < needed:
                yield Violation(factor.field, _too_few(copies, needed))


def _in_sync_at(kafka: ShownKafka | None) -> int | None:
    """Return how many copies a cluster wants for a write; None if that is not shown."""
    if kafka is None or kafka.declared is None:
        return None
    return number(brokers_section(kafka.declared)["config"][MIN_INSYNC_REPLICAS], default=1)


def _compare(in_sync: Field, needed: int, factor: Field, copies: int) -> Iterator[Remark]:
    if in_sync.is_unknown or factor.is_unknown:
        place = in_sync if in_sync.is_unknown else factor
        yield Undecided(place, _LATER)
        return
    wants, has = number(in_sync, default=needed), number(factor, default=copies)
    if wants is not None and has is not None and has != BROKER_DEFAULT and wants > has:
        place = factor if in_sync.is_absent else in_sync
        yield Violation(place, _too_few(has, wants))


def _too_few(copies: int, needed: int) -> str:
    return (
        f"min.insync.replicas asks for {needed} copies of a record and there would be {copies}: current "
        f"brokers take {copies} for enough and say nothing, older ones refuse every write with acks=all. Ask "
        f"for {needed} copies or more, or lower min.insync.replicas"
    )


MIN_INSYNC_FITS: Final = StackRule(
    id="min-insync-fits-replication-factor",
    title="No topic has fewer copies than a write is to have",
    family=Family.DURABILITY,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "Brokers ask for no more copies than a topic has, so that one with fewer than "
        "`min.insync.replicas` is written with less safety than that says and without an error; older "
        "brokers (seen with Kafka 3.5) take no write with `acks=all` at all, and a flow or its heartbeats "
        "stand still."
    ),
    fix="Raise the replication factor to `min.insync.replicas` or more, or use `-1` for the default.",
    link=KAFKA_BROKER,
    tags=("mirrormaker", "kafka", "topic", "replication-factor"),
    kinds=frozenset({KAFKA, EVENT_STREAMS, TOPIC, MIRROR_MAKER}),
    check=_judge,
)

COPIES: Final = Threshold(
    name="minimumCopies",
    default=1,
    production=3,
    minimum=1,
    description="Smallest default.replication.factor that is accepted.",
)
IN_SYNC: Final = Threshold(
    name="minimumInSync",
    default=1,
    production=2,
    minimum=1,
    description="Smallest min.insync.replicas that is accepted.",
)


def _judge_defaults(stack: Stack, settings: Settings) -> Iterator[Remark]:
    for kafka in stack.reading(shown_kafkas):
        if kafka.declared is None:
            continue
        config = brokers_section(kafka.declared)["config"]
        for key, least in (
            (DEFAULT_FACTOR, settings[COPIES.name]),
            (MIN_INSYNC_REPLICAS, settings[IN_SYNC.name]),
        ):
            yield from _judge_default(config[key], least, is_alone=kafka.brokers == 1)


def _judge_default(setting: Field, least: int, *, is_alone: bool) -> Iterator[Remark]:
    if setting.is_unknown:
        yield Undecided(setting, "it can be judged once it is known")
    elif setting.is_absent and not (is_alone and least == 1):
        yield Violation(
            setting,
            f"{setting.key} is not set, so 1 applies: what relies on it is lost with one broker. "
            f"Write {max(least, 2)}",
        )
    elif setting.integer is not None and setting.integer < least:
        yield Violation(
            setting,
            f"{setting.key} is {setting.integer}, the minimum here is {least}: what relies on it "
            f"does not outlive as many brokers as it must. Write {least} or more",
        )


DEFAULTS_DECLARED: Final = StackRule(
    id="cluster-defaults-declared",
    title="A cluster says how many copies its topics have, and how many a write needs",
    family=Family.DURABILITY,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "Kafka's own default is one copy: every topic that asks for the broker's default, MirrorMaker's "
        "with `-1` among them, is lost with its broker."
    ),
    fix="Set `default.replication.factor` (3) and `min.insync.replicas` (2) in the Kafka's `config`.",
    link=KAFKA_BROKER,
    tags=("kafka", "replication-factor"),
    kinds=frozenset({KAFKA, EVENT_STREAMS}),
    thresholds=(COPIES, IN_SYNC),
    check=_judge_defaults,
)

RULES: Final = (MIN_INSYNC_FITS, DEFAULTS_DECLARED)
