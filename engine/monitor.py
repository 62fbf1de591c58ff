"""The two gRPC services a Pulumi program talks to: the resource monitor and the engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc

from engine.ending import StoppedError
from engine.errors import UnservedError
from engine.events import Severity
from engine.policy import GRPC_OPTIONS
from engine.properties import (
    UNKNOWN,
    UNKNOWN_ID,
    UnservedValueError,
    from_struct,
    to_struct,
)
from engine.registration import WrongTimeoutError, read_goal, unserved_in
from engine.run import Answer, Run
from engine.urns import label, make_urn
from kafka_mirror.errors import KafkaMirrorError

# Each registration holds a thread until its resource is ready.
PARALLEL: Final = 256
_SEVERITIES: Final = {
    engine_pb2.DEBUG: Severity.DEBUG,
    engine_pb2.INFO: Severity.INFO,
    engine_pb2.WARNING: Severity.WARNING,
    engine_pb2.ERROR: Severity.ERROR,
}
# All of them: what is not served is refused by name, where the SDK would speak of an old CLI.
_FEATURES: Final = tuple(
    number
    for name, number in resource_pb2.ResourceMonitorFeature.items()
    if "OUTPUT_VALUES" not in name and "BYTE_STRING" not in name
)


@contextmanager
def served(run: Run) -> Iterator[str]:
    """Serve a run on a port of this machine; yields the address."""
    executor = ThreadPoolExecutor(max_workers=PARALLEL, thread_name_prefix="register")
    server = grpc.server(executor, options=GRPC_OPTIONS)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(_Monitor(run), server)
    engine_pb2_grpc.add_EngineServicer_to_server(_Engine(run), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        run.ending.close()
        server.stop(grace=None).wait()
        # A step that has begun is recorded before the run is over.
        executor.shutdown(wait=True)


class _Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Hands requests on to the run."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def GetDeploymentInfo(  # noqa: N802 - named by the protocol
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> resource_pb2.DeploymentInfo:
        del request, context
        identity = self._run.identity
        return resource_pb2.DeploymentInfo(
            project=identity.project,
            stack=identity.stack,
            organization=identity.organization,
            config=identity.configuration.values,
            configSecretKeys=sorted(identity.configuration.secret_keys),
            dryRun=self._run.is_preview,
            parallel=PARALLEL,
            supportedFeatures=_FEATURES,
        )

    def SupportsFeature(  # noqa: N802 - named by the protocol
        self, request: resource_pb2.SupportsFeatureRequest, context: grpc.ServicerContext
    ) -> resource_pb2.SupportsFeatureResponse:
        del request, context
        return resource_pb2.SupportsFeatureResponse(hasSupport=True)

    def RegisterResource(  # noqa: N802 - named by the protocol
        self, request: resource_pb2.RegisterResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.RegisterResourceResponse:
        names = {"project": self._run.identity.project, "stack": self._run.identity.stack}
        self._run.ending.note_unserved(unserved_in(request, **names))
        urn = make_urn(parent=request.parent, type_=request.type, name=request.name, **names)
        answer = self._answered(
            context, urn, lambda: self._run.register(read_goal(request, **names))
        )
        return resource_pb2.RegisterResourceResponse(
            urn=answer.urn, id=answer.id, object=to_struct(answer.outputs)
        )

    def RegisterResourceOutputs(  # noqa: N802 - named by the protocol
        self, request: resource_pb2.RegisterResourceOutputsRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        self._answered(
            context,
            request.urn,
            lambda: self._run.register_outputs(request.urn, from_struct(request.outputs)),
        )
        return empty_pb2.Empty()

    def ReadResource(  # noqa: N802 - named by the protocol
        self, request: resource_pb2.ReadResourceRequest, context: grpc.ServicerContext
    ) -> resource_pb2.ReadResourceResponse:
        identity = self._run.identity
        urn = make_urn(
            project=identity.project,
            stack=identity.stack,
            parent=request.parent,
            type_=request.type,
            name=request.name,
        )
        answer: Answer = self._answered(
            context,
            urn,
            lambda: self._run.read(
                type_=request.type,
                name=request.name,
                parent=request.parent,
                id_=UNKNOWN if request.id == UNKNOWN_ID else request.id,
                provider=request.provider,
                inputs=from_struct(request.properties),
            ),
        )
        return resource_pb2.ReadResourceResponse(
            urn=answer.urn, id=answer.id, properties=to_struct(answer.outputs)
        )

    def SignalAndWaitForShutdown(  # noqa: N802 - named by the protocol
        self, request: empty_pb2.Empty, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        del request, context
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> NoReturn:  # noqa: N802
        self._refuse(context, f"the function '{request.tok}'")

    def Call(self, request: Any, context: grpc.ServicerContext) -> NoReturn:  # noqa: N802
        self._refuse(context, f"the method '{request.tok}'")

    def ExistsResource(self, request: Any, context: grpc.ServicerContext) -> NoReturn:  # noqa: N802
        self._refuse(context, f"asking whether {request.type} '{request.id}' exists")

    def RegisterStackTransform(self, request: Any, context: grpc.ServicerContext) -> NoReturn:  # noqa: N802
        del request
        self._refuse(context, "a transform of the whole stack")

    def RegisterStackInvokeTransform(self, request: Any, context: grpc.ServicerContext) -> NoReturn:  # noqa: N802
        del request
        self._refuse(context, "a transform of the whole stack")

    def RegisterResourceHook(self, request: Any, context: grpc.ServicerContext) -> NoReturn:  # noqa: N802
        self._refuse(context, f"the resource hook '{request.name}'")

    def RegisterErrorHook(self, request: Any, context: grpc.ServicerContext) -> NoReturn:  # noqa: N802
        self._refuse(context, f"the error hook '{request.name}'")

    def RegisterPackage(self, request: Any, context: grpc.ServicerContext) -> NoReturn:  # noqa: N802
        self._refuse(context, f"the parameterized package '{request.name}'")

    def _refuse(self, context: grpc.ServicerContext, what: str) -> NoReturn:
        self._run.ending.refuse(UnservedError([f"{what} is not served by this engine."]))
        raise _ended(context)

    def _answered(self, context: grpc.ServicerContext, urn: str, ask: Callable[[], Any]) -> Any:
        """Return what the run answers; a run that ends ends the program."""
        try:
            return ask()
        except UnservedValueError as error:
            self._run.ending.refuse(
                UnservedError([f"{label(urn)}: {error} are not served by this engine."])
            )
        except WrongTimeoutError as error:
            self._run.ending.refuse(UnservedError([f"{label(urn)}: custom_timeouts: {error}."]))
        except StoppedError:
            pass
        except KafkaMirrorError as error:
            self._run.ending.refuse(error)
        except Exception as error:  # noqa: BLE001 - told by the operation, not by the program
            self._run.ending.fail(error)
        raise _ended(context)


def _ended(context: grpc.ServicerContext) -> Exception:
    """Make the program stop: to the SDK an unavailable monitor is one that has ended."""
    context.abort(grpc.StatusCode.UNAVAILABLE, "the run has ended")
    return AssertionError("an aborted call goes on")


class _Engine(engine_pb2_grpc.EngineServicer):
    """Takes messages."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._lock = threading.Lock()
        self._root = ""

    def Log(  # noqa: N802 - named by the protocol
        self, request: engine_pb2.LogRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        del context
        severity = _SEVERITIES.get(request.severity, Severity.INFO)
        if severity is Severity.ERROR:
            self._run.ending.program_said(request.message)
            if not self._run.ending.is_closed:
                self._run.reporter.diagnostic(severity, request.message, request.urn)
        elif severity is not Severity.DEBUG and not request.ephemeral:
            self._run.reporter.diagnostic(severity, request.message, request.urn)
        return empty_pb2.Empty()

    def GetRootResource(  # noqa: N802 - named by the protocol
        self, request: engine_pb2.GetRootResourceRequest, context: grpc.ServicerContext
    ) -> engine_pb2.GetRootResourceResponse:
        del request, context
        with self._lock:
            return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(  # noqa: N802 - named by the protocol
        self, request: engine_pb2.SetRootResourceRequest, context: grpc.ServicerContext
    ) -> engine_pb2.SetRootResourceResponse:
        del context
        with self._lock:
            self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def RequirePulumiVersion(  # noqa: N802 - named by the protocol
        self, request: engine_pb2.RequirePulumiVersionRequest, context: grpc.ServicerContext
    ) -> engine_pb2.RequirePulumiVersionResponse:
        del request, context
        return engine_pb2.RequirePulumiVersionResponse()
