"""Users of applications that move to the target at a failover, with all they may do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kafka_mirror.mirrormaker.name_sets import Names
from kafka_mirror.mirrormaker.patterns import Covering
from mirror_policies.fields import printable
from mirror_policies.links import STRIMZI_USERS
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.clusters import Flow, flows_of
from mirror_policies.reading.filters import mirrored_topics
from mirror_policies.reading.mirror_maker import MIRROR_MAKER, SOURCE_CONNECTOR
from mirror_policies.reading.topic_names import prefix_of, unknown_name_part
from mirror_policies.reading.users import USER, Acl, rights_of, users_at, worker_logins
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

_EVERY_OTHER: Final = {
    "topic": frozenset(
        {"Alter", "AlterConfigs", "Create", "Delete", "Describe", "DescribeConfigs", "Read"}
    ),
    "group": frozenset({"AlterConfigs", "Delete", "Describe", "DescribeConfigs", "Read"}),
    "transactionalId": frozenset({"Describe"}),
}
"""What ``All`` stands for but ``Write`` (``AclEntry.supportedOperations``, Kafka 4.3)."""

_APPLICATION_ROLES: Final = frozenset({"producer", "consumer", "transactional-producer"})


def _pairs(stack: Stack, flow: Flow) -> list[tuple[KubernetesObject, KubernetesObject | None]]:
    """Return each user of a flow's source that is no mirror's, with its namesake at the target."""
    if flow.source.kafka is None or flow.target.kafka is None:
        return []
    mirrors = worker_logins(stack)
    there = {user.name: user for user in users_at(stack, flow.target.kafka)}
    return [
        (user, there.get(user.name))
        for user in users_at(stack, flow.source.kafka)
        if user.name and user.name not in mirrors
    ]


def _judge_alike(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    for flow in flows_of(stack):
        topics = mirrored_topics(flow.mirror)
        pairs = [(user, there) for user, there in _pairs(stack, flow) if there is not None]
        if topics is None or not pairs or flow.mirror.connector(SOURCE_CONNECTOR).is_absent:
            continue
        unknown = unknown_name_part(flow)
        if unknown is not None:
            yield Undecided(unknown, "what a user reads at the target can be told once it is known")
            continue
        for user, replica in pairs:
            yield from _compare(flow, topics, user, replica)


def _compare(
    flow: Flow, topics: Names, user: KubernetesObject, replica: KubernetesObject
) -> Iterator[Remark]:
    place = rights_of(replica).field
    if not rights_of(replica).is_known:
        yield Undecided(place, "whether they are those of the source cannot be told")
        return
    prefix, may_write = prefix_of(flow.mirror, flow.source.alias), _may_write(replica)
    for acl in rights_of(user).acls:
        lacking = _lacking(acl, prefix, topics, replica, may_write=may_write)
        if lacking:
            yield Violation(
                place,
                f"at {printable(flow.source.alias)} this user may {lacking}, here it may not: after "
                "a failover its application would be refused. Grant the same here",
            )


def _lacking(
    acl: Acl, prefix: str, topics: Names, replica: KubernetesObject, *, may_write: bool
) -> str:
    """Return what an entry at the source grants and the replica lacks; empty if it has all."""
    if not acl.is_allowing or acl.type not in ("topic", "group", "transactionalId"):
        return ""
    start = acl.name
    if acl.type == "topic" and acl.name not in topics:
        return ""
    # A user that may write nothing at all is fenced there, as while the target only stands by.
    operations = sorted(acl.operations if may_write else _fenced(acl))
    if prefix and acl.type == "topic":
        # What is read at the source arrives under its name with a prefix; writing stays local.
        operations = [one for one in ("Describe", "Read") if {one, "All"} & acl.operations]
        start = prefix + start
    missing = rights_of(replica).lacks(
        acl.type, Covering(start, is_exact=not acl.is_prefix), operations
    )
    return f"{', '.join(missing)} on {acl.type} '{printable(start)}'" if missing else ""


def _fenced(acl: Acl) -> frozenset[str]:
    return _EVERY_OTHER[acl.type] if "All" in acl.operations else acl.operations - {"Write"}


def _may_write(user: KubernetesObject) -> bool:
    return any(
        acl.type == "topic" and acl.operations & {"Write", "All"} for acl in rights_of(user).acls
    )


REPLICATED_USERS_ALIKE: Final = StackRule(
    id="replicated-users-alike",
    title="A user that exists at both ends of a flow has the same rights at both",
    family=Family.RIGHTS,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "MirrorMaker copies neither users nor rights: an application that moves to the target with "
        "fewer rights than it had is refused, in the middle of a failover."
    ),
    fix="Grant the target's user what the source's has, on the names that topics have there.",
    link=STRIMZI_USERS,
    tags=("user", "acl", "failover"),
    kinds=frozenset({USER}),
    check=_judge_alike,
)


def _judge_present(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    for flow in flows_of(stack):
        topics = mirrored_topics(flow.mirror)
        if topics is None:
            continue
        for user in (user for user, replica in _pairs(stack, flow) if replica is None):
            acls = [a for a in rights_of(user).acls if a.type == "topic" and a.name in topics]
            if acls:
                yield Violation(
                    user["metadata"]["name"],
                    f"the user may use mirrored topics ({printable(acls[0].name)}) and does not exist at "
                    f"{printable(flow.target.alias)}: after a failover its application could not log in. "
                    "Declare it there with the same credential",
                )
    yield from _judge_described(stack)


def _judge_described(stack: Stack) -> Iterator[Remark]:
    """Judge the users of a source that another stack owns, which its output describes."""
    for flow in flows_of(stack):
        site, target = flow.source.site, flow.target.kafka
        if flow.source.kafka is not None or site is None or target is None:
            continue
        here = {user.name for user in users_at(stack, target)}
        for user in site["users"].members():
            roles = {one["role"].text for one in user["access"].elements()}
            if user["shared"].value is True and roles & _APPLICATION_ROLES and user.key not in here:
                yield Violation(
                    flow.mirror.source_alias,
                    f"site {printable(flow.source.alias)} shares user '{printable(user.key)}', which "
                    f"does not exist at {printable(flow.target.alias)}: after a failover its "
                    "application could not log in. Replicate it",
                )


USERS_PRESENT: Final = StackRule(
    id="users-on-every-site",
    title="Applications of mirrored topics can log in at the target too",
    family=Family.RIGHTS,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    why=(
        "MirrorMaker copies no users: an application whose user is missing at the target cannot move "
        "there when it must."
    ),
    fix="Declare the KafkaUser at the target with the same credential and the rights as they read there.",
    link=STRIMZI_USERS,
    tags=("user", "failover"),
    kinds=frozenset({USER, MIRROR_MAKER}),
    check=_judge_present,
)

RULES: Final = (REPLICATED_USERS_ALIKE, USERS_PRESENT)
