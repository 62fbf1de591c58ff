"""How many tasks a flow can use: no more than its topics have partitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import printable
from mirror_policies.links import STRIMZI_TASKS
from mirror_policies.objects import Stack
from mirror_policies.reading.clusters import Cluster, Flow, flows_of
from mirror_policies.reading.filters import mirrored_topics
from mirror_policies.reading.kafka import topics_at
from mirror_policies.reading.mirror_maker import MIRROR_MAKER, SOURCE_CONNECTOR
from mirror_policies.rule import Family, Level, Remark, Settings, Severity, StackRule, Violation


def _judge(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    for flow in flows_of(stack):
        tasks = flow.mirror.connector(SOURCE_CONNECTOR)["tasksMax"]
        partitions = _partitions(stack, flow)
        if tasks.integer is not None and partitions is not None and tasks.integer > partitions:
            yield Violation(
                tasks,
                f"tasksMax is {tasks.integer}, the topics of {printable(flow.source.alias)} that are mirrored "
                f"have {partitions} partitions together: more tasks than that are never made. Write "
                f"{partitions} or less, or give the topics more partitions",
            )


def _partitions(stack: Stack, flow: Flow) -> int | None:
    """Return the partitions of all topics of a flow; None unless each is named and declared."""
    names = mirrored_topics(flow.mirror)
    if names is None or names.machine is not None or not names.literals:
        return None
    counts = [_partitions_of(stack, flow.source, name) for name in sorted(names.literals)]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _partitions_of(stack: Stack, source: Cluster, name: str) -> int | None:
    if source.kafka is not None:
        topic = topics_at(stack, source.kafka).get(name)
        return None if topic is None else topic["spec"]["partitions"].integer
    return None if source.site is None else source.site["topics"][name]["partitions"].integer


RULE: Final = StackRule(
    id="tasks-within-partitions",
    title="A flow asks for no more tasks than its topics have partitions",
    family=Family.WORKERS,
    level=Level.ADVISORY,
    severity=Severity.LOW,
    why=(
        "A partition is read by one task: whoever raises `tasksMax` above the number of partitions waits "
        "for a throughput that never comes."
    ),
    fix="Lower `tasksMax`, or raise `partitions` of the topic at the source.",
    link=STRIMZI_TASKS,
    tags=("mirrormaker", "load"),
    kinds=frozenset({MIRROR_MAKER}),
    check=_judge,
)
