"""Storage topics of workers that somebody declares: Connect takes them in one form only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.links import KAFKA_CONNECT
from mirror_policies.naming.worker_names import worker_names
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.clusters import worked_on
from mirror_policies.reading.kafka import TOPIC, topics_at
from mirror_policies.reading.mirror_maker import CONNECT, MIRROR_MAKER, STORAGE_TOPICS
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

_CONFIGURATIONS: Final = STORAGE_TOPICS[0]


def _judge(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    for found in stack.of_kind(MIRROR_MAKER, CONNECT):
        kafka = worked_on(stack, found)
        topics = {} if kafka is None else topics_at(stack, kafka)
        for what in STORAGE_TOPICS:
            topic = topics.get(worker_names(found)[what][1])
            if topic is not None:
                yield from _judge_topic(topic, what, found)


def _judge_topic(topic: KubernetesObject, what: str, found: KubernetesObject) -> Iterator[Remark]:
    policy = topic["spec"]["config"]["cleanup.policy"]
    partitions = topic["spec"]["partitions"]
    if policy.is_unknown:
        yield Undecided(policy, "whether workers take the topic can be told once it is known")
    elif (policy.text or "").strip() != "compact":
        said = "is not set, so delete applies" if policy.is_absent else f"is {policy.shown}"
        yield Violation(
            policy,
            f"cleanup.policy {said}, and this is {what} of {found.title}: its workers refuse to start on "
            "a topic that forgets. Write compact",
        )
    if what == _CONFIGURATIONS and partitions.integer not in (None, 1):
        yield Violation(
            partitions,
            f"there are {partitions.integer} partitions, and this is {what} of {found.title}: its workers "
            "start on a single one alone. Write 1",
        )


RULE: Final = StackRule(
    id="storage-topics-compacted",
    title="A declared storage topic is compacted, that of configurations with one partition",
    family=Family.WORKERS,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "Connect makes its storage topics as it needs them and refuses others: with a declared one that is "
        "not compacted, or has several partitions of configurations, no worker starts."
    ),
    fix="Write `cleanup.policy: compact`, and `partitions: 1` for configurations, or leave the topics to Connect.",
    link=KAFKA_CONNECT,
    tags=("mirrormaker", "connect", "topic"),
    kinds=frozenset({TOPIC}),
    check=_judge,
)
