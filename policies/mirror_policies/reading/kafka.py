"""What Kafka clusters a stack shows: their settings and how many brokers they have.

A cluster shows itself as a ``Kafka`` (or ``EventStreams``) object, as node pools that carry its
label, or as both. Brokers are counted from the pools, else from the object itself, as up to the
v1beta2 API without node pools.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from mirror_policies.fields import Field
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.hosts import hosts_of

KAFKA: Final = "Kafka"
EVENT_STREAMS: Final = "EventStreams"
NODE_POOL: Final = "KafkaNodePool"
TOPIC: Final = "KafkaTopic"

_HAS_POOLS: Final = "strimzi.io/node-pools"
"""With this annotation (Strimzi 0.36 to 0.47) the brokers are pools, shown or not."""


@dataclass(frozen=True, eq=False)
class ShownKafka:
    """One Kafka cluster that a stack shows.

    Attributes:
        site: Which Kubernetes cluster it is in.
        namespace: Its namespace.
        name: Its name, as the label on its pools and topics says it.
        declared: The object that declares it; None if only pools are shown.
        pools: Its node pools: those of their own, or those inside an EventStreams.
    """

    site: str
    namespace: str
    name: str
    declared: KubernetesObject | None
    pools: tuple[tuple[str, Field], ...]

    @property
    def title(self) -> str:
        """Return how messages call it."""
        return f"Kafka {self.namespace}/{self.name}" if self.namespace else f"Kafka {self.name}"

    @cached_property
    def brokers(self) -> int | None:
        """Return how many brokers it has; None if the stack shows none, or not yet how many."""
        counts = self._counts()
        known = [count for _, count in counts if count is not None]
        return sum(known) or None if len(known) == len(counts) else None

    @property
    def brokers_said(self) -> str:
        """Return the number of brokers and where it was read, for a message."""
        where = ", ".join(f"{name}: {count}" for name, count in self._counts() if count)
        return f"{self.brokers} broker{'' if self.brokers == 1 else 's'} ({where})"

    def unknown_counts(self) -> Iterator[Field]:
        """Yield what is not known yet of the number of brokers."""
        if not self.pools and self.declared is not None:
            replicas = brokers_section(self.declared)["replicas"]
            yield from (replicas,) if replicas.is_unknown else ()
        for _, pool in self.pools:
            parts = (pool["replicas"], pool["roles"], *pool["roles"].elements())
            yield from (part.outermost_unknown for part in parts if part.is_unknown)

    def is_at(self, bootstrap_servers: str, *, seen_from: KubernetesObject) -> bool:
        """Tell whether one of these ``host:port`` addresses is known to lead here.

        True for the addresses that its status shows and the hosts that its listeners are given, for
        the names of its services, the short ones only in its own namespace, and for the host names that
        the operators give to its routes.
        """
        addresses = {address.strip() for address in bootstrap_servers.split(",")}
        if addresses & set(self._status_addresses()):
            return True
        if not self._given_hosts.isdisjoint(hosts_of(bootstrap_servers)):
            return True
        is_near = (seen_from.site, seen_from.namespace) == (self.site, self.namespace)
        return any(self._is_named_in(h, is_near=is_near) for h in hosts_of(bootstrap_servers))

    def _counts(self) -> list[tuple[str, int | None]]:
        if self.pools:
            return [(f"{NODE_POOL} {name}", _brokers_of(pool)) for name, pool in self.pools]
        if self.declared is None or self.declared.annotations[_HAS_POOLS].text == "enabled":
            return []
        replicas = brokers_section(self.declared)["replicas"]
        return [(replicas.path, _count(replicas))]

    def _status_addresses(self) -> Iterator[str]:
        if self.declared is None:
            return
        status = self.declared["status"]
        for key in ("listeners", "kafkaListeners"):  # the latter of an EventStreams
            for listener in status[key].elements():
                yield from (listener["bootstrapServers"].text or "").split(",")

    def has_service(self, host: str) -> bool:
        """Tell whether a short name is that of one of its services."""
        return re.fullmatch(_service(self.name), host) is not None

    @cached_property
    def _given_hosts(self) -> frozenset[str]:
        if self.declared is None:
            return frozenset()
        hosts: set[str] = set()
        for listener in brokers_section(self.declared)["listeners"].elements():
            configuration = listener["configuration"]
            places = [configuration["bootstrap"]["host"]]
            places += configuration["bootstrap"]["alternativeNames"].elements()
            for broker in configuration["brokers"].elements():
                places += [broker["host"], broker["advertisedHost"]]
            hosts.update(place.text for place in places if place.text)
        return frozenset(hosts)

    def _is_named_in(self, host: str, *, is_near: bool) -> bool:
        namespace = re.escape(self.namespace)
        service = _service(self.name)
        inside = rf"{service}\.{namespace}(?:\.svc(?:\..+)?)?"
        route = rf"{service}-{namespace}\..+"
        if is_near and re.fullmatch(service, host):
            return True
        return re.fullmatch(f"{inside}|{route}", host) is not None


def _service(kafka: str) -> str:
    return rf"{re.escape(kafka)}-kafka-(?:[a-z0-9]+-)?(?:bootstrap|brokers)"


def shown_kafkas(stack: Stack) -> tuple[ShownKafka, ...]:
    """Return every Kafka cluster the stack shows, by site, namespace and name."""
    declared: dict[tuple[str, str, str], KubernetesObject] = {}
    pools: dict[tuple[str, str, str], list[tuple[str, Field]]] = {}
    for found in stack.of_kind(KAFKA, EVENT_STREAMS):
        if found.name:
            key = (found.site, found.namespace, found.name)
            declared.setdefault(key, found)
            for inside in found["spec"]["strimziOverrides"]["nodePools"].elements():
                pools.setdefault(key, []).append((inside["name"].text or "?", inside))
    for found in stack.of_kind(NODE_POOL):
        if found.kafka_name:
            key = (found.site, found.namespace, found.kafka_name)
            pools.setdefault(key, []).append((found.name, found["spec"]))
    return tuple(
        ShownKafka(*key, declared=declared.get(key), pools=tuple(pools.get(key, ())))
        for key in sorted({*declared, *pools})
    )


def brokers_section(declared: KubernetesObject) -> Field:
    """Return the section of a Kafka or EventStreams that is about its brokers."""
    if declared.kind == EVENT_STREAMS:
        return declared["spec"]["strimziOverrides"]["kafka"]
    return declared["spec"]["kafka"]


def _brokers_of(pool: Field) -> int | None:
    roles = pool["roles"]
    if not roles.is_list or any(role.is_unknown for role in roles.elements()):
        return None
    is_broker = "broker" in [role.text for role in roles.elements()]
    return _count(pool["replicas"]) if is_broker else 0


def _count(replicas: Field) -> int | None:
    return replicas.integer if replicas.integer is not None and replicas.integer >= 0 else None


def topic_name(topic: KubernetesObject) -> str:
    """Return the name that Kafka knows a KafkaTopic by."""
    return topic["spec"]["topicName"].text or topic.name


def topics_at(stack: Stack, kafka: ShownKafka) -> Mapping[str, KubernetesObject]:
    """Return the topics of a Kafka that the stack shows, by the name that Kafka knows."""
    place = (kafka.site, kafka.namespace, kafka.name)
    return stack.reading(_topics_by_place).get(place, {})


def _topics_by_place(
    stack: Stack,
) -> dict[tuple[str, str, str], dict[str, KubernetesObject]]:
    by_place: dict[tuple[str, str, str], dict[str, KubernetesObject]] = {}
    for topic in stack.of_kind(TOPIC):
        here = by_place.setdefault((topic.site, topic.namespace, topic.kafka_name), {})
        here.setdefault(topic_name(topic), topic)
    return by_place
