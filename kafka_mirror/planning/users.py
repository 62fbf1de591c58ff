"""A user on one site, and everything it may do there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kafka_mirror.planning.authorizer import merged
from kafka_mirror.planning.credentials import UserProof
from kafka_mirror.planning.fences import without_writing
from kafka_mirror.planning.rights import Right
from kafka_mirror.planning.roles import rights_written
from kafka_mirror.topology import Acl, UserName
from kafka_mirror.topology.quotas import Quotas


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPlan:
    """A user on one site and what it may do there.

    Attributes:
        rights: Those of its roles, merged and sorted, then its own ACLs as they were written; what is left of them,
            if it is fenced.
        proof: How it says who it is.
        fenced: Whether it may write nothing there for now.
        quotas: How much it may ask of each broker; everything if absent.
    """

    name: UserName
    rights: tuple[Right, ...]
    proof: UserProof
    fenced: bool = False
    quotas: Quotas | None = None


def plan_user(
    name: UserName,
    *,
    of_roles: Iterable[Right],
    acls: Iterable[Acl],
    proof: UserProof,
    fenced: bool,
    quotas: Quotas | None,
) -> UserPlan:
    """Return the plan of a user, from the rights of its roles and its own ACLs."""
    roles, own = tuple(of_roles), rights_written(acls)
    if fenced:
        roles, own = without_writing(roles), without_writing(own)
    return UserPlan(
        name=name, rights=(*merged(roles), *own), proof=proof, fenced=fenced, quotas=quotas
    )
