"""The pack as a service that Pulumi asks: the protocol of analyzers, without the policy SDK's server.

The SDK turns the properties of a resource into Python once for every policy; with as many rules as
this pack has, that alone takes longer than a deployment should. Here a resource is read once for all
rules. Each rule is still a policy of its own to Pulumi: with its level, its settings and its messages.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from kafka_mirror.errors import ConfigurationError
from mirror_policies.checking import finding_of
from mirror_policies.configuration import LEVEL_KEY, Configuration
from mirror_policies.deployment.declarations import DISABLED
from mirror_policies.objects import Declaration, KubernetesObject, Stack, stack_settings
from mirror_policies.pulumi_data import object_data, value_at
from mirror_policies.reading.sites import site_fields
from mirror_policies.registry import RULES
from mirror_policies.rule import Finding, Level, ObjectRule, Remark, Rule, StackRule

_REFERENCE: Final = "pulumi:pulumi:StackReference"
_ROOT: Final = "pulumi:pulumi:Stack"
_DEFAULT_PROVIDER: Final = "default"
_LEVELS: Final = {
    Level.ADVISORY: analyzer_pb2.ADVISORY,
    Level.MANDATORY: analyzer_pb2.MANDATORY,
    Level.DISABLED: analyzer_pb2.DISABLED,
}
_SAID: Final = {
    analyzer_pb2.ADVISORY: Level.ADVISORY,
    analyzer_pb2.MANDATORY: Level.MANDATORY,
    # Nothing here changes resources: whoever asks for that gets the strictest there is.
    analyzer_pb2.REMEDIATE: Level.MANDATORY,
    analyzer_pb2.DISABLED: Level.DISABLED,
}
_TYPES: Final = {
    ObjectRule: analyzer_pb2.POLICY_TYPE_RESOURCE,
    StackRule: analyzer_pb2.POLICY_TYPE_STACK,
}


class Service(analyzer_pb2_grpc.AnalyzerServicer):
    """Answers what Pulumi asks of a policy pack."""

    def __init__(
        self, name: str, version: str, description: str, rules: Sequence[Rule] = RULES
    ) -> None:
        self._name = name
        self._version = version
        self._description = description
        self._rules = {rule.id: rule for rule in rules}
        self._configuration = Configuration()
        self._settings: KubernetesObject | None = None

    # The protocol gives these names.
    def GetAnalyzerInfo(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Tell Pulumi all about the rules."""
        return analyzer_pb2.AnalyzerInfo(
            name=self._name,
            version=self._version,
            description=self._description,
            supportsConfig=True,
            policies=[_about(rule) for rule in self._rules.values()],
        )

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Tell the version of the pack."""
        return plugin_pb2.PluginInfo(version=self._version)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Take over levels and thresholds."""
        given = {
            name: {
                LEVEL_KEY: _SAID[chosen.enforcementLevel].value,
                **json_format.MessageToDict(chosen.properties),
            }
            for name, chosen in request.policyConfig.items()
        }
        try:
            self._configuration = Configuration.read(given, rules=tuple(self._rules.values()))
        except ConfigurationError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return empty_pb2.Empty()

    def ConfigureStack(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Take note of what the stack's configuration says of providers; of nothing else."""
        self._settings = None
        if request.config:
            config = (
                {DISABLED: _read(request.config[DISABLED])} if DISABLED in request.config else {}
            )
            self._settings = stack_settings(request.stack, config)
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def Analyze(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Judge a resource by itself."""
        found = _object(request)
        if found is None:
            return analyzer_pb2.AnalyzeResponse()
        return self._answer(
            (rule, rule.remarks(found, self._configuration.settings_of(rule)))
            for rule in self._rules.values()
            if isinstance(rule, ObjectRule) and found.kind in rule.kinds
        )

    def AnalyzeStack(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Judge all resources together."""
        read = (_object(resource) for resource in request.resources)
        objects = tuple(found for found in read if found is not None)
        stack = Stack(objects, site_fields(_sites(request.resources)), self._settings)
        return self._answer(
            (rule, rule.remarks(stack, self._configuration.settings_of(rule)))
            for rule in self._rules.values()
            if isinstance(rule, StackRule)
        )

    def Remediate(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Change nothing: no rule knows better than who wrote the resource."""
        return analyzer_pb2.RemediateResponse()

    def _answer(self, remarks: Iterable[tuple[Rule, Iterable[Remark]]]) -> Any:
        return analyzer_pb2.AnalyzeResponse(
            diagnostics=[
                self._diagnostic(rule, finding_of(rule, level, remark))
                for rule, said in remarks
                if (level := self._configuration.level_of(rule)) is not Level.DISABLED
                for remark in said
            ]
        )

    def _diagnostic(self, rule: Rule, finding: Finding) -> Any:
        # An exemption is shown, and stops nothing.
        level = Level.ADVISORY if finding.exemption else finding.level
        return analyzer_pb2.AnalyzeDiagnostic(
            policyName=rule.id,
            policyPackName=self._name,
            policyPackVersion=self._version,
            description=rule.why,
            message=f"{rule.why}\n{said(finding)}",
            urn=finding.origin,
            enforcementLevel=_LEVELS[level],
            severity=_severity(rule),
        )


def said(finding: Finding) -> str:
    """Return a finding as one line."""
    place = f"{finding.object}, {finding.path}" if finding.path else finding.object
    if finding.exemption:
        return f"{place}: exempt ({finding.exemption}): {finding.message}"
    return f"{place}: {'' if finding.is_decided else 'not judged yet: '}{finding.message}"


def _object(resource: Any) -> KubernetesObject | None:
    data = object_data(resource.properties)
    if data is None:
        return None
    has_provider = resource.HasField("provider") and bool(resource.provider.urn)
    return KubernetesObject(
        data,
        site=resource.provider.urn if has_provider else "",
        origin=resource.urn,
        declaration=Declaration(
            is_protected=resource.options.protect,
            is_provider_default=resource.provider.name.startswith(_DEFAULT_PROVIDER)
            if has_provider
            else None,
        ),
    )


def _sites(resources: Iterable[Any]) -> dict[str, object]:
    """Return what the outputs ``sites`` of this stack and of those it reads say."""
    sites: dict[str, object] = {}
    for resource in resources:
        if resource.type == _REFERENCE:
            found = value_at(resource.properties, "outputs", "sites")
        elif resource.type == _ROOT:
            found = value_at(resource.properties, "sites")
        else:
            continue
        if isinstance(found, dict):
            sites.update(found)
    return sites


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _about(rule: Rule) -> Any:
    info = analyzer_pb2.PolicyInfo(
        name=rule.id,
        displayName=rule.title,
        description=rule.why,
        enforcementLevel=_LEVELS[rule.level],
        severity=_severity(rule),
        tags=[rule.family.value, *rule.tags],
        remediation_steps=rule.fix,
        url=rule.link,
        policy_type=_TYPES[type(rule)],
    )
    if rule.thresholds:
        info.configSchema.properties.update({t.name: t.schema() for t in rule.thresholds})
    return info


def _severity(rule: Rule) -> Any:
    return analyzer_pb2.PolicySeverity.Value(f"POLICY_SEVERITY_{rule.severity.upper()}")
