"""The rules as policies of Pulumi's SDK, for packs that serve them beside rules of their own.

Pulumi hands out proxies that raise as soon as an unknown value is touched, which turns the whole
policy into one advice and lets a mandatory violation pass. So properties become plain data first,
with a marker for what is unknown; the rules decide from what is known, and only what hangs on an
unknown value is left to Pulumi's own "can't run policy during preview".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyProviderResource,
    ReportViolation,
    ResourceValidation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidation,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import Severity as PulumiSeverity
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from mirror_policies.fields import UNKNOWN
from mirror_policies.objects import (
    OPERATOR_GROUPS,
    SECRET,
    Declaration,
    KubernetesObject,
    Stack,
)
from mirror_policies.registry import RULES
from mirror_policies.rule import ObjectRule, Remark, Rule, StackRule, Undecided

NAME: Final = "kafka-mirror"
DESCRIPTION: Final = "Stops MirrorMaker 2 resources that would deploy and then fail silently"


def pulumi_policies(rules: Sequence[Rule] = RULES) -> list[Policy]:
    """Return one Pulumi policy for each rule, in order, for a ``PolicyPack`` to serve."""
    return [_policy(rule) for rule in rules]


def plain(value: object) -> object:
    """Return what Pulumi hands out as plain data: dicts, lists and scalars, ``UNKNOWN`` inside.

    Numbers arrive as floats; whole ones become integers again.
    """
    if isinstance(value, Mapping):
        return {str(key): _member(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_member(value, index) for index in range(len(value))]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _member(container: Mapping[str, object] | Sequence[object], key: str | int) -> object:
    try:
        return plain(container[key])  # type: ignore[index]  # the key came from the container
    except UnknownValueError:
        return UNKNOWN


def _policy(rule: Rule) -> Policy:
    about: dict[str, Any] = {
        "name": rule.id,
        "description": rule.why,
        "enforcement_level": EnforcementLevel(rule.level.value),
        "config_schema": _schema(rule),
        "display_name": rule.title,
        "severity": PulumiSeverity(rule.severity.value),
        "tags": [rule.family.value, *rule.tags],
        "remediation_steps": rule.fix,
        "url": rule.link,
    }
    match rule:
        case ObjectRule():
            return ResourceValidationPolicy(validate=_object_validation(rule), **about)
        case StackRule():
            return StackValidationPolicy(validate=_stack_validation(rule), **about)
        case _:
            message = f"{rule.id}: Pulumi cannot serve a {type(rule).__name__}"
            raise TypeError(message)


def _object_validation(rule: ObjectRule) -> ResourceValidation:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        judged = _object(args.props, args.urn, args.provider, is_protected=args.opts.protect)
        if judged is not None:
            _report(rule, rule.remarks(judged, rule.settings(args.get_config())), report)

    return validate


def _stack_validation(rule: StackRule) -> StackValidation:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        read = (
            _object(found.props, found.urn, found.provider, is_protected=found.opts.protect)
            for found in args.resources
        )
        stack = Stack(tuple(judged for judged in read if judged is not None))
        _report(rule, rule.remarks(stack, rule.settings(args.get_config())), report)

    return validate


def _object(
    props: Mapping[str, object],
    urn: str,
    provider: PolicyProviderResource | None,
    *,
    is_protected: bool,
) -> KubernetesObject | None:
    """Return a resource as an object; None for what no rule reads.

    Turning properties into plain data costs most of a rule's time, so it is kept for those.
    """
    api_version, kind = (
        _member(props, key) if key in props else None for key in ("apiVersion", "kind")
    )
    is_secret = (api_version, kind) == ("v1", SECRET)
    if not isinstance(api_version, str) or not (
        is_secret or api_version.partition("/")[0] in OPERATOR_GROUPS
    ):
        return None
    return KubernetesObject(
        plain(props),
        site=provider.urn if provider else "",
        origin=urn,
        declaration=Declaration(
            is_protected=is_protected,
            is_provider_default=provider.name.startswith("default") if provider else None,
        ),
    )


def _report(rule: Rule, remarks: Iterable[Remark], report: ReportViolation) -> None:
    advice: list[str] = []
    for remark in remarks:
        reason = remark.field.owner.exemption(rule.id)
        if isinstance(remark, Undecided):
            advice.append(_said(remark))
        elif reason:
            advice.append(f"{_said(remark)} (exempt: {reason})")
        else:
            report(_said(remark), remark.field.owner.origin)
    if advice:
        # Violations are reported by now; this adds the SDK's own advice about what is left.
        error = UnknownValueError(UNKNOWN_STRING_VALUE, [])
        error.message = "; ".join(advice)
        raise error


def _said(remark: Remark) -> str:
    return f"{remark.field.owner.title}, {remark.field.path}: {remark.message}"


def _schema(rule: Rule) -> PolicyConfigSchema | None:
    if not rule.thresholds:
        return None
    return PolicyConfigSchema({t.name: t.schema() for t in rule.thresholds})
