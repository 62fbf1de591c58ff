"""No cluster can hold more copies than it has brokers, nor wait for more than it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mirror_policies.durability.factors import Factor, mirror_factors
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.kafka import (
    EVENT_STREAMS,
    KAFKA,
    NODE_POOL,
    TOPIC,
    ShownKafka,
    brokers_section,
    shown_kafkas,
)
from mirror_policies.reading.mirror_maker import MIRROR_MAKER, KafkaEnd, read_mirror_maker
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

BROKER_SETTINGS: Final = {
    "default.replication.factor": (1, "new topics could not be created"),
    "min.insync.replicas": (1, "no producer with acks=all could write"),
    "offsets.topic.replication.factor": (3, "no consumer group could start"),
    "transaction.state.log.replication.factor": (3, "no transaction could start"),
    "transaction.state.log.min.isr": (2, "no transaction could be written"),
}
"""By broker setting: Kafka's default (4.3) and what follows if the brokers are too few."""


def check(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    """Compare every number of copies with the brokers of the cluster it is asked of."""
    kafkas = shown_kafkas(stack)
    for kafka in kafkas:
        yield from _of_kafka(kafka)
    yield from _of_topics(stack, kafkas)
    for found in stack.of_kind(MIRROR_MAKER):
        yield from _of_mirror_maker(found, kafkas)


def _of_kafka(kafka: ShownKafka) -> Iterator[Remark]:
    if kafka.declared is None:
        return
    for key, (default, consequence) in BROKER_SETTINGS.items():
        factor = Factor(brokers_section(kafka.declared)["config"][key], default)
        yield from _compare(factor, kafka, consequence)


def _of_topics(stack: Stack, kafkas: Sequence[ShownKafka]) -> Iterator[Remark]:
    by_place = {(kafka.site, kafka.namespace, kafka.name): kafka for kafka in kafkas}
    for topic in stack.of_kind(TOPIC):
        kafka = by_place.get((topic.site, topic.namespace, topic.kafka_name))
        if kafka is not None:
            factor = Factor(topic["spec"]["replicas"], 1)
            yield from _compare(factor, kafka, "the topic could not be created")


def _of_mirror_maker(found: KubernetesObject, kafkas: Sequence[ShownKafka]) -> Iterator[Remark]:
    maker = read_mirror_maker(found)
    if maker.target is None:
        return
    kafka = _target(found, maker.target, kafkas)
    if kafka is None:
        return
    for factor in mirror_factors(maker):
        # One that is not set has a rule of its own: replication-factor-declared.
        if factor.is_at_target and not factor.field.is_absent:
            yield from _compare(factor, kafka, "the flow could not create its topics")


def _target(
    found: KubernetesObject, end: KafkaEnd, kafkas: Sequence[ShownKafka]
) -> ShownKafka | None:
    """Return the Kafka that a MirrorMaker writes to, if the stack shows exactly one that fits."""
    beside = [k for k in kafkas if (k.site, k.namespace) == (found.site, found.namespace)]
    addresses = end.bootstrap_servers.text
    if addresses is None:
        # An address that comes from a listener's status is known only after deployment. A
        # MirrorMaker runs in its target's namespace, so one cluster alone in there is the target.
        return beside[0] if end.bootstrap_servers.is_unknown and len(beside) == 1 else None
    fitting = [k for k in kafkas if k.is_at(addresses, seen_from=found)]
    # Two Kubernetes clusters may hold namesakes: the address of a service means the near one.
    fitting = [k for k in fitting if k.site == found.site] or fitting
    return fitting[0] if len(fitting) == 1 else None


def _compare(factor: Factor, kafka: ShownKafka, consequence: str) -> Iterator[Remark]:
    if kafka.brokers is None:
        return
    wanted, key = factor.effective, factor.field.key
    if factor.field.is_unknown:
        yield Undecided(factor.field, f"it can be compared with {kafka.title} once it is known")
    elif wanted is not None and wanted > kafka.brokers:
        said = f"is not set, so {wanted} applies" if factor.field.is_absent else f"is {wanted}"
        yield Violation(
            factor.field,
            f"{key} {said}, {kafka.title} has {kafka.brokers_said}: {consequence}. "
            f"Write {kafka.brokers} or less, or add brokers",
        )


RULE: Final = StackRule(
    id="replication-factor-fits-brokers",
    title="No replication factor is higher than the number of brokers",
    family=Family.DURABILITY,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "A cluster cannot hold more copies than it has brokers: the topic is never created, and a "
        "flow, a consumer group or a transaction that needs it waits for ever."
    ),
    fix=(
        "Lower the factor to the number of brokers (the sum of `replicas` of the node pools with "
        "role `broker`), or add brokers; on a single broker set Kafka's internal topics to 1."
    ),
    link="https://kafka.apache.org/documentation/#brokerconfigs",
    tags=("mirrormaker", "kafka", "topic", "replication-factor"),
    kinds=frozenset({KAFKA, EVENT_STREAMS, NODE_POOL, TOPIC, MIRROR_MAKER}),
    check=check,
)
