"""Mirrored topics that an operator at the target declares too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import ABSENT, Field, printable
from mirror_policies.links import KAFKA_MIRRORMAKER
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.clusters import Flow, flows_of
from mirror_policies.reading.filters import taken_in
from mirror_policies.reading.kafka import TOPIC, topics_at
from mirror_policies.reading.mirror_maker import SOURCE_CONNECTOR
from mirror_policies.reading.settings import is_true
from mirror_policies.reading.topic_names import prefix_of
from mirror_policies.rule import Family, Level, Remark, Settings, Severity, StackRule, Violation

_LEFT_ALONE: Final = frozenset(
    {
        "follower.replication.throttled.replicas",
        "leader.replication.throttled.replicas",
        "message.timestamp.difference.max.ms",
        "message.timestamp.type",
        "min.insync.replicas",
        "unclean.leader.election.enable",
    }
)
"""Settings of topics that MirrorMaker does not copy (``DefaultConfigPropertyFilter``, Kafka 4.3)."""


def _judge(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    for flow in flows_of(stack):
        syncs = flow.mirror.setting(SOURCE_CONNECTOR, "sync.topic.configs.enabled")
        if flow.source.kafka is None or flow.target.kafka is None or not flow.is_running:
            continue
        if is_true(syncs, default=True) is False:
            continue
        here, there = topics_at(stack, flow.target.kafka), topics_at(stack, flow.source.kafka)
        prefix = prefix_of(flow.mirror, flow.source.alias)
        for name in taken_in(flow.mirror, there):
            copy = here.get(prefix + name)
            if copy is not None:
                yield from _compare(flow, there[name], copy)


def _compare(flow: Flow, original: KubernetesObject, copy: KubernetesObject) -> Iterator[Remark]:
    ours, theirs = copy["spec"]["config"], original["spec"]["config"]
    keys = {one.key for one in (*ours.members(), *theirs.members())} - _LEFT_ALONE
    unlike = sorted(key for key in keys if _value(ours[key]) != _value(theirs[key]))
    if unlike:
        yield Violation(
            ours[unlike[0]],
            f"{unlike[0]} is {ours[unlike[0]].shown} here and {theirs[unlike[0]].shown} at "
            f"{printable(flow.source.alias)}: flow {printable(flow.owner.name)} writes that one over this, the "
            "Topic Operator writes this one back, and so on. Declare the topic at its source alone, or with "
            "the same settings",
        )


def _value(setting: Field) -> object:
    return ABSENT if setting.is_absent else setting.text


RULE: Final = StackRule(
    id="copies-declared-alike",
    title="A mirrored topic that the target declares too has the settings of its source",
    family=Family.FILTERS,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    why=(
        "MirrorMaker copies a topic's settings every ten minutes and the Topic Operator sets its own back: "
        "retention goes to and fro, and what is deleted depends on who wrote last."
    ),
    fix="Declare the topic at its source alone, or write the same `config` at both.",
    link=KAFKA_MIRRORMAKER,
    tags=("mirrormaker", "topic"),
    kinds=frozenset({TOPIC}),
    check=_judge,
)
