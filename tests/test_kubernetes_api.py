"""The Kubernetes adapter against a server that answers as told and notes what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from kafka_mirror.errors import UnreachableError, UsageError
from kafka_mirror.kubernetes_api import (
    ApiError,
    ConflictError,
    GoneError,
    InvalidError,
    KubernetesApi,
    NotFoundError,
    ResourceKind,
    WatchEvent,
)

CORE = {
    "resources": [
        {"name": "secrets", "kind": "Secret", "namespaced": True},
        {"name": "secrets/status", "kind": "Secret", "namespaced": True},
        {"name": "namespaces", "kind": "Namespace", "namespaced": False},
    ]
}
KAFKA = {"resources": [{"name": "kafkatopics", "kind": "KafkaTopic", "namespaced": True}]}
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "namespace": "shop"}}


@dataclass
class Server:
    """Answers by method and path; notes every request but discovery."""

    port: int = 0
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def answer(self, request: str, body: Any, status: int = 200) -> None:
        self.answers[request] = (status, body)


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            path = self.path.partition("?")[0]
            discovery = {"/api/v1": CORE, "/apis/kafka.strimzi.io/v1": KAFKA}
            if path in discovery:
                self._send(200, json.dumps(discovery[path]).encode())
                return
            server.requests.append((self.command, self.path, body))
            server.headers.append({key.lower(): value for key, value in self.headers.items()})
            status, answer = server.answers.get(f"{self.command} {path}", (404, {"message": "no"}))
            if isinstance(answer, list):
                self._send(200, "".join(json.dumps(line) + "\n" for line in answer).encode())
            else:
                self._send(
                    status, answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                )

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any  # noqa: N815 - named by http.server

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(found))
    http.daemon_threads = True
    found.port = http.server_address[1]
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    yield found
    http.shutdown()
    thread.join()
    http.server_close()


def kubeconfig(port: int, **user: str) -> str:
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
            "users": [{"name": "u", "user": user or {"token": "t0ken"}}],
            "contexts": [{"name": "dev", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "dev",
        }
    )


@pytest.fixture
def api(server: Server) -> KubernetesApi:
    return KubernetesApi.connect(kubeconfig=kubeconfig(server.port), context="dev")


def test_an_object_is_read_with_the_token_of_the_kubeconfig(
    server: Server, api: KubernetesApi
) -> None:
    server.answer("GET /api/v1/namespaces/shop/secrets/a", SECRET)
    assert api.get("v1", "Secret", "a", "shop") == SECRET
    assert server.headers[0]["authorization"] == "Bearer t0ken"
    assert api.name == "context 'dev'"
    assert api.endpoint == f"http://127.0.0.1:{server.port}"


def test_apply_is_server_side_strict_and_without_force(server: Server, api: KubernetesApi) -> None:
    server.answer("PATCH /api/v1/namespaces/shop/secrets/a", SECRET)
    api.apply(SECRET, field_manager="m")
    api.apply(SECRET, field_manager="m", dry_run=True, force=True)
    path = "/api/v1/namespaces/shop/secrets/a?fieldManager=m&fieldValidation=Strict"
    assert server.requests == [
        ("PATCH", path, SECRET),
        ("PATCH", f"{path}&dryRun=All&force=true", SECRET),
    ]
    assert server.headers[0]["content-type"] == "application/apply-patch+yaml"


def test_status_is_applied_on_its_subresource(server: Server, api: KubernetesApi) -> None:
    topic = {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaTopic",
        "metadata": {"name": "items", "namespace": "shop"},
        "status": {"topicName": "items"},
    }
    path = "/apis/kafka.strimzi.io/v1/namespaces/shop/kafkatopics/items/status"
    server.answer(f"PATCH {path}", topic)
    api.apply_status(topic, field_manager="m")
    assert server.requests == [("PATCH", f"{path}?fieldManager=m&force=true", topic)]


def test_a_merge_patch_a_replacement_and_a_creation(server: Server, api: KubernetesApi) -> None:
    path = "/api/v1/namespaces/shop/secrets/a"
    for request in (f"PATCH {path}", f"PUT {path}", "POST /api/v1/namespaces/shop/secrets"):
        server.answer(request, SECRET)
    patch = {"metadata": {"finalizers": None}}
    api.patch("v1", "Secret", "a", "shop", patch=patch, field_manager="m")
    api.replace(SECRET, field_manager="m")
    api.create(SECRET, field_manager="m")
    assert [(method, body) for method, _, body in server.requests] == [
        ("PATCH", patch),
        ("PUT", SECRET),
        ("POST", SECRET),
    ]
    assert server.headers[0]["content-type"] == "application/merge-patch+json"


def test_a_list_names_the_kind_of_its_items(server: Server, api: KubernetesApi) -> None:
    server.answer(
        "GET /api/v1/namespaces/shop/secrets",
        {"metadata": {"resourceVersion": "7"}, "items": [{"metadata": {"name": "a"}}]},
    )
    found = api.list_objects("v1", "Secret", "shop", labels={"a": "b", "c": "d"})
    assert found["items"] == [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}}]
    assert server.requests[0][1].endswith("?labelSelector=a%3Db%2Cc%3Dd")


def test_deletion_is_in_the_background_and_of_that_very_object(
    server: Server, api: KubernetesApi
) -> None:
    server.answer("DELETE /api/v1/namespaces/shop", {})
    api.delete("v1", "Namespace", "shop", uid="123")
    ((_, _, body),) = server.requests
    assert body["propagationPolicy"] == "Background"
    assert body["preconditions"] == {"uid": "123"}


def test_deleting_what_is_not_there_is_fine(api: KubernetesApi) -> None:
    api.delete("v1", "Secret", "gone", "shop")
    api.delete("kafka.strimzi.io/v9", "Kafka", "gone", "shop")


def test_kinds_are_found_and_absent_ones_are_told(server: Server, api: KubernetesApi) -> None:
    secret = ResourceKind("v1", "Secret", "secrets", namespaced=True)
    assert api.resource_kind("v1", "Secret") == secret
    for absent in (("v1", "Kafka"), ("kafka.strimzi.io/v9", "Kafka")):
        with pytest.raises(NotFoundError):
            api.resource_kind(*absent)
    kind = api.resource_kind("kafka.strimzi.io/v1", "KafkaTopic")
    assert kind == ResourceKind("kafka.strimzi.io/v1", "KafkaTopic", "kafkatopics", namespaced=True)
    assert (
        kind.path(name="a/b", namespace="s")
        == "/apis/kafka.strimzi.io/v1/namespaces/s/kafkatopics/a%2Fb"
    )
    assert kind.path() == "/apis/kafka.strimzi.io/v1/kafkatopics"
    with pytest.raises(NotFoundError) as refused:
        api.get("kafka.strimzi.io/v9", "Kafka", "a", "shop")
    assert str(refused.value) == (
        "context 'dev' serves no Kafka in kafka.strimzi.io/v9: "
        "is its operator (with its CustomResourceDefinitions) installed?"
    )
    assert api.find("kafka.strimzi.io/v9", "Kafka", "a", "shop") is None


def test_the_versions_of_a_group_are_told_where_one_is_not_served(
    server: Server, api: KubernetesApi
) -> None:
    assert api.served_versions("kafka.strimzi.io") == ()

    server.answer(
        "GET /apis/kafka.strimzi.io", {"versions": [{"version": "v1beta2"}, {"version": "v1"}]}
    )

    assert api.served_versions("kafka.strimzi.io") == ("v1beta2", "v1")
    with pytest.raises(NotFoundError) as refused:
        api.get("kafka.strimzi.io/v9", "Kafka", "a", "shop")
    assert str(refused.value) == (
        "context 'dev' serves no Kafka in kafka.strimzi.io/v9: of kafka.strimzi.io it serves v1beta2, v1"
    )


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, InvalidError),
        (403, ApiError),
        (404, NotFoundError),
        (409, ConflictError),
        (422, InvalidError),
        (500, ApiError),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(
    server: Server, api: KubernetesApi, status: int, error: type[ApiError]
) -> None:
    answer = {
        "message": "it is not so",
        "reason": "Because",
        "details": {"causes": [{"field": "spec.a", "message": "too many"}]},
    }
    server.answer("GET /api/v1/namespaces/shop/secrets/a", answer, status)
    with pytest.raises(error) as refused:
        api.get("v1", "Secret", "a", "shop")
    assert type(refused.value) is error
    assert (refused.value.status, refused.value.reason, str(refused.value)) == (
        status,
        "Because",
        "it is not so",
    )
    assert refused.value.causes == ("spec.a: too many",)
    assert refused.value.exit_code == 1


def test_an_answer_that_is_no_json_is_quoted(server: Server, api: KubernetesApi) -> None:
    server.answer("GET /api/v1/namespaces/shop/secrets/a", b"proxy error", 502)
    with pytest.raises(ApiError, match=r"^proxy error$"):
        api.get("v1", "Secret", "a", "shop")


def test_a_server_that_is_no_api_server_is_told(server: Server, api: KubernetesApi) -> None:
    server.answer("GET /version", b"<html>Log in</html>")
    with pytest.raises(UnreachableError, match="does not speak JSON: is it an API server"):
        api.version()


@pytest.mark.parametrize(
    ("status", "message"),
    [(401, "Unauthorized"), (403, 'secrets is forbidden: User "system:anonymous" cannot get')],
)
def test_a_refused_credential_is_unreachable(
    server: Server, api: KubernetesApi, status: int, message: str
) -> None:
    server.answer("GET /api/v1/namespaces/shop/secrets/a", {"message": message}, status)
    with pytest.raises(UnreachableError) as refused:
        api.get("v1", "Secret", "a", "shop")
    assert refused.value.reason == f"the credential was refused ({message})"


def test_no_answer_is_unreachable() -> None:
    api = KubernetesApi.connect(kubeconfig=kubeconfig(1), context="dev")
    with pytest.raises(UnreachableError) as refused:
        api.version()
    assert str(refused.value) == (
        "context 'dev' at http://127.0.0.1:1: no connection (is it running?)"
    )


def test_a_watch_streams_events_and_tells_when_it_must_start_anew(
    server: Server, api: KubernetesApi
) -> None:
    gone = {"type": "ERROR", "object": {"code": 410, "reason": "Expired", "message": "too old"}}
    server.answer(
        "GET /api/v1/namespaces/shop/secrets", [{"type": "ADDED", "object": SECRET}, gone]
    )
    events = api.watch(
        "v1", "Secret", namespace="shop", name="a", resource_version="5", timeout_seconds=9
    )
    assert next(events) == WatchEvent("ADDED", SECRET)
    with pytest.raises(GoneError, match="too old"):
        next(events)
    query = server.requests[0][1].partition("?")[2].split("&")
    assert {
        "watch=true",
        "resourceVersion=5",
        "timeoutSeconds=9",
        "fieldSelector=metadata.name%3Da",
    } <= set(query)


def test_nothing_is_read_before_the_first_call(tmp_path: Path) -> None:
    api = KubernetesApi.connect(kubeconfig=str(tmp_path / "absent"))
    with pytest.raises(UsageError) as refused:
        api.version()
    assert str(refused.value) == (
        f"There is no kubeconfig at {tmp_path}/absent. Set KUBECONFIG to the file that reaches the cluster."
    )


def test_an_absent_context_is_told_with_those_there_are(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(kubeconfig(1))
    with pytest.raises(UsageError) as refused:
        KubernetesApi.connect(kubeconfig=str(file), context="stg").version()
    assert str(refused.value) == f"kubeconfig {file} has no context 'stg' (has dev)."


def test_the_kubeconfig_comes_from_the_environment(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(kubeconfig(server.port))
    monkeypatch.setenv("KUBECONFIG", str(file))
    server.answer("GET /version", {"gitVersion": "v1"})
    api = KubernetesApi.connect()
    assert api.version() == {"gitVersion": "v1"}
    assert api.name == "the current kube context"


def test_a_cluster_on_this_machine_is_not_behind_a_proxy(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    server.answer("GET /version", {"gitVersion": "v1"})
    assert KubernetesApi.connect(kubeconfig=kubeconfig(server.port)).version()


def test_a_broken_kubeconfig_is_told_without_what_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text("users: [{name: u, user: {token: t0ken}}]\n")
    with pytest.raises(UsageError) as refused:
        KubernetesApi.connect(kubeconfig=str(file)).version()
    assert "cannot be used" in str(refused.value)
    assert "t0ken" not in str(refused.value)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"- a\n- list\n"])
def test_a_file_that_is_no_kubeconfig_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "kubeconfig"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=f"^kubeconfig {file} cannot be used"):
        KubernetesApi.connect(kubeconfig=str(file), context="dev").version()


def test_a_kubeconfig_in_one_line_of_json_is_used_and_never_shown(server: Server) -> None:
    server.answer("GET /version", {"gitVersion": "v1"})
    content = json.dumps(yaml.safe_load(kubeconfig(server.port)))
    assert KubernetesApi.connect(kubeconfig=content, context="dev").version()
    with pytest.raises(UsageError) as refused:
        KubernetesApi.connect(kubeconfig=content, context="stg").version()
    assert str(refused.value) == "the given kubeconfig has no context 'stg' (has dev)."
