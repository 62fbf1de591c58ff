"""A Connect REST interface that answers like Kafka 4.3's and remembers what it was asked, as the one in the recordings."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

_WORKER = {"worker_id": "worker-0:8083", "version": "4.3.1"}
_PLUGINS = ("MirrorCheckpointConnector", "MirrorHeartbeatConnector", "MirrorSourceConnector")
_STATES = {"pause": "PAUSED", "resume": "RUNNING", "stop": "STOPPED"}
Answer = tuple[int, Any]


@dataclass
class Run:
    """One connector: its configuration, and the states of it and of its tasks."""

    config: dict[str, Any]
    state: str = "RUNNING"
    tasks: list[str] = field(default_factory=list)

    def go(self, state: str) -> None:
        count = 0 if state == "STOPPED" else int(self.config.get("tasks.max", 1))
        self.state, self.tasks = state, [state] * count

    def status(self, name: str) -> dict[str, Any]:
        tasks = [{"id": index, "state": state, **_WORKER} for index, state in enumerate(self.tasks)]
        connector = {"state": self.state, **_WORKER}
        return {"name": name, "connector": connector, "tasks": tasks, "type": "source"}


@dataclass
class Connect:
    """A Connect cluster of one worker.

    `changes` holds what was asked of it that is not a mere question, in the words of the recordings; `sent` the last configuration
    of each connector; `refusal` what it answers to a changed configuration, if it refuses it.
    """

    port: int = 0
    runs: dict[str, Run] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusal: Answer | None = None

    def answer(self, method: str, path: str, query: str, body: Any) -> Answer:
        parts = [unquote(part) for part in path.strip("/").split("/")]
        match method, parts:
            case "GET", ["connector-plugins"]:
                package = "org.apache.kafka.connect.mirror"
                return 200, [
                    {"class": f"{package}.{name}", "type": "source", "version": "4.3.1"}
                    for name in _PLUGINS
                ]
            case "GET", ["connectors"]:
                return 200, sorted(self.runs)
            case "POST", ["connectors"]:
                return self._noted(f"{method} {path} {_described(body)}", self._create(body))
            case _, ["connectors", name, *rest]:
                answer = self._of_connector(method, name, rest, body)
                shown = f"/connectors/{'/'.join((name, *rest))}" + (f"?{query}" if query else "")
                more = f" body={json.dumps(body, sort_keys=True)}" if method == "PATCH" else ""
                return answer if method == "GET" else self._noted(f"{method} {shown}", answer, more)
        return 404, {"error_code": 404, "message": "HTTP 404 Not Found"}

    def _noted(self, what: str, answer: Answer, more: str = "") -> Answer:
        self.changes.append(f"{what} -> {answer[0]}{more}")
        return answer

    def _create(self, body: Any) -> Answer:
        name = body["name"]
        if name in self.runs:
            return 409, {"error_code": 409, "message": f"Connector {name} already exists"}
        run = self.runs[name] = Run(body["config"])
        run.go(body.get("initial_state", "RUNNING"))
        entry = {key: value for key, value in body.items() if key != "name"}
        self.sent[name] = {**entry, "method": "POST"}
        return 201, {"name": name}

    def _of_connector(self, method: str, name: str, rest: list[str], body: Any) -> Answer:  # noqa: C901, PLR0911 - a table
        run = self.runs.get(name)
        if run is None:
            return 404, {"error_code": 404, "message": f"Connector {name} not found"}
        match method, rest:
            case "GET", ["config"]:
                return 200, {"name": name, **{key: str(value) for key, value in run.config.items()}}
            case "PUT", ["config"]:
                if self.refusal:
                    return self.refusal
                run.config = body
                self.sent[name] = {"config": body, "method": "PUT"}
                return 200, {}
            case "GET", ["status"]:
                return 200, run.status(name)
            case "GET", ["topics"]:
                return 200, {name: {"topics": []}}
            case "GET", ["offsets"]:
                return 200, {"offsets": []}
            case (("PATCH" | "DELETE"), ["offsets"]):
                return 200, {"message": "done"}
            case "PUT", [("pause" | "resume" | "stop") as verb]:
                run.go(_STATES[verb])
                return 202, None
            case "POST", ["restart"]:
                return 202, run.status(name)
            case "POST", ["tasks", _, "restart"]:
                return 204, None
            case "DELETE", []:
                del self.runs[name]
                return 204, None
        return 405, {"error_code": 405, "message": "HTTP 405 Method Not Allowed"}


@contextlib.contextmanager
def connect_cluster() -> Iterator[Connect]:
    """Serve one on a loopback port."""
    connect = Connect()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            url = urlsplit(self.path)
            status, answer = connect.answer(self.command, url.path, url.query, body)
            content = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    connect.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield connect
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _described(body: Any) -> str:
    return f"name={body['name']} initial_state={body.get('initial_state', '(absent)')}"
