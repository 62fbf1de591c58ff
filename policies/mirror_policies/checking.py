"""Judge objects with the rules of the pack, without Pulumi and without any cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from mirror_policies.configuration import Configuration
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.registry import RULES
from mirror_policies.rule import (
    Finding,
    Level,
    ObjectRule,
    Remark,
    Rule,
    Settings,
    StackRule,
    Undecided,
)

if TYPE_CHECKING:
    from typing import Any


def check(
    objects: Sequence[Mapping[str, Any] | KubernetesObject],
    *,
    configuration: Configuration | None = None,
    rules: Sequence[Rule] = RULES,
) -> tuple[Finding, ...]:
    """Tell what the rules find in these objects.

    Args:
        objects: Kubernetes objects as plain data, judged together. Of what is no Kafka resource,
            malformed or not an object at all, nothing is said.
        configuration: Levels and thresholds that differ from the rules' own.
        rules: The rules to apply.

    Returns:
        The findings in the order of the objects, for one object in the order of the rules.
    """
    configuration = configuration or Configuration()
    judged = tuple(o if isinstance(o, KubernetesObject) else KubernetesObject(o) for o in objects)
    position = {found: index for index, found in enumerate(judged)}
    found: list[tuple[int, Finding]] = []
    stack = Stack(judged)
    for rule in rules:
        level = configuration.level_of(rule)
        if level is Level.DISABLED:
            continue
        remarks = _remarks(rule, stack, configuration.settings_of(rule))
        found.extend(
            (position[remark.field.owner], finding_of(rule, level, remark)) for remark in remarks
        )
    # The sort is stable: within one object the order of the rules remains.
    return tuple(finding for _, finding in sorted(found, key=lambda entry: entry[0]))


def finding_of(rule: Rule, level: Level, remark: Remark) -> Finding:
    """Return a remark as data; what a rule could not judge is never more than advice."""
    return Finding(
        rule=rule.id,
        level=Level.ADVISORY if isinstance(remark, Undecided) else level,
        object=remark.field.owner.title,
        path=remark.field.path,
        message=remark.message,
    )


def _remarks(rule: Rule, stack: Stack, settings: Settings) -> Iterable[Remark]:
    if isinstance(rule, ObjectRule):
        for judged in stack.objects:
            yield from rule.remarks(judged, settings)
    elif isinstance(rule, StackRule):
        yield from rule.remarks(stack, settings)
