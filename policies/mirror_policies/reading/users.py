"""What a KafkaUser may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kafka_mirror.mirrormaker.patterns import Covering
from mirror_policies.fields import Field
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.kafka import ShownKafka
from mirror_policies.reading.mirror_maker import (
    CONNECT,
    MIRROR_MAKER,
    KafkaEnd,
    read_mirror_maker,
)

USER: Final = "KafkaUser"
EVERY: Final = "*"

_IMPLIED: Final = {
    "Read": "Describe",
    "Write": "Describe",
    "Delete": "Describe",
    "Alter": "Describe",
    "AlterConfigs": "DescribeConfigs",
}
"""What the authorizer grants along with an operation (``AclAuthorizer``, Kafka 4.3)."""


@dataclass(frozen=True, slots=True)
class Acl:
    """One entry of a user's rights; operations are as Kafka writes them."""

    field: Field
    type: str
    name: str
    is_prefix: bool
    operations: frozenset[str]
    is_allowing: bool

    def covers(self, needed: Covering) -> bool:
        """Tell whether the entry is about every name that `needed` stands for."""
        if self.is_prefix:
            return needed.start.startswith(self.name)
        return self.name == EVERY or (needed.is_exact and self.name == needed.start)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a user may do.

    Attributes:
        field: Where the entries stand.
        acls: The entries; what is malformed is left out.
        is_known: Whether no entry is unknown or denies something.
    """

    field: Field
    acls: tuple[Acl, ...]
    is_known: bool

    def on(self, kind: str, needed: Covering) -> frozenset[str]:
        """Return the operations that are allowed on every name `needed` stands for."""
        granted: set[str] = set()
        for acl in self.acls:
            if acl.is_allowing and acl.type == kind and acl.covers(needed):
                granted |= acl.operations
            elif acl.is_allowing and (kind, acl.type) == ("topic", "cluster"):
                # Create on the cluster stands in for Create on each topic.
                granted |= acl.operations & {"Create", "All"}
        return frozenset(granted | {_IMPLIED[one] for one in granted if one in _IMPLIED})

    def lacks(self, kind: str, needed: Covering, operations: Iterable[str]) -> tuple[str, ...]:
        """Return those of the operations that are not allowed."""
        granted = self.on(kind, needed)
        return () if "All" in granted else tuple(o for o in operations if o not in granted)


def rights_of(user: KubernetesObject) -> Rights:
    """Return what a KafkaUser may do, read once for all rules."""
    return user.reading(_read_rights)


def users_at(stack: Stack, kafka: ShownKafka) -> tuple[KubernetesObject, ...]:
    """Return the users of a Kafka that the stack shows."""
    place = (kafka.site, kafka.namespace, kafka.name)
    return stack.reading(_users_by_place).get(place, ())


def user_of(stack: Stack, end: KafkaEnd, kafka: ShownKafka | None) -> KubernetesObject | None:
    """Return the KafkaUser that an end logs in as, if the stack shows it."""
    if kafka is None:
        return None
    name = login_of(end)
    return next((user for user in users_at(stack, kafka) if name and user.name == name), None)


def login_of(end: KafkaEnd) -> str:
    """Return the name of the KafkaUser that an end logs in as; empty where it cannot be told."""
    authentication = end.authentication
    if authentication["type"].text == "tls":
        # The operators name the Secret with the certificate after the user.
        return authentication["certificateAndKey"]["secretName"].text or ""
    return authentication["username"].text or ""


def worker_logins(stack: Stack) -> frozenset[str]:
    """Return the users that are those of workers and of no application, and those that may be.

    A certificate of others is in a Secret of any name: who shows it cannot be told.
    """
    return stack.reading(_worker_logins)


def _worker_logins(stack: Stack) -> frozenset[str]:
    workers = (*stack.of_kind(MIRROR_MAKER), *stack.of_kind(CONNECT))
    ends = [end for worker in workers for end in worker.reading(read_mirror_maker).ends]
    logins = frozenset(map(login_of, ends))
    certificates = {login_of(one) for one in ends if one.authentication["type"].text == "tls"}
    users = {user.name: user["spec"]["authentication"]["type"].text for user in stack.of_kind(USER)}
    if certificates <= users.keys():
        return logins
    return logins | {name for name, kind in users.items() if kind == "tls-external"}


def _users_by_place(
    stack: Stack,
) -> dict[tuple[str, str, str], tuple[KubernetesObject, ...]]:
    by_place: dict[tuple[str, str, str], list[KubernetesObject]] = {}
    for user in stack.of_kind(USER):
        by_place.setdefault((user.site, user.namespace, user.kafka_name), []).append(user)
    return {place: tuple(users) for place, users in by_place.items()}


def _read_rights(user: KubernetesObject) -> Rights:
    acls = user["spec"]["authorization"]["acls"]
    read = tuple(_read(entry) for entry in acls.elements())
    is_known = not acls.is_unknown and all(
        not entry.is_unknown and acl.is_allowing and UNREAD not in acl.operations
        for entry, acl in zip(acls.elements(), read, strict=True)
    )
    return Rights(acls, read, is_known)


UNREAD: Final = "?"
"""Stands for an operation, or a name, that is not known."""


def _read(entry: Field) -> Acl:
    resource = entry["resource"]
    listed = [*entry["operations"].elements()]
    if not entry["operation"].is_absent:
        listed.append(entry["operation"])
    operations = {operation.text or UNREAD for operation in listed}
    if any(
        part.is_unknown for part in (entry, entry["operations"], resource["name"], resource["type"])
    ):
        operations.add(UNREAD)
    return Acl(
        field=entry,
        type=resource["type"].text or "",
        name=resource["name"].text or "",
        is_prefix=resource["patternType"].text == "prefix",
        operations=frozenset(operations),
        is_allowing=(entry["type"].text or "allow") == "allow",
    )
