"""Judge objects with the rules of the pack, without Pulumi and without any cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from mirror_policies.configuration import Configuration
from mirror_policies.objects import KubernetesObject, Stack
from mirror_policies.reading.sites import site_fields
from mirror_policies.registry import RULES
from mirror_policies.rule import (
    Finding,
    Level,
    ObjectRule,
    Remark,
    Rule,
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
    sites: Mapping[str, object] | None = None,
    settings: KubernetesObject | None = None,
) -> tuple[Finding, ...]:
    """Tell what the rules find in these objects.

    Args:
        objects: Kubernetes objects as plain data, judged together. Of what is no Kafka resource,
            malformed or not an object at all, nothing is said.
        configuration: Profile, levels and thresholds that differ from the rules' own.
        rules: The rules to apply.
        sites: The public output ``sites`` of this and other stacks, as far as there is one.
        settings: The configuration of the Pulumi stack that the objects are of.

    Returns:
        The findings in the order of the objects, for one object in the order of the rules. Those
        that an object is exempt from are among them, with the reason.
    """
    judged = tuple(o if isinstance(o, KubernetesObject) else KubernetesObject(o) for o in objects)
    return check_stack(
        Stack(judged, site_fields(sites or {}), settings),
        configuration=configuration or Configuration(),
        rules=rules,
    )


def check_stack(
    stack: Stack, *, configuration: Configuration, rules: Sequence[Rule] = RULES
) -> tuple[Finding, ...]:
    """Tell what the rules find in a stack, in the order of its objects."""
    position = {found: index for index, found in enumerate(stack.objects)}
    found: list[tuple[int, Finding]] = []
    for rule in rules:
        level = configuration.level_of(rule)
        if level is Level.DISABLED:
            continue
        settings = configuration.settings_of(rule)
        if isinstance(rule, ObjectRule):
            judged = _of_kinds(stack, rule)
            remarks: Iterable[Remark] = (r for o in judged for r in rule.remarks(o, settings))
        elif isinstance(rule, StackRule):
            remarks = rule.remarks(stack, settings)
        else:
            continue
        found.extend(
            # What is said of the stack as a whole comes first.
            (position.get(remark.field.owner, -1), finding_of(rule, level, remark))
            for remark in remarks
        )
    # The sort is stable: within one object the order of the rules remains.
    return tuple(finding for _, finding in sorted(found, key=lambda entry: entry[0]))


def finding_of(rule: Rule, level: Level, remark: Remark) -> Finding:
    """Return a remark as data; what a rule could not judge is never more than advice."""
    owner = remark.field.owner
    is_decided = not isinstance(remark, Undecided)
    return Finding(
        rule=rule.id,
        level=level if is_decided else Level.ADVISORY,
        object=owner.title,
        path=remark.field.path,
        message=remark.message,
        origin=owner.origin,
        exemption=owner.exemption(rule.id) if is_decided else "",
        is_decided=is_decided,
        steps=remark.field.steps,
    )


def _of_kinds(stack: Stack, rule: ObjectRule) -> tuple[KubernetesObject, ...]:
    return stack.of_kind(*sorted(rule.kinds))
