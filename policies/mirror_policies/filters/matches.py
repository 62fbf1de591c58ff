"""What patterns take in: topics that exist, and none of Connect's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mirror_policies.fields import printable
from mirror_policies.links import KAFKA_MIRRORMAKER, STRIMZI_CONNECTORS
from mirror_policies.naming.worker_names import worker_names
from mirror_policies.objects import Stack
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.clusters import Cluster, flows_of, worked_on
from mirror_policies.reading.filters import (
    alternatives,
    mirrored_topics,
    names_of,
    taken_in,
    topics_of,
)
from mirror_policies.reading.kafka import ShownKafka, topics_at
from mirror_policies.reading.mirror_maker import (
    CONNECT,
    MIRROR_MAKER,
    SOURCE_CONNECTOR,
    STORAGE_TOPICS,
    MirrorMaker,
)
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


def _judge_declared(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    for flow in flows_of(stack):
        selection = topics_of(flow.mirror)
        declared = _declared_at(stack, flow.source)
        if selection.field.is_unknown and declared:
            yield Undecided(
                selection.field, "whether it matches a declared topic can be told once it is known"
            )
        if flow.mirror.connector(SOURCE_CONNECTOR).is_absent or not declared:
            continue
        idle = [
            part
            for item in selection.items or ()
            for part in alternatives(item)
            if _matches_none(part, declared)
        ]
        if idle:
            yield Violation(
                selection.field,
                f"no topic that {printable(flow.source.alias)} declares matches "
                f"'{printable(idle[0])}' (it has {_some(sorted(declared))}): nothing would be mirrored and "
                "nothing would fail. Correct the pattern, or declare the topic",
            )


def _matches_none(part: str, declared: Mapping[str, object]) -> bool:
    names = names_of((part,))
    if names is None:
        return False
    if names.machine is None:
        return not any(name in declared for name in names.literals)
    return not any(topic in names for topic in declared)


def _declared_at(stack: Stack, cluster: Cluster) -> Mapping[str, object]:
    if cluster.kafka is not None:
        return topics_at(stack, cluster.kafka)
    if cluster.site is not None:
        return {topic.key: topic for topic in cluster.site["topics"].members()}
    return {}


def _some(names: list[str]) -> str:
    shown = ", ".join(map(printable, names[:5]))
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown  # noqa: PLR2004


MATCHES_A_TOPIC: Final = StackRule(
    id="patterns-match-a-topic",
    title="Every pattern of topics matches one that the source declares",
    family=Family.FILTERS,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "A misspelt topic name is a pattern that matches nothing: the connector waits for such a topic "
        "for ever, without an error."
    ),
    fix="Correct the name, or declare the KafkaTopic at the source.",
    link=KAFKA_MIRRORMAKER,
    tags=("mirrormaker", "topics"),
    kinds=frozenset({MIRROR_MAKER}),
    check=_judge_declared,
)


def _judge_internal(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    own = [maker.worker(what) for what in STORAGE_TOPICS]
    for mirror in maker.mirrors:
        names = mirrored_topics(mirror)
        if names is None or mirror.connector(SOURCE_CONNECTOR).is_absent:
            continue
        taken = [(place, name) for place, name in own if name and name in names]
        if taken:
            yield Violation(
                taken[0][0],
                f"the patterns of this resource take in '{printable(taken[0][1])}', a storage topic of "
                "Connect: a flow in the other direction, or workers of that name at the source, would "
                "mirror it as data. Begin the name with __, which MirrorMaker leaves out",
            )


WORKER_TOPICS_LEFT_OUT: Final = ObjectRule(
    id="worker-topics-left-out",
    title="Storage topics of workers are none that a flow takes in",
    family=Family.FILTERS,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.MEDIUM,
    why=(
        "MirrorMaker leaves out names that begin with `__` and few others: storage topics under plain "
        "names are mirrored like data, and workers at the other site find foreign offsets in them."
    ),
    fix="Call them `__<name>-configs`, `__<name>-offsets` and `__<name>-status`.",
    link=STRIMZI_CONNECTORS,
    tags=("mirrormaker", "topics"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(_judge_internal),
)


def _judge_source(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    at_cluster: dict[ShownKafka, list[str]] = {}
    for found in stack.of_kind(MIRROR_MAKER, CONNECT):
        kafka = worked_on(stack, found)
        if kafka is not None:
            for place, _ in (worker_names(found)[what] for what in STORAGE_TOPICS):
                if place.is_unknown:
                    yield Undecided(
                        place, "whether a flow takes it in can be told once it is known"
                    )
            topics = (worker_names(found)[what][1] for what in STORAGE_TOPICS)
            at_cluster.setdefault(kafka, []).extend(topic for topic in topics if topic)
    for flow in flows_of(stack):
        if flow.source.kafka is None or flow.mirror.connector(SOURCE_CONNECTOR).is_absent:
            continue
        taken = taken_in(flow.mirror, at_cluster.get(flow.source.kafka, ()))
        if taken:
            yield Violation(
                topics_of(flow.mirror).field,
                f"the pattern takes in '{printable(taken[0])}', where workers at "
                f"{printable(flow.source.alias)} keep their place: it would be mirrored as data. Exclude "
                "it, or begin its name with __",
            )


SOURCE_WORKERS_LEFT_OUT: Final = StackRule(
    id="source-worker-topics-left-out",
    title="No flow takes in the storage topics of workers at its source",
    family=Family.FILTERS,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "Storage topics that are mirrored look like those of the target's own workers: one that is "
        "restarted under such a name goes on from somebody else's offsets."
    ),
    fix="Begin the names of storage topics with `__`, or exclude them with `topicsExcludePattern`.",
    link=STRIMZI_CONNECTORS,
    tags=("mirrormaker", "connect", "topics"),
    kinds=frozenset({MIRROR_MAKER, CONNECT}),
    check=_judge_source,
)

RULES: Final = (MATCHES_A_TOPIC, WORKER_TOPICS_LEFT_OUT, SOURCE_WORKERS_LEFT_OUT)
