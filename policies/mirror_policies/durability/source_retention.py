"""A record that expires at the source before it was mirrored is lost for the target."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import Field, printable
from mirror_policies.links import KAFKA_BROKER
from mirror_policies.objects import Stack
from mirror_policies.reading.clusters import Flow, flows_of
from mirror_policies.reading.filters import taken_in
from mirror_policies.reading.kafka import TOPIC, ShownKafka, brokers_section, topics_at
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

_HOUR: Final = 3_600_000
_BROKER_UNITS: Final = (
    ("log.retention.ms", 1),
    ("log.retention.minutes", 60_000),
    ("log.retention.hours", _HOUR),
)
OUTAGE: Final = Threshold(
    name="longestOutageHours",
    default=24,
    production=72,
    minimum=1,
    description="Hours that a flow may stand still without losing records.",
)


def _judge(stack: Stack, settings: Settings) -> Iterator[Remark]:
    hours = settings[OUTAGE.name]
    judged: set[ShownKafka] = set()
    for flow in flows_of(stack):
        kafka = flow.source.kafka
        if kafka is None:
            continue
        topics = topics_at(stack, kafka)
        for name in taken_in(flow.mirror, topics):
            config = topics[name]["spec"]["config"]
            setting = config["retention.ms"]
            # A compacted topic keeps the last record of each key, however old.
            is_compacted = (config["cleanup.policy"].text or "").strip() == "compact"
            if not setting.is_absent and not is_compacted:
                yield from _judge_setting(setting, hours, 1, flow, name)
        yield from _judge_broker(kafka, hours, flow, judged)


def _judge_broker(
    kafka: ShownKafka, hours: int, flow: Flow, judged: set[ShownKafka]
) -> Iterator[Remark]:
    if kafka.declared is None:
        return
    config = brokers_section(kafka.declared)["config"]
    setting, unit = next(
        ((config[key], unit) for key, unit in _BROKER_UNITS if not config[key].is_absent),
        (None, 1),
    )
    if setting is not None and kafka not in judged:
        judged.add(kafka)
        yield from _judge_setting(setting, hours, unit, flow, "a topic without its own")


def _judge_setting(
    setting: Field, hours: int, unit: int, flow: Flow, topic: str
) -> Iterator[Remark]:
    if setting.is_unknown:
        yield Undecided(setting, "it can be judged once it is known")
        return
    kept = setting.integer
    if kept is not None and 0 <= kept * unit < hours * _HOUR:
        yield Violation(
            setting,
            f"{printable(topic)} keeps records for {kept * unit / _HOUR:.1f} hours, "
            f"{printable(flow.owner.name)} may stand still for {hours}: records that expire before "
            f"they are mirrored are lost for the target. Write {hours * _HOUR // unit} or more",
        )


RULE: Final = StackRule(
    id="source-retention-covers-outage",
    title="Mirrored topics keep their records longer than a flow may stand still",
    family=Family.DURABILITY,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "MirrorMaker skips what has expired without an error: after an outage longer than the "
        "retention the target has a gap that nothing reports."
    ),
    fix="Raise `retention.ms` of the topic at the source above the longest outage you plan for.",
    link=KAFKA_BROKER,
    tags=("topic", "retention"),
    kinds=frozenset({TOPIC}),
    thresholds=(OUTAGE,),
    check=_judge,
)
