"""No cluster can hold more copies than it has brokers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mirror_policies.durability.factors import Factor, mirror_factors
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.clusters import target_of
from mirror_policies.reading.kafka import (
    EVENT_STREAMS,
    KAFKA,
    NODE_POOL,
    TOPIC,
    ShownKafka,
    brokers_section,
    shown_kafkas,
)
from mirror_policies.reading.mirror_maker import MIRROR_MAKER, read_mirror_maker
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

TRANSACTIONS: Final = "transaction.state.log.replication.factor"
BROKER_SETTINGS: Final = {
    "default.replication.factor": (1, "new topics could not be created"),
    "offsets.topic.replication.factor": (3, "no consumer group could start"),
    TRANSACTIONS: (3, "no transaction could start"),
    "transaction.state.log.min.isr": (1, "the operator refuses the cluster"),
}
"""By broker setting: Kafka's default (4.3) and what follows if the brokers are too few.

Of ``min.isr`` brokers never want more than there are copies (``Partition.effectiveMinIsr``), so its default
of 2 hurts nowhere; the operator compares one that is written (``KafkaCluster.validateIntConfigProperty``).
"""


def check(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    """Compare every number of copies with the brokers of the cluster it is asked of."""
    kafkas = stack.reading(shown_kafkas)
    for kafka in kafkas:
        for unknown in kafka.unknown_counts():
            yield Undecided(
                unknown, f"how many copies {kafka.title} can hold can be told once it is known"
            )
        yield from _of_kafka(kafka)
    yield from _of_topics(stack, kafkas)
    for found in stack.of_kind(MIRROR_MAKER):
        yield from _of_mirror_maker(stack, found)


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


def _of_mirror_maker(stack: Stack, found: KubernetesObject) -> Iterator[Remark]:
    maker = found.reading(read_mirror_maker)
    kafka = target_of(stack, found, maker).kafka
    if kafka is None:
        return
    for factor in mirror_factors(maker):
        # One that is not set has a rule of its own: replication-factor-declared.
        if factor.is_at_target and not factor.field.is_absent:
            yield from _compare(factor, kafka, "the flow could not create its topics")


def _compare(factor: Factor, kafka: ShownKafka, consequence: str) -> Iterator[Remark]:
    if kafka.brokers is None:
        return
    wanted, key = factor.effective, factor.field.key
    if factor.field.is_unknown:
        yield Undecided(factor.field, f"it can be compared with {kafka.title} once it is known")
    elif wanted is not None and wanted > kafka.brokers:
        said = f"is not set, so {wanted} applies" if factor.field.is_absent else f"is {wanted}"
        message = (
            f"{key} {said}, {kafka.title} has {kafka.brokers_said}: {consequence}. "
            f"Write {kafka.brokers} or less, or add brokers"
        )
        # Whether anybody uses transactions there, nobody says.
        is_left_out = factor.field.is_absent and key == TRANSACTIONS
        yield (Undecided if is_left_out else Violation)(factor.field, message)


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
