"""What MirrorMaker's own users may do: enough for their flow, and no wildcard beyond it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from kafka_mirror.mirrormaker.patterns import Covering
from mirror_policies.fields import Field, printable
from mirror_policies.links import STRIMZI_SECURITY
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.clusters import Cluster, Flow, flows_of
from mirror_policies.reading.filters import Selection, groups_of, is_decidable, topics_of
from mirror_policies.reading.kafka import ShownKafka, brokers_section
from mirror_policies.reading.mirror_maker import MIRROR_MAKER
from mirror_policies.reading.topic_names import unknown_name_part
from mirror_policies.reading.users import EVERY, USER, Rights, login_of, rights_of, user_of
from mirror_policies.rights.needs import Need, source_needs, syncs_at, target_needs
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

_SHOWN: Final = 3
"""Missing rights that a message tells one by one."""


def _judge(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    for flow in flows_of(stack):
        unknown = unknown_name_part(flow)
        if unknown is not None:
            yield Undecided(unknown, "which rights the flow needs can be told once it is known")
            continue
        for selection in (topics_of(flow.mirror), groups_of(flow.mirror)):
            if not _is_decidable(selection):
                yield Undecided(
                    selection.field, "which rights the flow needs cannot be told from it"
                )
                break
        else:
            yield from _judge_user(stack, flow.source, source_needs(flow), flow)
            yield from _judge_user(stack, flow.target, target_needs(stack, flow), flow)
            yield from _judge_described(flow)


def _is_decidable(selection: Selection) -> bool:
    return selection.items is not None and all(is_decidable(item) for item in selection.items)


def _judge_user(
    stack: Stack, cluster: Cluster, needs: Iterable[Need], flow: Flow
) -> Iterator[Remark]:
    user = _judged_user(stack, cluster)
    if user is None:
        return
    rights = rights_of(user)
    if not rights.is_known:
        yield Undecided(
            rights.field, "whether the flow's rights are there can be told once it is known"
        )
        return
    missing = [
        f"{', '.join(lacking)} on {_said(need.kind, name)}"
        for need in needs
        for name in need.names
        if (lacking := rights.lacks(need.kind, name, need.operations))
    ]
    if missing:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        yield Violation(
            rights.field,
            f"flow {printable(flow.owner.name)} logs in as this user at {printable(cluster.alias)} "
            f"and lacks {'; '.join(missing[:_SHOWN])}{more}: it would stand still with no more than a "
            "line in the worker's log. Grant them",
        )


def _judged_user(stack: Stack, cluster: Cluster) -> KubernetesObject | None:
    """Return the user of an end, if its rights are enforced and it is nobody special."""
    kafka = cluster.kafka
    if kafka is None or kafka.declared is None or cluster.end is None:
        return None
    authorization = brokers_section(kafka.declared)["authorization"]
    user = user_of(stack, cluster.end, kafka)
    if user is None or authorization["type"].text != "simple" or _is_super(kafka, user):
        return None
    return user


def _is_super(kafka: ShownKafka, user: KubernetesObject) -> bool:
    if kafka.declared is None:
        return False
    listed = brokers_section(kafka.declared)["authorization"]["superUsers"].elements()
    return {one.text for one in listed} & {user.name, f"CN={user.name}"} != set()


def _said(kind: str, name: Covering) -> str:
    if name.is_exact:
        return f"{kind} '{printable(name.start)}'"
    return f"every {kind} '{printable(name.start)}…'" if name.start else f"every {kind}"


def _judge_described(flow: Flow) -> Iterator[Remark]:
    """Judge the user at a source of another stack by what that stack's output says."""
    site, end = flow.source.site, flow.source.end
    if flow.source.kafka is not None or site is None or end is None or not login_of(end):
        return
    login, users = login_of(end), site["users"]
    place = end.authentication["username"]
    user = _described(users, login)
    if place.is_absent and user is None:
        return  # A copied certificate may lie in a Secret of any name.
    if user is None:
        has = ", ".join(printable(user.key) for user in users.members()) or "none"
        yield Violation(
            place,
            f"site {printable(flow.source.alias)} describes no user '{printable(login)}' (has {has}): "
            "the flow could not log in. Declare the user there, or name one of these",
        )
        return
    if any(True for _ in user["acls"].elements()):
        return  # whose own ACLs may say what no role does
    accesses = [*user["access"].elements()]
    roles = {one["role"].text for one in accesses}
    if roles and None not in roles and not roles & {"mirror-source", "admin"}:
        yield Violation(
            place,
            f"user '{printable(login)}' of site {printable(flow.source.alias)} has no role "
            "mirror-source: the flow could read nothing. Give it the role there",
        )
    elif syncs_at(flow) == "source" and flow.target.alias not in _keeps_syncs_for(accesses):
        yield Violation(
            place,
            f"user '{printable(login)}' of site {printable(flow.source.alias)} may not keep the flow's offset "
            "syncs there: no group offset would be translated. Add "
            f"{printable(flow.target.alias)} to offsetSyncsFor of its role there",
        )


def _keeps_syncs_for(accesses: Iterable[Field]) -> set[str | None]:
    return {site.text for one in accesses for site in one["offsetSyncsFor"].elements()}


MIRROR_USER_RIGHTS: Final = StackRule(
    id="mirror-user-rights",
    title="MirrorMaker's users may do what their flow needs",
    family=Family.RIGHTS,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "A topic that MirrorMaker may not describe is invisible to it: nothing fails, nothing is "
        "mirrored, and the resource is Ready."
    ),
    fix=(
        "Grant Read and DescribeConfigs on topics and Describe on groups at the source; at the target "
        "Create, Write, Alter, AlterConfigs and Read on what arrives, Create, Read and Write on "
        "MirrorMaker's own topics, and Read on its group and on synced groups."
    ),
    link=STRIMZI_SECURITY,
    tags=("mirrormaker", "user", "acl"),
    kinds=frozenset({MIRROR_MAKER, USER}),
    check=_judge,
)


def _judge_least(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    seen: set[KubernetesObject] = set()
    for flow in flows_of(stack):
        for cluster, needs in (
            (flow.source, source_needs(flow)),
            (flow.target, target_needs(stack, flow)),
        ):
            selections = (topics_of(flow.mirror), groups_of(flow.mirror))
            user = _judged_user(stack, cluster)
            if user is None or user in seen or not all(map(_is_decidable, selections)):
                continue
            seen.add(user)
            wide = {need.kind for need in needs if any(not n.start for n in need.names)}
            yield from _too_wide(rights_of(user), wide, flow)


def _too_wide(rights: Rights, wide: set[str], flow: Flow) -> Iterator[Remark]:
    name = printable(flow.owner.name)
    for acl in rights.acls:
        if not acl.is_allowing:
            continue
        if "All" in acl.operations:
            yield Violation(
                acl.field["operations"],
                f"the user of flow {name} may do everything here, deleting included: whoever gets its "
                "credential may too. List the operations that the flow needs",
            )
        elif acl.name == EVERY and acl.type in ("topic", "group") and acl.type not in wide:
            yield Violation(
                acl.field["resource"]["name"],
                f"the user of flow {name} may {', '.join(sorted(acl.operations))} on every "
                f"{acl.type}, the flow needs a few: whoever gets its credential reads or writes all "
                "of them. Name what the flow mirrors",
            )


MIRROR_USER_LEAST: Final = StackRule(
    id="mirror-user-least-rights",
    title="MirrorMaker's users may do no more than their flow needs",
    family=Family.RIGHTS,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    why=(
        "The credential of a flow lies at another site: with a wildcard that the flow does not need, "
        "whoever breaks in there owns every topic here."
    ),
    fix="Replace `*` by the topics and groups of the flow, `All` by the operations it needs.",
    link=STRIMZI_SECURITY,
    tags=("mirrormaker", "user", "acl"),
    kinds=frozenset({USER}),
    check=_judge_least,
)

RULES: Final = (MIRROR_USER_RIGHTS, MIRROR_USER_LEAST)


def _described(users: Field, login: str) -> Field | None:
    """Return the user that logs in so: by its name, by another one of its own, or by a Secret of others."""
    if not users[login].is_absent:
        return users[login]
    return next(
        (
            user
            for user in users.members()
            if login in {user["username"].text, user["secret"]["secret"].text}
        ),
        None,
    )
