"""Rights and logins that nobody enforces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kafka_mirror.mirrormaker.keys import SYNC_TOPIC_ACLS
from mirror_policies.fields import printable
from mirror_policies.links import STRIMZI_ACLS, STRIMZI_USERS
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.clusters import flows_of
from mirror_policies.reading.kafka import (
    EVENT_STREAMS,
    ShownKafka,
    brokers_section,
    shown_kafkas,
)
from mirror_policies.reading.mirror_maker import MIRROR_MAKER, SOURCE_CONNECTOR
from mirror_policies.reading.settings import is_true
from mirror_policies.reading.users import USER, users_at
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


def _users(stack: Stack) -> Iterator[tuple[KubernetesObject, ShownKafka, KubernetesObject]]:
    """Yield every user whose Kafka is declared in the stack, with it and its object."""
    for kafka in stack.reading(shown_kafkas):
        if kafka.declared is not None:
            for user in users_at(stack, kafka):
                yield user, kafka, kafka.declared


def _judge_authorizer(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    for user, kafka, declared in _users(stack):
        wanted = user["spec"]["authorization"]["type"]
        there = brokers_section(declared)["authorization"]
        unknown = next((one for one in (wanted, there) if one.is_unknown), None)
        if unknown is not None and wanted.text in (None, "simple"):
            yield Undecided(
                unknown, f"whether {user.title} is refused can be told once it is known"
            )
        elif wanted.text == "simple" and there.is_absent:
            yield Violation(
                wanted,
                f"{kafka.title} has no authorization: the operator refuses a user with rights "
                "(NotReady) and no login is made. Write authorization: {type: simple} into the "
                "Kafka, or leave the rights out",
            )


AUTHORIZER_PRESENT: Final = StackRule(
    id="rights-need-authorizer",
    title="Users with rights belong to a Kafka with an authorizer",
    family=Family.RIGHTS,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "Without `authorization` in the Kafka a user with ACLs is NotReady and has no login, and "
        "anybody else may do everything."
    ),
    fix="Write `authorization: {type: simple}` into the Kafka's `spec.kafka`.",
    link=STRIMZI_USERS,
    tags=("user", "acl", "kafka"),
    kinds=frozenset({USER}),
    check=_judge_authorizer,
)


def _judge_authentication(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    for user, kafka, declared in _users(stack):
        kind = user["spec"]["authentication"]["type"]
        listeners = brokers_section(declared)["listeners"]
        # Up to v1beta1 listeners were an object by name.
        declared_listeners = listeners.elements() or listeners.members()
        if kind.text is None or not declared_listeners:
            continue
        logins = [one["authentication"]["type"] for one in declared_listeners]
        offered = {login.text for login in logins}
        unknown = next((one.outermost_unknown for one in logins if one.is_unknown), None)
        needed = "tls" if kind.text == "tls-external" else kind.text
        if needed in offered or offered & {"custom", "oauth"}:
            continue
        if unknown is not None:
            yield Undecided(
                unknown, f"whether {user.title} can log in can be told once it is known"
            )
        else:
            yield Violation(
                kind,
                f"no listener of {kafka.title} asks for {needed}: the user can never prove itself, and "
                "whoever connects is nobody in particular. Give a listener authentication: "
                f"{{type: {needed}}}",
            )


LISTENER_ASKS: Final = StackRule(
    id="listener-asks-for-login",
    title="Every user can log in at some listener",
    family=Family.RIGHTS,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "A listener without `authentication` lets everybody in as ANONYMOUS: users and their rights "
        "are made and never enforced."
    ),
    fix="Give the listener the `authentication` that its users are made for.",
    link=STRIMZI_USERS,
    tags=("user", "kafka"),
    kinds=frozenset({USER}),
    check=_judge_authentication,
)


def _judge_sync(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    for flow in flows_of(stack):
        connector = flow.mirror.connector(SOURCE_CONNECTOR)
        if connector.is_absent:
            continue
        setting = connector["config"][SYNC_TOPIC_ACLS]
        if setting.is_unknown:
            yield Undecided(setting, "whether it is off can be told once it is known")
        elif is_true(setting, default=True) is False or _is_own_master(flow.target.kafka):
            continue
        elif not setting.is_absent and not flow.target.is_shown:
            yield Undecided(
                setting,
                f"MirrorMaker writes ACLs at {printable(flow.target.alias)}, which is not shown: where a User "
                "Operator owns them, or nothing authorizes, write false",
            )
        else:
            said = "is not set, so true applies" if setting.is_absent else f"is {setting.shown}"
            yield Violation(
                setting,
                f"{SYNC_TOPIC_ACLS} {said}: MirrorMaker writes ACLs that the User Operator takes away "
                "again, and fails where there is no authorizer. Write false",
            )


def _is_own_master(kafka: ShownKafka | None) -> bool:
    """Tell whether a cluster has an authorizer and no User Operator that owns its ACLs."""
    if kafka is None or kafka.declared is None:
        return False
    section = brokers_section(kafka.declared)
    around = kafka.declared["spec"]
    if kafka.declared.kind == EVENT_STREAMS:
        around = around["strimziOverrides"]
    operator = around["entityOperator"]["userOperator"]
    return operator.is_absent and not section["authorization"].is_absent


ACL_SYNC_OFF: Final = StackRule(
    id="acl-sync-off",
    title="MirrorMaker does not write ACLs",
    family=Family.RIGHTS,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "The User Operator owns every ACL of its cluster and removes what MirrorMaker copied, so that "
        "rights come and go; without an authorizer each attempt is an error."
    ),
    fix="Write `sync.topic.acls.enabled: false` and declare users and rights at both sites.",
    link=STRIMZI_ACLS,
    tags=("mirrormaker", "acl"),
    kinds=frozenset({MIRROR_MAKER}),
    check=_judge_sync,
)

RULES: Final = (AUTHORIZER_PRESENT, LISTENER_ASKS, ACL_SYNC_OFF)
