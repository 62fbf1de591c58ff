"""Policy packs: each in its own process, asked about every resource and about the stack as a whole."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from engine.child_process import ChildProcess
from engine.configuration import ProgramConfiguration, read_yaml
from engine.ending import StoppedError
from engine.errors import PolicyPackError
from engine.events import PolicyViolation
from engine.policy_settings import PolicySettings, policy_configuration
from engine.properties import Properties, to_struct

MESSAGE_BYTES: Final = 400 * 1024 * 1024
GRPC_OPTIONS: Final = (
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    # Both ends are on this machine, whatever http_proxy says.
    ("grpc.enable_http_proxy", 0),
)
_SHOWN_LINES: Final = 12
_LOOK_SECONDS: Final = 0.1
# Far beyond what a pack needs on a busy machine: one that takes longer hangs.
_START_SECONDS: Final = 120.0
_ANSWER_SECONDS: Final = 120.0


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
        self._port = ""
        self._has_spoken = threading.Event()
        self._is_stopped = False
        self._lock = threading.Lock()
        self._channel: grpc.Channel | None = None
        self._connected: analyzer_pb2_grpc.AnalyzerStub | None = None
        self._identity: tuple[StackIdentity, bool] | None = None
        self._process = ChildProcess(
            "pack",
            directory,
            environment=environment,
            said=self._said,
            complained=self._complaints.append,
        )

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
        """End its process; whoever waits for an answer stops waiting."""
        self._is_stopped = True
        if self._channel is not None:
            self._channel.close()
        self._process.stop()

    def _ask(self, method: str, request: Any) -> analyzer_pb2.AnalyzeResponse:
        response: analyzer_pb2.AnalyzeResponse = self._call(self._stub(), method, request)
        return response

    def _call(self, stub: analyzer_pb2_grpc.AnalyzerStub, method: str, request: Any) -> Any:
        try:
            return getattr(stub, method)(request, timeout=_ANSWER_SECONDS)
        except (grpc.RpcError, ValueError) as error:
            # A channel that was closed under a call raises a ValueError.
            if self._is_stopped:
                raise StoppedError from error
            if not isinstance(error, grpc.RpcError):
                raise
            raise PolicyPackError(self._broken(_why(error))) from error

    def _stub(self) -> analyzer_pb2_grpc.AnalyzerStub:
        with self._lock:
            if self._connected is None:
                self._connected = self._connect()
            return self._connected

    def _connect(self) -> analyzer_pb2_grpc.AnalyzerStub:
        self._wait_for_port()
        self._channel = grpc.insecure_channel(f"127.0.0.1:{self._port}", options=GRPC_OPTIONS)
        stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)
        self._tell_stack(stub)
        info = self._call(stub, "GetAnalyzerInfo", empty_pb2.Empty())
        configuration = policy_configuration(info, self._settings)
        request = analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=configuration)
        self._call(stub, "Configure", request)
        return stub

    def _wait_for_port(self) -> None:
        """Wait for the first line it says: the port it serves."""
        deadline = time.monotonic() + _START_SECONDS
        while not self._has_spoken.wait(_LOOK_SECONDS):
            if time.monotonic() > deadline:
                self._process.stop()
                raise PolicyPackError(self._broken(f"did not start within {_START_SECONDS:g} s"))
            if self._process.wait(0) is not None:
                break
        if self._is_stopped:
            raise StoppedError
        if not self._port.isdecimal():
            self._process.stop()
            raise PolicyPackError(self._broken("did not start"))

    def _said(self, line: str) -> None:
        if self._has_spoken.is_set():
            self._complaints.append(line)
            return
        self._port = line.strip()
        if not self._port.isdecimal():
            self._complaints.append(line)
        self._has_spoken.set()

    def _tell_stack(self, stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
        if self._identity is None:
            return
        identity, is_preview = self._identity
        request = analyzer_pb2.AnalyzerStackConfigureRequest(
            stack=identity.stack,
            project=identity.project,
            organization=identity.organization,
            dry_run=is_preview,
            config=identity.configuration.values,
            config_secret_keys=sorted(identity.configuration.secret_keys),
        )
        try:
            self._call(stub, "ConfigureStack", request)
        except PolicyPackError as error:
            if not _is_unimplemented(error.__cause__):
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


def _is_unimplemented(error: BaseException | None) -> bool:
    return isinstance(error, grpc.Call) and error.code() == grpc.StatusCode.UNIMPLEMENTED


def _why(error: grpc.RpcError) -> str:
    if isinstance(error, grpc.Call) and error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
        return f"did not answer within {_ANSWER_SECONDS:g} s"
    return f"failed: {getattr(error, 'details', lambda: error)()}"
