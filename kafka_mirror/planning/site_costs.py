"""What a change of a Kafka, its nodes or one of its users costs those who use it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from kafka_mirror.mirrormaker import keys
from kafka_mirror.planning.authorizer import with_implied
from kafka_mirror.planning.properties import mapping_in
from kafka_mirror.planning.restart_costs import Change, Cost
from kafka_mirror.planning.rights import Resource
from kafka_mirror.topology.acls import Operation, ResourceType

_COPIES: Final = "default.replication.factor"
_TOLD: Final = 3

_UNKNOWN: Final = cast("Operation", "[unknown]")
"""What stands for a value that is not known yet, in the place of any."""


@dataclass(frozen=True, slots=True)
class _Right:
    """An operation that a rule of a KafkaUser is about."""

    resource: Resource
    operation: Operation

    def __str__(self) -> str:
        """As a message has it."""
        star = "*" if self.resource.pattern_type == "prefix" else ""
        return f"{self.operation} on {self.resource.type} {self.resource.name}{star}"

    def covers(self, other: _Right) -> bool:
        """Tell whether whoever has this one has the other too, as the standard authorizer sees it."""
        is_brought = self.operation == "All" or other.operation in with_implied({self.operation})
        return is_brought and self.resource.covers(other.resource)


def nodes_cost(change: Change) -> Cost:
    """Return the cost of nodes that restart one after another; the operator waits for each to be in sync."""
    if change.nodes == 1:
        return Cost(
            what="restarts its only node",
            cost="the site does not answer meanwhile; clients and flows wait, and go on when it is back",
        )
    whose = "every Kafka node" if change.nodes is None else f"its {change.nodes} nodes"
    return Cost(what=f"restarts {whose}, one after another", cost=_writable(change))


def _writable(change: Change) -> str:
    settings = mapping_in(_cluster(change.before), "kafka", "config")
    copies, in_sync = settings.get(_COPIES), settings.get(keys.MIN_INSYNC_REPLICAS)
    if not isinstance(copies, int) or not isinstance(in_sync, int):
        return "clients reconnect; what has no copy elsewhere does not answer meanwhile"
    if copies > in_sync:
        return f"clients reconnect; topics with {copies} copies, {in_sync} of them in sync, are read and written"
    return (
        f"clients reconnect; topics with {copies} copies that need {in_sync} in sync take no writes while one of "
        "their nodes is away"
    )


def node_count(properties: Mapping[str, Any]) -> int | None:
    """Return how many nodes a node pool, or an EventStreams with its pools inside, has; None if it does not say."""
    counts = [pool.get("replicas") for pool in _pools(properties)]
    known = [count for count in counts if isinstance(count, int)]
    return sum(known) if known else None


def _cluster(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what describes a cluster: an EventStreams says it all a level further down."""
    spec = mapping_in(properties, "spec")
    return mapping_in(spec, "strimziOverrides") or spec


def _pools(properties: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    cluster = _cluster(properties)
    inside = cluster.get("nodePools")
    if not isinstance(inside, list | tuple):
        return (cluster,)
    return tuple(pool for pool in inside if isinstance(pool, Mapping))


def _pool(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(iter(_pools(properties)), {})


def pool_size_cost(change: Change) -> Cost:
    """Return the cost of another number of nodes.

    Source: the list of ``controller.quorum.voters`` is in every node's configuration; "Scaling controller nodes
    in node pools is currently not supported" (``con-config-node-pool-roles.adoc``, Strimzi 1.2).
    """
    before, after = _pool(change.before), _pool(change.after)
    what = f"gets {after.get('replicas')} nodes instead of {before.get('replicas')}"
    if "controller" not in before.get("roles", ()):
        return Cost(
            what=what,
            cost="no node restarts; topics stay where they are until their partitions are reassigned",
        )
    return Cost(
        what=what,
        cost="they are controllers too, and another number of controllers is not supported in a cluster that "
        "runs: every node restarts, and the quorum may be lost",
    )


def lost_rights(change: Change) -> Cost | None:
    """Return what a user may not do any longer, at once and without logging in again; None if it keeps all."""
    left = tuple(_rights(change.after, "allow"))
    denied, denied_before = (tuple(_rights(one, "deny")) for one in (change.after, change.before))
    if any(right.operation == _UNKNOWN for right in (*left, *denied)):
        return None
    lost = {old for old in _rights(change.before, "allow") if not _is_among(old, left)}
    gone = sorted(
        str(one) for one in {*lost, *(n for n in denied if not _is_among(n, denied_before))}
    )
    if not gone:
        return None
    more = f" and {len(gone) - _TOLD} more" if len(gone) > _TOLD else ""
    return Cost(
        what="loses rights",
        cost=f"whoever uses it is refused at once: {', '.join(gone[:_TOLD])}{more}",
    )


def _is_among(right: _Right, others: Iterable[_Right]) -> bool:
    return any(other.covers(right) for other in others)


def _rights(properties: Mapping[str, Any], type_: str) -> Iterator[_Right]:
    """Yield what the rules of a type, ``allow`` or ``deny``, are about."""
    for rule in mapping_in(properties, "spec", "authorization").get("acls", ()):
        if not isinstance(rule, Mapping):
            yield _Right(Resource("topic", ""), _UNKNOWN)
            continue
        if rule.get("type", "allow") != type_:
            continue
        written = mapping_in(rule, "resource")
        resource = Resource(
            cast("ResourceType", str(written.get("type"))),
            str(written.get("name", "")),
            "prefix" if written.get("patternType") == "prefix" else "literal",
        )
        for operation in rule.get("operations", ()):
            yield _Right(resource, cast("Operation", str(operation)))
