"""Whether the connectors run, with as many hands as they need, and come back after a failure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import Field
from mirror_policies.links import KAFKA_REPLICATION, STRIMZI_CONNECTORS, STRIMZI_TASKS
from mirror_policies.naming.heartbeats import CONNECTOR, heartbeat_connectors
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.mirror_maker import (
    CONNECT,
    MIRROR_MAKER,
    SOURCE_CONNECTOR,
    MirrorMaker,
    read_mirror_maker,
)
from mirror_policies.reading.settings import is_true
from mirror_policies.rule import (
    Family,
    Level,
    ObjectRule,
    Remark,
    Settings,
    Severity,
    StackRule,
    Threshold,
    Undecided,
    Violation,
)


def _judge_source(found: KubernetesObject, settings: Settings) -> Iterator[Remark]:
    mirrors = found["spec"]["mirrors"]
    is_empty = mirrors.is_absent or (mirrors.is_list and not mirrors.elements())
    if is_empty and found["spec"].is_mapping:
        yield Violation(
            mirrors,
            "there is no mirror: the operator reports Ready and nothing is copied. Write one",
        )
    yield from over_mirror_maker(_judge_mirrors)(found, settings)


def _judge_mirrors(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    for mirror in maker.mirrors:
        connector = mirror.connector(SOURCE_CONNECTOR)
        if connector.is_unknown:
            yield Undecided(
                connector.outermost_unknown,
                "whether records are copied can be told once it is known",
            )
        elif connector.is_absent:
            yield Violation(
                connector,
                "there is no source connector: the operator reports Ready and no record is copied. "
                "Write sourceConnector, be it {}",
            )


SOURCE_CONNECTOR_PRESENT: Final = ObjectRule(
    id="source-connector-present",
    title="Every mirror has a source connector",
    family=Family.WORKERS,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "A connector runs only if its section is there: a mirror without `sourceConnector` is Ready "
        "and copies nothing."
    ),
    fix="Write `sourceConnector` into every mirror.",
    link=STRIMZI_CONNECTORS,
    tags=("mirrormaker", "connectors"),
    kinds=frozenset({MIRROR_MAKER}),
    check=_judge_source,
)

REPLICAS: Final = Threshold(
    name="minimumReplicas",
    default=1,
    production=2,
    minimum=0,
    description="Fewest workers that are accepted.",
)


def _judge_hands(stack: Stack, settings: Settings) -> Iterator[Remark]:
    beats = heartbeat_connectors(stack)
    others = {_worker(one) for one in stack.of_kind(CONNECTOR) if one not in beats}
    only_beat = {_worker(one) for one in beats} - others
    least = settings[REPLICAS.name]
    for found in stack.of_kind(MIRROR_MAKER, CONNECT):
        # Such a connector has one task, which keeps no place: one worker that is made again goes on.
        is_enough = (found.site, found.namespace, found.name) in only_beat
        yield from _judge_workers(found, least=min(least, 1) if is_enough else least)


def _worker(connector: KubernetesObject) -> tuple[str, str, str]:
    """Return where the KafkaConnect is that runs a connector, and its name."""
    return connector.site, connector.namespace, connector.kafka_name


def _judge_workers(found: KubernetesObject, *, least: int) -> Iterator[Remark]:
    replicas = found["spec"]["replicas"]
    if replicas.is_unknown:
        yield Undecided(replicas, "it can be judged once it is known")
        return
    count = replicas.integer
    if count is None:
        return
    if count < least:
        yield Violation(
            replicas,
            f"there are {count} workers, the minimum here is {least}: with the last one the flow stands "
            f"still. Write {least}",
        )
    elif found.kind == MIRROR_MAKER and count > 1:
        tasks = [
            c["tasksMax"] for m in found.reading(read_mirror_maker).mirrors for c in m.connectors()
        ]
        total = sum(1 if one.is_absent else one.integer or 1 for one in tasks)
        # One more than there are tasks waits to take over from any other.
        if tasks and not any(one.is_unknown for one in tasks) and count > total + 1:
            yield Violation(
                replicas,
                f"there are {count} workers for {total} tasks: {count - total} have nothing to do. Raise "
                "tasksMax, or write fewer",
            )


HANDS: Final = StackRule(
    id="workers-and-tasks-fit",
    title="There are enough workers, and enough tasks for them",
    family=Family.WORKERS,
    level=Level.ADVISORY,
    severity=Severity.LOW,
    why=(
        "A worker without a task does nothing, `tasksMax` unset means one task whatever the load, and "
        "a single worker is a single point of failure."
    ),
    fix=(
        "Set `replicas` to two or more in production (one is enough where only heartbeats are written, "
        "by one task) and `tasksMax` to the partitions that are busy."
    ),
    link=STRIMZI_TASKS,
    tags=("mirrormaker", "connect", "load"),
    kinds=frozenset({MIRROR_MAKER, CONNECT}),
    thresholds=(REPLICAS,),
    check=_judge_hands,
)


def _judge_restart(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    if found.kind == CONNECTOR:
        yield from _judge_switch(found["spec"]["autoRestart"]["enabled"])
        return
    for mirror in found.reading(read_mirror_maker).mirrors:
        for connector in mirror.connectors():
            yield from _judge_switch(connector["autoRestart"]["enabled"])


def _judge_switch(setting: Field) -> Iterator[Remark]:
    if setting.is_unknown:
        yield Undecided(setting, "it can be judged once it is known")
    elif is_true(setting, default=False) is not True:
        yield Violation(
            setting,
            "autoRestart is off: after one failure, be it of the network, the connector or its task "
            "stays failed until somebody looks. Write enabled: true",
        )


AUTO_RESTART: Final = ObjectRule(
    id="auto-restart-on",
    title="Connectors restart by themselves after a failure",
    family=Family.WORKERS,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    why=(
        "A failed task leaves the resource Ready: without `autoRestart` a flow that lost its cluster "
        "for a minute stands still from then on."
    ),
    fix="Write `autoRestart: {enabled: true}` into each connector.",
    link=STRIMZI_CONNECTORS,
    tags=("mirrormaker", "connectors"),
    kinds=frozenset({MIRROR_MAKER, CONNECTOR}),
    check=_judge_restart,
)


def _judge_exactly_once(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    if maker.target is None:
        return
    support = maker.target.config["exactly.once.source.support"]
    is_on = (support.text or "").strip().lower() == "enabled"
    for mirror in maker.mirrors:
        if mirror.connector(SOURCE_CONNECTOR).is_absent:
            continue
        config = mirror.connector(SOURCE_CONNECTOR)["config"]
        # The longer prefix wins (MirrorConnectorConfig.sourceConsumerConfig).
        longer = config["source.consumer.isolation.level"]
        isolation = config["consumer.isolation.level"] if longer.is_absent else longer
        required = (config["exactly.once.support"].text or "").strip().lower() == "required"
        if required and not is_on and not support.is_unknown:
            yield Violation(
                support,
                "a connector requires exactly-once and the workers do not offer it: it would fail at "
                "its start. Write exactly.once.source.support: enabled into the target's config",
            )
        if is_on and isolation.is_unknown:
            yield Undecided(
                isolation, "whether exactly-once is complete can be told once it is known"
            )
        elif is_on and (isolation.text or "").strip().lower() != "read_committed":
            yield Violation(
                isolation,
                "the workers write exactly once and the connector reads uncommitted records: given-up "
                "transactions would arrive as if they had been committed. Write "
                "consumer.isolation.level: read_committed",
            )


EXACTLY_ONCE: Final = ObjectRule(
    id="exactly-once-complete",
    title="Exactly-once is set up on both sides or not at all",
    family=Family.WORKERS,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "Half of the settings look like exactly-once and are not: records of transactions that were "
        "given up are copied, or the connector fails at its start."
    ),
    fix=(
        "Write `exactly.once.source.support: enabled` into the target's `config` and "
        "`consumer.isolation.level: read_committed` into the source connector's."
    ),
    link=KAFKA_REPLICATION,
    tags=("mirrormaker", "transactions"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(_judge_exactly_once),
)

RULES: Final = (SOURCE_CONNECTOR_PRESENT, HANDS, AUTO_RESTART, EXACTLY_ONCE)
