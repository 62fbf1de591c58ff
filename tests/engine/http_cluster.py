"""An API server over HTTP in front of a cluster on disk, which answers as it is told: the real adapter is between it and the engine."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import yaml

from kafka_mirror.kubernetes_api import JsonObject
from tests.engine.fake_cluster import FakeCluster

_DISCOVERY: dict[str, JsonObject] = {
    "/api/v1": {
        "resources": [
            {"name": "secrets", "kind": "Secret", "namespaced": True},
            {"name": "namespaces", "kind": "Namespace", "namespaced": False},
        ]
    },
    "/apis/kafka.strimzi.io/v1": {
        "resources": [{"name": "kafkatopics", "kind": "KafkaTopic", "namespaced": True}]
    },
}
_KINDS = {"secrets": "Secret", "namespaces": "Namespace", "kafkatopics": "KafkaTopic"}


@dataclass(frozen=True)
class Reply:
    """What is answered in place of the right answer.

    Attributes:
        status: The HTTP status.
        body: A ``Status`` object, or a text.
        is_silent: Nothing is ever answered.
        is_cut: The connection is closed without an answer, after the request was carried out.
    """

    status: int = 200
    body: JsonObject | str = ""
    is_silent: bool = False
    is_cut: bool = False


class HttpCluster:
    """A server on a port of this machine.

    Attributes:
        reply: Asked for every request but discovery, with its method and path; None lets it be.
    """

    def __init__(self, cluster: FakeCluster) -> None:
        self.cluster = cluster
        self.reply: Callable[[str, str], Reply | None] = lambda method, path: None
        self.requests: list[str] = []
        self._over = threading.Event()
        self._http: ThreadingHTTPServer | None = None
        self.port = 0
        self.start()

    def start(self) -> None:
        """Serve, on the port it had before if it had one."""
        self._over.clear()
        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Serve no more: connections are refused."""
        self._over.set()
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def kubeconfig(self) -> str:
        return yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
                "users": [{"name": "u", "user": {"token": "t0ken"}}],
                "contexts": [{"name": "dev", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "dev",
            }
        )

    def answer(self, method: str, path: str, body: Any) -> Reply:
        """Carry a request out."""
        if path in _DISCOVERY:
            return Reply(200, _DISCOVERY[path])
        kind, namespace, name = _parsed(path)
        if method == "GET":
            found = self.cluster.find("", kind, name, namespace)
            return Reply(200, found) if found is not None else _missing(name)
        if method == "PATCH":
            return Reply(200, self.cluster.apply(body, field_manager="kafka-mirror"))
        self.cluster.delete("", kind, name, namespace)
        return Reply(200, {})

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    def wait(self) -> None:
        """Wait until the server is stopped."""
        self._over.wait(60)


def refusal(status: int, reason: str, message: str, *causes: tuple[str, str]) -> Reply:
    """Return a refusal as an API server writes it."""
    details = {"causes": [{"field": field, "message": said} for field, said in causes]}
    body = {"kind": "Status", "code": status, "reason": reason, "message": message}
    return Reply(status, {**body, "details": details})


def _missing(name: str) -> Reply:
    return refusal(404, "NotFound", f'"{name}" not found')


def _parsed(path: str) -> tuple[str, str | None, str]:
    parts = path.strip("/").split("/")
    if parts[-2] == "namespaces":
        return "Namespace", None, parts[-1]
    return _KINDS[parts[-2]], parts[-3], parts[-1]


def _handler(server: HttpCluster) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            path = self.path.partition("?")[0]
            if server.is_over:
                # A connection that was kept open.
                self.close_connection = True
                return
            told = None
            if path not in _DISCOVERY:
                server.requests.append(f"{self.command} {path}")
                told = server.reply(self.command, path)
            if told is not None and told.is_silent:
                server.wait()
                self.close_connection = True
                return
            answer = (
                server.answer(self.command, path, body) if told is None or told.is_cut else told
            )
            if told is not None and told.is_cut:
                self.close_connection = True
                return
            self._send(answer)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any  # noqa: N815 - named by http.server

        def _send(self, answer: Reply) -> None:
            text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
