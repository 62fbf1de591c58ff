"""What a flow does at its two ends, for its users to be allowed it.

The least sets were found on a real ``StandardAuthorizer`` (Kafka 4.3): ``Read`` and ``Write`` bring
``Describe``, ``AlterConfigs`` brings ``DescribeConfigs``, ``Create`` on the cluster stands in for that on
a topic, and a restarted checkpoint connector reads its topic (KAFKA-15905).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Final

from kafka_mirror.mirrormaker import patterns
from kafka_mirror.mirrormaker.keys import OFFSET_SYNCS_LOCATION, SYNC_GROUP_OFFSETS
from kafka_mirror.mirrormaker.patterns import Covering
from mirror_policies.objects import Stack
from mirror_policies.offsets.checkpoints import EMIT_SYNCS
from mirror_policies.reading.clusters import Flow
from mirror_policies.reading.filters import Selection, alternatives, groups_of, topics_of
from mirror_policies.reading.kafka import topics_at
from mirror_policies.reading.mirror_maker import (
    CHECKPOINT_CONNECTOR,
    GROUP_ID,
    SOURCE_CONNECTOR,
    STORAGE_TOPICS,
)
from mirror_policies.reading.settings import is_true
from mirror_policies.reading.topic_names import checkpoints_topic, offset_syncs_topic, prefix_of

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_SYNC_CONFIGS: Final = "sync.topic.configs.enabled"
_FORWARDING: Final = "forwarding.admin.class"


@dataclass(frozen=True, slots=True)
class Need:
    """Operations that a flow carries out on names of one kind."""

    kind: str
    names: tuple[Covering, ...]
    operations: tuple[str, ...]


def syncs_at(flow: Flow) -> str:
    """Return where a flow keeps its offset syncs, ``source`` or ``target``; MirrorMaker's default is the source."""
    setting = flow.mirror.setting(SOURCE_CONNECTOR, OFFSET_SYNCS_LOCATION)
    return "source" if setting.is_absent else setting.text or ""


def source_needs(flow: Flow) -> Iterator[Need]:
    """Yield what a flow does at its source."""
    source, checkpoint = (
        flow.mirror.connector(c) for c in (SOURCE_CONNECTOR, CHECKPOINT_CONNECTOR)
    )
    if not source.is_absent:
        copies_settings = is_true(source["config"][_SYNC_CONFIGS], default=True) is not False
        operations = ("Read", "DescribeConfigs") if copies_settings else ("Read",)
        yield Need("topic", _coverings(topics_of(flow.mirror)), operations)
        if syncs_at(flow) == "source" and _emits_syncs(flow):
            yield _own(offset_syncs_topic(flow.mirror, flow.target.alias))
    if not checkpoint.is_absent:
        yield Need("group", _coverings(groups_of(flow.mirror)), ("Describe",))


def target_needs(stack: Stack, flow: Flow) -> Iterator[Need]:
    """Yield what a flow and its workers do at their target."""
    source, checkpoint = (
        flow.mirror.connector(c) for c in (SOURCE_CONNECTOR, CHECKPOINT_CONNECTOR)
    )
    declared = {} if flow.target.kafka is None else topics_at(stack, flow.target.kafka)
    group = flow.maker.worker(GROUP_ID)[1]
    if group:
        yield Need("group", (Covering(group, is_exact=True),), ("Read",))
        yield from _transactions(flow, group)
    for topic in (flow.maker.worker(what)[1] for what in STORAGE_TOPICS):
        if topic:
            yield _own(topic, is_made=topic in declared)
    is_synced = is_true(checkpoint["config"][SYNC_GROUP_OFFSETS], default=False) is True
    if not source.is_absent:
        yield from _of_arriving(flow, declared, is_synced=is_synced)
        syncs = offset_syncs_topic(flow.mirror, flow.source.alias)
        if syncs_at(flow) == "target" and _emits_syncs(flow):
            yield _own(syncs, is_made=syncs in declared)
    if not checkpoint.is_absent:
        checkpoints = checkpoints_topic(flow.mirror, flow.source.alias)
        yield _own(checkpoints, is_made=checkpoints in declared)
        if is_synced:
            yield Need("group", _coverings(groups_of(flow.mirror)), ("Read",))


def _of_arriving(flow: Flow, declared: Container[str], *, is_synced: bool) -> Iterator[Need]:
    """Yield what a flow does with mirrored topics; those that the target declares it need not make."""
    config = flow.mirror.connector(SOURCE_CONNECTOR)["config"]
    writing = ("Write", "Read") if is_synced else ("Write",)
    copies_settings = is_true(config[_SYNC_CONFIGS], default=True) is not False
    setting: tuple[str, ...] = ("AlterConfigs",) if copies_settings else ()
    making: tuple[str, ...] = ("Create", "Alter")
    if not config[_FORWARDING].is_absent:
        making, setting = (), ()  # Another program makes and sets topics.
    names = _arriving(flow)
    made = tuple(name for name in names if name.is_exact and name.start in declared)
    yield Need("topic", made, (*writing, *setting))
    left = tuple(name for name in names if name not in made)
    yield Need("topic", left, (*making, *writing, *setting))


def _emits_syncs(flow: Flow) -> bool:
    setting = flow.mirror.setting(SOURCE_CONNECTOR, EMIT_SYNCS)
    return is_true(setting, default=True) is not False


def _transactions(flow: Flow, group: str) -> Iterator[Need]:
    """Yield what exactly-once needs: the worker's own transactions, and one for each task."""
    end = flow.maker.target
    support = "" if end is None else end.config["exactly.once.source.support"].text or ""
    if support.strip().lower() == "enabled":
        leader = Covering(f"connect-cluster-{group}", is_exact=True)
        # Both connectors of a flow, and no other flow whose group starts alike.
        connectors = f"{group}-{flow.source.alias}->{flow.target.alias}.Mirror"
        tasks = Covering(connectors, is_exact=False)
        yield Need("transactionalId", (leader, tasks), ("Write",))


def _own(topic: str, *, is_made: bool = False) -> Need:
    operations = ("Read", "Write") if is_made else ("Create", "Read", "Write")
    return Need("topic", (Covering(topic, is_exact=True),), operations)


def _coverings(selection: Selection) -> tuple[Covering, ...]:
    return tuple(
        covering
        for item in selection.items or ()
        for part in alternatives(item)
        for covering in _coverings_of(part)
    )


def _coverings_of(part: str) -> tuple[Covering, ...]:
    # A name with a dot that nobody quoted is meant as that name: dots-quoted says so.
    if _NAME.fullmatch(part):
        return (Covering(part, is_exact=True),)
    return patterns.coverings(part)


def _arriving(flow: Flow) -> tuple[Covering, ...]:
    """Return the names of mirrored topics at the target."""
    prefix = prefix_of(flow.mirror, flow.source.alias)
    names = _coverings(topics_of(flow.mirror))
    return tuple(Covering(prefix + name.start, name.is_exact) for name in names)
