"""What a fence takes from a user: whatever lets it write, or give itself that right again.

- ``Write`` on topics. Idempotent writing needs no right of its own: without ``Write`` on any topic the broker gives no
  producer id either; ``IdempotentWrite`` on the cluster goes all the same.
- ``Write`` on transactional ids: a transaction that is open could still be committed, and what was written in it before
  would appear after the fence. Now Kafka aborts it when its ``transaction.timeout.ms`` ends.
- ``Alter`` and ``ClusterAction`` on the cluster, which only a user's own ACLs can grant: with the one it could grant itself
  any right or take another user's password, with the other act as a broker.

Reading, committing and administering topics go on, and denials stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from kafka_mirror.planning.authorizer import every_operation
from kafka_mirror.planning.rights import Right
from kafka_mirror.topology.acls import Operation, ResourceType

_TAKEN: Final[dict[ResourceType, frozenset[Operation]]] = {
    "topic": frozenset({"Write"}),
    "transactionalId": frozenset({"Write"}),
    "cluster": frozenset({"IdempotentWrite", "Alter", "ClusterAction"}),
}


def without_writing(rights: Iterable[Right]) -> tuple[Right, ...]:
    """Return what a fenced user keeps."""
    kept = (right if right.type == "deny" else _fenced(right) for right in rights)
    return tuple(right for right in kept if right.operations)


def _fenced(right: Right) -> Right:
    taken = _TAKEN.get(right.resource.type, frozenset())
    if not taken & set(every_operation(right)):
        return right
    kept = tuple(one for one in every_operation(right) if one not in taken)
    return replace(right, operations=kept)
