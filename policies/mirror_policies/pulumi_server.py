"""Serves the pack to Pulumi: starts, prints its port, answers until it is told to end."""

from __future__ import annotations

import sys
import threading
from concurrent import futures
from typing import Final

import grpc
from pulumi.runtime.proto import analyzer_pb2_grpc

from mirror_policies.pulumi_pack import DESCRIPTION, NAME
from mirror_policies.pulumi_service import Service
from mirror_policies.version import VERSION

_MESSAGE_BYTES: Final = 400 * 1024 * 1024
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", _MESSAGE_BYTES),
    ("grpc.max_send_message_length", _MESSAGE_BYTES),
)


def serve() -> None:
    """Serve every rule of the pack until the process is told to end."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=_OPTIONS)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Service(NAME, VERSION, DESCRIPTION), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    # Pulumi reads one line from a pipe: without the flush it would wait for ever.
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        server.stop(0)
