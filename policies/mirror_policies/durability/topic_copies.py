"""Topics that stayed behind when their cluster grew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.durability.min_insync import DEFAULT_FACTOR
from mirror_policies.links import KAFKA_BROKER
from mirror_policies.objects import Stack
from mirror_policies.reading.kafka import TOPIC, brokers_section, shown_kafkas, topics_at
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


def _judge(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    for kafka in stack.reading(shown_kafkas):
        if kafka.declared is None:
            continue
        default = brokers_section(kafka.declared)["config"][DEFAULT_FACTOR]
        for topic in topics_at(stack, kafka).values():
            copies = topic["spec"]["replicas"]
            if copies.is_unknown or (default.is_unknown and not copies.is_absent):
                yield Undecided(
                    copies, f"it can be compared with {DEFAULT_FACTOR} once both are known"
                )
            elif copies.integer is not None and copies.integer < (default.integer or 1):
                yield Violation(
                    copies,
                    f"the topic has {copies.shown} copies, {kafka.title} gives {default.shown} to those "
                    "that ask for none: it is lost with fewer brokers than its neighbours. Reassign its "
                    "partitions (the Topic Operator does not), then write the number here",
                )


RULE: Final = StackRule(
    id="topic-copies-as-default",
    title="No topic has fewer copies than its cluster gives by default",
    family=Family.DURABILITY,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    why=(
        "A cluster that grew from one broker to three keeps the topics of its early days at one copy: "
        "their records are lost with one broker while everybody believes in three."
    ),
    fix="Reassign the topic's partitions to as many brokers and raise `spec.replicas` to the same number.",
    link=KAFKA_BROKER,
    tags=("topic", "replication-factor"),
    kinds=frozenset({TOPIC}),
    check=_judge,
)
