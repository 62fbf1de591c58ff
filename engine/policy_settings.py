"""What the user sets of a policy pack: enforcement levels, and the configuration of single policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2

from engine.errors import PolicyPackError
from engine.properties import to_struct

PolicySettings = Mapping[str, Any]

_LEVELS: Final = {
    "advisory": analyzer_pb2.ADVISORY,
    "mandatory": analyzer_pb2.MANDATORY,
    "disabled": analyzer_pb2.DISABLED,
}
_REMEDIATE: Final = analyzer_pb2.REMEDIATE


def policy_configuration(
    info: analyzer_pb2.AnalyzerInfo, settings: PolicySettings
) -> dict[str, analyzer_pb2.PolicyConfig]:
    """Merge the defaults of a pack with the settings of the user.

    Raises:
        PolicyPackError: If the settings name a policy or a level there is not.
    """
    names = {policy.name for policy in info.policies}
    unknown = sorted(settings.keys() - names - {"all"})
    if unknown:
        raise PolicyPackError(
            f"policy settings: there is no policy {', '.join(unknown)} (has {', '.join(sorted(names))})."
        )
    result = {}
    for policy in info.policies:
        properties: dict[str, Any] = {}
        for key, schema in json_format.MessageToDict(policy.configSchema.properties).items():
            if isinstance(schema, dict) and "default" in schema:
                properties[key] = schema["default"]
        level = policy.enforcementLevel
        if policy.name in info.initialConfig:
            initial = info.initialConfig[policy.name]
            properties |= json_format.MessageToDict(initial.properties)
            level = initial.enforcementLevel
        for chosen in (settings.get("all"), settings.get(policy.name)):
            level = _level(chosen, level)
            if isinstance(chosen, Mapping):
                properties |= {k: v for k, v in chosen.items() if k != "enforcementLevel"}
        if level == _REMEDIATE:
            raise PolicyPackError(
                f"policy '{policy.name}' is to remediate, which this engine does not serve: "
                "set its enforcement level to mandatory."
            )
        result[policy.name] = analyzer_pb2.PolicyConfig(
            enforcementLevel=level, properties=to_struct(properties)
        )
    return result


def _level(chosen: Any, current: int) -> int:
    text = chosen.get("enforcementLevel") if isinstance(chosen, Mapping) else chosen
    if text is None:
        return current
    if text not in _LEVELS:
        raise PolicyPackError(
            f"policy settings: '{text}' is no enforcement level (has {', '.join(_LEVELS)})."
        )
    return _LEVELS[text]
