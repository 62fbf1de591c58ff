"""Groups that live at the target, and that a flow would write offsets into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import printable
from mirror_policies.links import STRIMZI_SYNC
from mirror_policies.objects import Stack
from mirror_policies.reading.clusters import flows_of
from mirror_policies.reading.filters import synced_groups
from mirror_policies.reading.users import USER, rights_of, users_at, worker_logins
from mirror_policies.rule import Family, Level, Remark, Settings, Severity, StackRule, Violation


def _judge(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    for flow in flows_of(stack):
        groups = synced_groups(flow.mirror)
        if flow.source.kafka is None or flow.target.kafka is None or groups is None:
            continue
        there = {user.name for user in users_at(stack, flow.source.kafka)}
        workers = worker_logins(stack)
        for user in users_at(stack, flow.target.kafka):
            if user.name in there or user.name in workers:
                continue
            for acl in rights_of(user).acls:
                if acl.type == "group" and not acl.is_prefix and acl.name in groups:
                    yield Violation(
                        acl.field["resource"]["name"],
                        f"group '{printable(acl.name)}' belongs to an application of "
                        f"{printable(flow.target.alias)} and is synced from "
                        f"{printable(flow.source.alias)}: its offsets would be overwritten whenever it "
                        "is stopped, and never synced while it runs. Exclude it with "
                        "groupsExcludePattern",
                    )


RULE: Final = StackRule(
    id="target-groups-not-synced",
    title="Groups of the target's own applications are not synced from the source",
    family=Family.OFFSETS,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    why=(
        "Offsets are synced into a group of the same name whenever it is empty: an application of the "
        "target that restarts would begin where somebody else's stopped."
    ),
    fix="Exclude the group with `groupsExcludePattern`, or give it another name.",
    link=STRIMZI_SYNC,
    tags=("mirrormaker", "groups"),
    kinds=frozenset({USER}),
    check=_judge,
)
