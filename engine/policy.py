"""Policy packs: each in its own process, asked about every resource and about the stack as a whole."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from engine.child_process import ChildProcess
from engine.configuration import ProgramConfiguration, read_yaml
from engine.events import PolicyViolation
from engine.properties import Properties, to_struct
from kafka_mirror.errors import UsageError

MESSAGE_BYTES: Final = 400 * 1024 * 1024
GRPC_OPTIONS: Final = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    # Both ends are on this machine, whatever http_proxy says.
    ("grpc.enable_http_proxy", 0),
)
_LEVELS: Final = {
    "advisory": analyzer_pb2.ADVISORY,
    "mandatory": analyzer_pb2.MANDATORY,
    "disabled": analyzer_pb2.DISABLED,
}
_REMEDIATE: Final = analyzer_pb2.REMEDIATE
_SHOWN_LINES: Final = 12

PolicySettings = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StackIdentity:
    """Which stack is run, and with what; told to packs."""

    project: str
    stack: str
    organization: str = "organization"
    configuration: ProgramConfiguration = field(default_factory=ProgramConfiguration, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzedResource:
    """A resource as a pack gets to see it; properties are inputs, or outputs for a whole stack."""

    urn: str
    type: str
    name: str
    properties: Properties = field(repr=False)
    parent: str = ""
    protect: bool = False
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignore_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    delete_before_replace: bool | None = None
    custom_timeouts: Mapping[str, float] = field(default_factory=dict)
    provider: AnalyzedResource | None = None


class PolicyPackError(UsageError):
    """A policy pack cannot be used."""


class PolicyPack:
    """One pack. It starts at once and is asked for its port when it is first needed."""

    def __init__(
        self,
        directory: Path,
        *,
        environment: Mapping[str, str],
        settings: PolicySettings | None = None,
    ) -> None:
        """Start a pack.

        Args:
            directory: Where its PulumiPolicy.yaml is.
            environment: The environment of its process.
            settings: By policy name (or ``all``): an enforcement level, or a mapping with
                ``enforcementLevel`` and the properties of the policy's own configuration.

        Raises:
            PolicyPackError: If there is no pack in the directory, or it is not in Python.
        """
        self.directory = directory
        file = directory / "PulumiPolicy.yaml"
        if not file.is_file():
            raise PolicyPackError(f"There is no policy pack in {directory} (no PulumiPolicy.yaml).")
        runtime = read_yaml(file).get("runtime")
        runtime = runtime.get("name") if isinstance(runtime, dict) else runtime
        if runtime != "python":
            raise PolicyPackError(f"{file}: runtime is '{runtime}'; this engine runs python.")
        self._settings = settings or {}
        self._complaints: deque[str] = deque(maxlen=_SHOWN_LINES)
        self._process = ChildProcess("pack", directory, environment=environment)
        self._lock = threading.Lock()
        self._channel: grpc.Channel | None = None
        self._connected: analyzer_pb2_grpc.AnalyzerStub | None = None
        self._identity: tuple[StackIdentity, bool] | None = None

    def set_stack(self, identity: StackIdentity, *, is_preview: bool) -> None:
        """Say which stack the next questions are about."""
        with self._lock:
            self._identity = (identity, is_preview)
            if self._connected is not None:
                self._tell_stack(self._connected)

    def analyze(self, resource: AnalyzedResource) -> tuple[PolicyViolation, ...]:
        """Ask about one resource."""
        request = analyzer_pb2.AnalyzeRequest(
            type=resource.type,
            urn=resource.urn,
            name=resource.name,
            properties=to_struct(_public(resource.properties), keep_references=False),
            options=_options(resource),
            provider=_provider(resource.provider),
        )
        return self._violations(self._ask("Analyze", request), default_urn=resource.urn)

    def analyze_stack(self, resources: Iterable[AnalyzedResource]) -> tuple[PolicyViolation, ...]:
        """Ask about all resources together."""
        request = analyzer_pb2.AnalyzeStackRequest(
            resources=[
                analyzer_pb2.AnalyzerResource(
                    type=resource.type,
                    urn=resource.urn,
                    name=resource.name,
                    properties=to_struct(_public(resource.properties), keep_references=False),
                    options=_options(resource),
                    provider=_provider(resource.provider),
                    parent=resource.parent,
                    dependencies=resource.dependencies,
                    propertyDependencies={
                        key: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns)
                        for key, urns in resource.property_dependencies.items()
                    },
                )
                for resource in resources
            ]
        )
        return self._violations(self._ask("AnalyzeStack", request), default_urn="")

    def stop(self) -> None:
        """End its process."""
        if self._channel is not None:
            self._channel.close()
        self._process.stop()

    def _ask(self, method: str, request: Any) -> analyzer_pb2.AnalyzeResponse:
        stub = self._stub()
        try:
            response: analyzer_pb2.AnalyzeResponse = getattr(stub, method)(request)
        except grpc.RpcError as error:
            raise PolicyPackError(self._broken(f"failed: {_details(error)}")) from error
        return response

    def _stub(self) -> analyzer_pb2_grpc.AnalyzerStub:
        with self._lock:
            if self._connected is None:
                self._connected = self._connect()
            return self._connected

    def _connect(self) -> analyzer_pb2_grpc.AnalyzerStub:
        port = self._process.first_line()
        self._process.on_output(self._complaints.append, self._complaints.append)
        if not port.isdecimal():
            self._process.wait()
            raise PolicyPackError(self._broken("did not start"))
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=GRPC_OPTIONS)
        stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)
        try:
            self._tell_stack(stub)
            info = stub.GetAnalyzerInfo(empty_pb2.Empty())
            stub.Configure(
                analyzer_pb2.ConfigureAnalyzerRequest(
                    policyConfig=policy_configuration(info, self._settings)
                )
            )
        except grpc.RpcError as error:
            raise PolicyPackError(self._broken(f"failed: {_details(error)}")) from error
        return stub

    def _tell_stack(self, stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
        if self._identity is None:
            return
        identity, is_preview = self._identity
        try:
            stub.ConfigureStack(
                analyzer_pb2.AnalyzerStackConfigureRequest(
                    stack=identity.stack,
                    project=identity.project,
                    organization=identity.organization,
                    dry_run=is_preview,
                    config=identity.configuration.values,
                    config_secret_keys=sorted(identity.configuration.secret_keys),
                )
            )
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNIMPLEMENTED:
                raise

    def _violations(
        self, response: analyzer_pb2.AnalyzeResponse, *, default_urn: str
    ) -> tuple[PolicyViolation, ...]:
        return tuple(
            PolicyViolation(
                policy=found.policyName,
                urn=found.urn or default_urn,
                message=found.message,
                is_mandatory=found.enforcementLevel != analyzer_pb2.ADVISORY,
                pack=found.policyPackName,
                description=found.description,
                severity=_severity(found.severity),
            )
            for found in response.diagnostics
            if found.enforcementLevel != analyzer_pb2.DISABLED
        )

    def _broken(self, what: str) -> str:
        said = "\n".join(self._complaints)
        return f"The policy pack in {self.directory} {what}" + (f"\n{said}" if said else "")


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


def _public(properties: Properties) -> Properties:
    return {key: value for key, value in properties.items() if not key.startswith("__")}


def _options(resource: AnalyzedResource) -> analyzer_pb2.AnalyzerResourceOptions:
    return analyzer_pb2.AnalyzerResourceOptions(
        protect=resource.protect,
        ignoreChanges=resource.ignore_changes,
        deleteBeforeReplace=bool(resource.delete_before_replace),
        deleteBeforeReplaceDefined=resource.delete_before_replace is not None,
        additionalSecretOutputs=resource.additional_secret_outputs,
        parent=resource.parent,
        customTimeouts=analyzer_pb2.AnalyzerResourceOptions.CustomTimeouts(
            **resource.custom_timeouts
        ),
    )


def _provider(resource: AnalyzedResource | None) -> analyzer_pb2.AnalyzerProviderResource | None:
    if resource is None:
        return None
    return analyzer_pb2.AnalyzerProviderResource(
        type=resource.type,
        urn=resource.urn,
        name=resource.name,
        properties=to_struct(_public(resource.properties), keep_references=False),
    )


def _severity(number: int) -> str:
    name = analyzer_pb2.PolicySeverity.Name(number).rsplit("_", 1)[-1].lower()
    return "" if name == "unspecified" else name


def _details(error: grpc.RpcError) -> str:
    return str(getattr(error, "details", lambda: error)())
