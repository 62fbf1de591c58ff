"""What another stack owns, and nobody shows: what hangs on it is said to be unjudged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.fields import printable
from mirror_policies.links import STRIMZI_CONNECTORS
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.clusters import flows_of
from mirror_policies.reading.mirror_maker import MIRROR_MAKER
from mirror_policies.rule import Family, Level, Remark, Settings, Severity, StackRule, Undecided


def _judge(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    for flow in flows_of(stack):
        if not flow.source.is_shown and not flow.mirror.source_alias.is_absent:
            yield Undecided(
                flow.mirror.source_alias,
                f"nothing here shows site {printable(flow.source.alias or 'of an unknown name')}, and no "
                "output `sites` describes it: its user's rights, its topics and their retention, the "
                "users that move and flows that lead back to it are not judged. Check it together with "
                "this, or give that output (--sites)",
            )


def _judge_target(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    seen: set[KubernetesObject] = set()
    for flow in flows_of(stack):
        alias = None if flow.maker.target is None else flow.maker.target.alias
        if alias is None or alias.is_absent or flow.target.is_shown or flow.owner in seen:
            continue
        seen.add(flow.owner)
        yield Undecided(
            alias,
            f"nothing here shows site {printable(flow.target.alias or 'of an unknown name')}, and no output "
            "`sites` describes it: how many copies its brokers hold, the rights of its user and who owns "
            "its ACLs are not judged. Check it together with this, or give that output (--sites)",
        )


TARGET: Final = StackRule(
    id="target-site-shown",
    title="What a flow writes to is shown, so that it can be judged",
    family=Family.NAMING,
    level=Level.ADVISORY,
    severity=Severity.LOW,
    why=(
        "Copies, rights and ACLs of a flow depend on the brokers and users of its target: unseen, they "
        "are not judged and look as if they were well."
    ),
    fix="Judge the target's objects together with the flow, or hand over the output `sites` of its stack.",
    link=STRIMZI_CONNECTORS,
    tags=("mirrormaker",),
    kinds=frozenset({MIRROR_MAKER}),
    check=_judge_target,
)

SOURCE: Final = StackRule(
    id="source-site-shown",
    title="What a flow reads from is shown, so that it can be judged",
    family=Family.NAMING,
    level=Level.ADVISORY,
    severity=Severity.LOW,
    why=(
        "Half of what can go wrong with a flow stands in the objects of its source: unseen, it is not "
        "judged and looks as if it were well."
    ),
    fix="Judge both sites' objects together, or hand over the output `sites` of the source's stack.",
    link=STRIMZI_CONNECTORS,
    tags=("mirrormaker",),
    kinds=frozenset({MIRROR_MAKER}),
    check=_judge,
)

RULES: Final = (SOURCE, TARGET)
