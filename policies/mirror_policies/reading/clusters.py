"""Which Kafka cluster the end of a mirror is, as far as a stack shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mirror_policies.fields import Field
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.hosts import hosts_of, is_service
from mirror_policies.reading.kafka import ShownKafka, shown_kafkas
from mirror_policies.reading.mirror_maker import (
    MIRROR_MAKER,
    KafkaEnd,
    Mirror,
    MirrorMaker,
    read_mirror_maker,
)


@dataclass(frozen=True, eq=False)
class Cluster:
    """One end of a mirror.

    Attributes:
        alias: Its name there; empty where it is not known.
        end: How MirrorMaker connects to it; None if that cannot be told.
        kafka: The cluster among the objects of the stack, if it is there.
        site: What the output ``sites`` says of it, if anything.
    """

    alias: str
    end: KafkaEnd | None
    kafka: ShownKafka | None
    site: Field | None

    @property
    def is_shown(self) -> bool:
        """Tell whether anything is known of the cluster but how to connect to it."""
        return self.kafka is not None or self.site is not None


@dataclass(frozen=True, eq=False)
class Flow:
    """One mirror of a KafkaMirrorMaker2 with both its ends."""

    owner: KubernetesObject
    maker: MirrorMaker
    mirror: Mirror
    source: Cluster
    target: Cluster

    @property
    def is_running(self) -> bool:
        """Tell whether records are, or may at any time be, copied: by workers, and a connector on."""
        return self.mirror.is_running and self.owner["spec"]["replicas"].integer != 0

    @property
    def aliases(self) -> tuple[Field, ...]:
        """Return where the names of its clusters stand."""
        target = () if self.maker.target is None else (self.maker.target.alias,)
        return (self.mirror.source_alias, *target)


def flows_of(stack: Stack) -> tuple[Flow, ...]:
    """Return every mirror of the stack, in stack order."""
    return stack.reading(_read_flows)


def kafka_at(stack: Stack, found: KubernetesObject, end: KafkaEnd) -> ShownKafka | None:
    """Return the Kafka that an end leads to by its address, if the stack shows exactly one that fits."""
    addresses = end.bootstrap_servers.text
    if addresses is None:
        return None
    kafkas = stack.reading(shown_kafkas)
    fitting = [k for k in kafkas if k.is_at(addresses, seen_from=found)]
    if any(is_service(host) for host in hosts_of(addresses)):
        # Two Kubernetes clusters may hold namesakes: the address of a service means the near one.
        fitting = [k for k in fitting if k.site == found.site] or fitting
    return fitting[0] if len(fitting) == 1 else None


def target_of(stack: Stack, found: KubernetesObject, maker: MirrorMaker) -> Cluster:
    """Return the cluster a MirrorMaker writes to."""
    end = maker.target
    cluster = _cluster(stack, found, end, "" if end is None else end.alias.text or "")
    if cluster.kafka is None and end is not None and _is_unsaid(end.bootstrap_servers):
        # An address that comes from a listener's status is known only after deployment. A
        # MirrorMaker runs in its target's namespace, so one cluster alone in there is the target.
        place = (found.site, found.namespace)
        beside = [k for k in stack.reading(shown_kafkas) if (k.site, k.namespace) == place]
        if len(beside) == 1:
            return Cluster(cluster.alias, end, beside[0], cluster.site)
    return cluster


def _is_unsaid(place: Field) -> bool:
    return place.is_unknown or place.is_absent


def worked_on(stack: Stack, found: KubernetesObject) -> ShownKafka | None:
    """Return the cluster in which the workers of a MirrorMaker or Connect keep their place."""
    maker = found.reading(read_mirror_maker)
    if found.kind == MIRROR_MAKER:
        return target_of(stack, found, maker).kafka
    return kafka_at(stack, found, maker.ends[0]) if maker.ends else None


def _read_flows(stack: Stack) -> tuple[Flow, ...]:
    return tuple(_flows(stack))


def _flows(stack: Stack) -> Iterator[Flow]:
    for found in stack.of_kind(MIRROR_MAKER):
        maker = found.reading(read_mirror_maker)
        target = target_of(stack, found, maker)
        for mirror in maker.mirrors:
            source = _cluster(stack, found, mirror.source, mirror.source_alias.text or "")
            yield Flow(found, maker, mirror, source, target)


def _cluster(stack: Stack, found: KubernetesObject, end: KafkaEnd | None, alias: str) -> Cluster:
    kafka = None if end is None else kafka_at(stack, found, end)
    site = stack.sites.get(alias)
    if kafka is None and site is not None:
        place = (site["namespace"].text or "", site["kafka"].text or "")
        named = [k for k in stack.reading(shown_kafkas) if (k.namespace, k.name) == place]
        kafka = named[0] if len(named) == 1 else None
    return Cluster(alias, end, kafka, site)
