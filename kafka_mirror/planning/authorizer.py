"""What several rights allow together, as Kafka's ``StandardAuthorizer`` reads them.

``Read``, ``Write``, ``Delete`` and ``Alter`` bring ``Describe``, ``AlterConfigs`` brings ``DescribeConfigs``, and
``All`` brings everything. A denial beats every allowance, wherever it stands, but takes its own operations only: who may
read and never describe may read what it knows the place of. Checked against real brokers by ``tests/lab/rights``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from kafka_mirror.planning.rights import ANY_HOST, Resource, Right
from kafka_mirror.topology.acls import OPERATIONS, Operation

_IMPLIED: Final[dict[Operation, frozenset[Operation]]] = {
    "Read": frozenset({"Describe"}),
    "Write": frozenset({"Describe"}),
    "Delete": frozenset({"Describe"}),
    "Alter": frozenset({"Describe"}),
    "AlterConfigs": frozenset({"DescribeConfigs"}),
}


def every_operation(right: Right) -> tuple[Operation, ...]:
    """Return the operations of a right one by one: ``All`` stands for every one that its resource knows."""
    if "All" not in right.operations:
        return right.operations
    return tuple(one for one in OPERATIONS[right.resource.type] if one != "All")


class _Granted:
    """What rights allow, by resource: the exact one, and the few that are about several names."""

    def __init__(self, rights: Iterable[Right]) -> None:
        self.by_resource: dict[Resource, set[Operation]] = defaultdict(set)
        self._denials: list[Right] = []
        for right in rights:
            if right.type == "deny":
                self._denials.append(right)
            elif right.host == ANY_HOST:
                self.by_resource[right.resource].update(every_operation(right))
        self._wide = [one for one in self.by_resource if one.is_wide]

    def by_others(self, resource: Resource) -> set[Operation]:
        """Return what is allowed on a resource by rights on wider ones, whatever they imply too."""
        return with_implied(
            operation
            for other in self._wide
            if other != resource and other.covers(resource)
            for operation in self.by_resource[other]
        )

    def on(self, resource: Resource) -> set[Operation]:
        """Return everything that is allowed on a resource, as far as nothing denies it."""
        own = self.by_resource.get(resource, set())
        return with_implied(own) | self.by_others(resource)

    def denied(self, resource: Resource) -> set[Operation]:
        """Return what is denied on a resource, or on some of the names that it stands for."""
        return {
            operation
            for one in self._denials
            if one.resource.covers(resource) or resource.covers(one.resource)
            for operation in every_operation(one)
        }


def with_implied(operations: Iterable[Operation]) -> set[Operation]:
    """Return operations with those that they bring along."""
    own = set(operations)
    return own | {one for operation in own for one in _IMPLIED.get(operation, frozenset())}


def _without_implied(operations: set[Operation]) -> set[Operation]:
    return {
        one
        for one in operations
        if not any(one in _IMPLIED.get(other, frozenset()) for other in operations)
    }


def merged(rights: Iterable[Right]) -> tuple[Right, ...]:
    """Return the rights of roles sorted, one per resource, without what another resource grants already."""
    granted = _Granted(rights)
    kept = []
    for resource, own in granted.by_resource.items():
        needed = _without_implied(own) - granted.by_others(resource)
        if needed:
            kept.append(Right(resource, tuple(sorted(needed))))
    return tuple(sorted(kept))


def missing(needed: Iterable[Right], granted: Iterable[Right]) -> tuple[Right, ...]:
    """Return what of `needed` no granted right covers, sorted.

    Where a worker will run is not known here, so an allowance for one host does not count, and a denial for
    one host does.
    """
    held = _Granted(granted)
    lacking = []
    for right in needed:
        allowed, denied = held.on(right.resource), held.denied(right.resource)
        operations = tuple(
            one for one in right.operations if one not in allowed or one in denied
        ) + tuple(sorted((with_implied(right.operations) & denied) - set(right.operations)))
        if operations:
            lacking.append(Right(right.resource, operations))
    return tuple(sorted(lacking))
