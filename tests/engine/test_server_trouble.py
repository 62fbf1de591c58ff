"""An API server that refuses, is busy, or does not answer: one message, and the next run goes on from there."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

import engine
from kafka_mirror.errors import KafkaMirrorError
from kafka_mirror.kubernetes_api import KubernetesApi
from tests.engine.conftest import Sandbox, changed
from tests.engine.http_cluster import HttpCluster, Reply, refusal

ITEMS = "/apis/kafka.strimzi.io/v1/namespaces/shop/kafkatopics/items"
OBJECTS = ["KafkaTopic shop/items", "KafkaTopic shop/prices", "Namespace shop", "Secret shop/user"]


@pytest.fixture
def server(small: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpCluster]:
    """The API server of the small program; nobody waits long for it."""
    monkeypatch.setattr("kafka_mirror.kubernetes_api.connection._TIMEOUT_SECONDS", 0.5)
    with HttpCluster(small.cluster) as server:
        api = KubernetesApi.connect(kubeconfig=server.kubeconfig, context="dev")
        small.options = replace(small.options, connect=lambda kubeconfig, context: api)
        yield server


def _always(reply: Reply) -> Callable[[str, str], Reply | None]:
    """Answer so to every application of the topic."""
    return lambda method, path: reply if (method, path) == ("PATCH", ITEMS) else None


def _is_made(event: engine.Event, name: str) -> bool:
    return (
        isinstance(event, engine.StepDone)
        and event.phase is engine.Phase.UPDATE
        and event.step.name == name
    )


WEBHOOK = 'admission webhook "topics.example.com" denied the request: no topics on Fridays'
TROUBLES: list[Any] = [
    pytest.param(
        refusal(
            422,
            "Invalid",
            'KafkaTopic.kafka.strimzi.io "items" is invalid: spec.partitions: Invalid value: 0: '
            "spec.partitions in body should be greater than or equal to 1",
            (
                "spec.partitions",
                "Invalid value: 0: spec.partitions in body should be greater than or equal to 1",
            ),
        ),
        "KafkaTopic 'items': KafkaTopic shop/items on context 'dev': "
        'KafkaTopic.kafka.strimzi.io "items" is invalid: spec.partitions: Invalid value: 0: '
        "spec.partitions in body should be greater than or equal to 1",
        1,
        id="422: a value its schema forbids",
    ),
    pytest.param(
        refusal(400, "BadRequest", 'strict decoding error: unknown field "spec.partition"'),
        "KafkaTopic 'items': KafkaTopic shop/items on context 'dev': "
        'strict decoding error: unknown field "spec.partition"',
        1,
        id="400: a field its schema does not know",
    ),
    pytest.param(
        refusal(403, "Forbidden", WEBHOOK),
        f"KafkaTopic 'items': KafkaTopic shop/items on context 'dev': {WEBHOOK}",
        1,
        id="403: an admission webhook says no",
    ),
    pytest.param(
        refusal(
            403,
            "Forbidden",
            'kafkatopics.kafka.strimzi.io "items" is forbidden: User "ann" cannot patch resource '
            '"kafkatopics" in API group "kafka.strimzi.io" in the namespace "shop"',
        ),
        "KafkaTopic 'items': KafkaTopic shop/items on context 'dev': "
        'kafkatopics.kafka.strimzi.io "items" is forbidden: User "ann" cannot patch resource '
        '"kafkatopics" in API group "kafka.strimzi.io" in the namespace "shop"',
        1,
        id="403: a user without the right",
    ),
    pytest.param(
        refusal(404, "NotFound", 'namespaces "shop" not found'),
        "KafkaTopic 'items': KafkaTopic shop/items on context 'dev': namespaces \"shop\" not found",
        1,
        id="404: the namespace is gone",
    ),
    pytest.param(
        refusal(429, "TooManyRequests", "the server has received too many requests"),
        "KafkaTopic 'items': KafkaTopic shop/items on context 'dev': "
        "the server has received too many requests",
        1,
        id="429: too many requests, for too long",
    ),
    pytest.param(
        refusal(500, "InternalError", 'failed calling webhook "topics.example.com": EOF'),
        "KafkaTopic 'items': KafkaTopic shop/items on context 'dev': "
        'failed calling webhook "topics.example.com": EOF',
        1,
        id="500: a webhook that does not answer",
    ),
    pytest.param(
        Reply(503, "upstream connect error"),
        "KafkaTopic 'items': KafkaTopic shop/items on context 'dev': upstream connect error",
        1,
        id="503: a gateway without a server",
    ),
    pytest.param(
        refusal(401, "Unauthorized", "Unauthorized"),
        "context 'dev' at {endpoint}: the credential was refused (Unauthorized). "
        "What was done before is recorded: run the same command again when it answers.",
        3,
        id="401: a credential that has expired meanwhile",
    ),
    pytest.param(
        Reply(is_silent=True),
        "context 'dev' at {endpoint}: no answer in time; it had answered before, and was waited for 1.5 s. "
        "What was done before is recorded: run the same command again when it answers.",
        3,
        id="silence",
    ),
]


@pytest.mark.parametrize(("reply", "message", "code"), TROUBLES)
def test_a_refusal_is_one_message_and_the_next_up_converges(
    small: Sandbox, server: HttpCluster, reply: Reply, message: str, code: int
) -> None:
    server.reply = _always(reply)
    with pytest.raises(KafkaMirrorError) as failed:
        small.up()
    assert str(failed.value) == message.format(endpoint=f"http://127.0.0.1:{server.port}")
    assert failed.value.exit_code == code
    assert not small.state_file.with_suffix(".journal").exists()
    server.reply = lambda method, path: None
    small.up()
    assert sorted(small.cluster.objects) == OBJECTS
    assert changed(small.preview()) == []


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(refusal(429, "TooManyRequests", "too many"), id="429"),
        pytest.param(refusal(500, "InternalError", "etcdserver: leader changed"), id="500"),
        pytest.param(refusal(503, "ServiceUnavailable", "starting"), id="503"),
        pytest.param(refusal(504, "Timeout", "request did not complete in time"), id="504"),
        pytest.param(Reply(is_silent=True), id="silence"),
        pytest.param(Reply(is_cut=True), id="an answer that is lost"),
    ],
)
def test_trouble_that_passes_is_waited_for(
    small: Sandbox, server: HttpCluster, monkeypatch: pytest.MonkeyPatch, reply: Reply
) -> None:
    monkeypatch.setattr("engine.patience._AWAY_SECONDS", 30.0)
    monkeypatch.setattr("engine.patience._BUSY_SECONDS", 30.0)
    count = itertools.count()

    def twice(method: str, path: str) -> Reply | None:
        return reply if (method, path) == ("PATCH", ITEMS) and next(count) < 2 else None

    server.reply = twice
    small.up()
    assert sorted(small.cluster.objects) == OBJECTS
    assert any(
        isinstance(event, engine.StepProgress) and event.message.endswith("; it is asked again")
        for event in small.events
    )
    assert changed(small.preview()) == []


def test_a_server_that_is_started_again_meanwhile_is_waited_for(
    small: Sandbox, server: HttpCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.patience._AWAY_SECONDS", 30.0)

    def away(event: engine.Event) -> None:
        if _is_made(event, "ns"):
            server.stop()
            threading.Timer(1.0, server.start).start()

    engine.up(small.project, "dev", options=small.options, on_event=away)
    assert sorted(small.cluster.objects) == OBJECTS
    assert changed(small.preview()) == []


def test_a_server_that_goes_away_for_good_is_one_message(
    small: Sandbox, server: HttpCluster
) -> None:
    def away(event: engine.Event) -> None:
        if _is_made(event, "ns"):
            server.stop()

    with pytest.raises(KafkaMirrorError) as failed:
        engine.up(small.project, "dev", options=small.options, on_event=away)
    assert str(failed.value) == (
        f"context 'dev' at http://127.0.0.1:{server.port}: no connection (is it running?); it had answered before, "
        "and was waited for 1.5 s. What was done before is recorded: run the same command again when it answers."
    )
    assert failed.value.exit_code == 3
    assert "ns" in small.resources()
    server.start()
    small.up()
    assert sorted(small.cluster.objects) == OBJECTS
    server.stop()
    with pytest.raises(KafkaMirrorError, match="run the same command again when it answers"):
        small.destroy()
    server.start()
    small.destroy()
    assert small.cluster.objects == {}


def test_a_server_that_never_answered_is_not_waited_for(
    small: Sandbox, server: HttpCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.patience._AWAY_SECONDS", 3600.0)
    server.stop()
    with pytest.raises(
        KafkaMirrorError, match=r"no connection \(is it running\?\)\. What was done"
    ):
        small.up()
    assert small.cluster.objects == {}
