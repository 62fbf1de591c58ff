"""A flow as the file of MirrorMaker 2 in dedicated mode: what is in it, how it is escaped, and what cannot be said."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kafka_mirror import manifests
from kafka_mirror.errors import DialectError
from kafka_mirror.planning import CertificateLogin, PasswordLogin, PasswordSecret, Trust
from tests.manifests.flows import ends, flow_plan
from tests.planning.plans import planned
from tests.topology.configurations import changed, two_sites

_ESCAPE = re.compile(r"\\u([0-9a-f]{4})|\\(.)")


def text_of(**changes: Any) -> str:
    plan = flow_plan(**changes)
    return manifests.properties(plan, **ends(plan))


def read(text: str) -> dict[str, str]:
    """Read a file as ``java.util.Properties`` does, as far as it is written here."""
    assert text.isascii()
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            key, value = re.split(r"(?<!\\)=", line, maxsplit=1)
            found[unescaped(key)] = unescaped(value)
    return found


def unescaped(text: str) -> str:
    control = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}

    def one(match: re.Match[str]) -> str:
        return chr(int(match[1], 16)) if match[1] else control.get(match[2], match[2])

    return _ESCAPE.sub(one, text).encode("utf-16", "surrogatepass").decode("utf-16")


def test_a_file_is_one_flow_between_two_clusters() -> None:
    found = read(text_of())

    assert found["clusters"] == "dev,stg"
    assert found["dev->stg.enabled"] == "true"
    assert {
        key for key in found if key.endswith(".enabled") and key.startswith("stg->dev")
    } == set()


def test_no_worker_runs_the_other_way_to_emit_heartbeats() -> None:
    assert read(text_of())["emit.heartbeats.enabled"] == "false"


def test_the_worker_keeps_its_place_under_the_names_of_the_flow() -> None:
    found = read(text_of(objectives={"duplicateWindow": "15s"}))

    assert {key: value for key, value in found.items() if key.startswith("stg.")}.items() >= {
        "stg.group.id": "mm2-dev-to-stg",
        "stg.config.storage.topic": "__mm2-dev-to-stg-configs",
        "stg.offset.storage.topic": "__mm2-dev-to-stg-offsets",
        "stg.status.storage.topic": "__mm2-dev-to-stg-status",
        "stg.offset.storage.replication.factor": "3",
        "stg.offset.flush.interval.ms": "4000",
        "stg.scheduled.rebalance.max.delay.ms": "0",
    }.items()


def test_passwords_and_certificates_are_in_files_beside_it() -> None:
    found = read(text_of())

    login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
    assert {key: value for key, value in found.items() if key.startswith("dev.")} == {
        "dev.bootstrap.servers": "dev.example.com:443",
        "dev.security.protocol": "SASL_SSL",
        "dev.sasl.mechanism": "SCRAM-SHA-512",
        "dev.sasl.jaas.config": (
            f'{login} username="reader" '
            'password="${secrets:/etc/kafka-mirror/dev-to-stg/dev.properties:password}";'
        ),
        "dev.ssl.truststore.type": "PEM",
        "dev.ssl.truststore.location": "/etc/kafka-mirror/dev-to-stg/dev.crt",
    }
    assert {key: value for key, value in found.items() if key.startswith("config.providers")} == {
        "config.providers": "secrets",
        "config.providers.secrets.class": (
            "org.apache.kafka.common.config.provider.FileConfigProvider"
        ),
        "config.providers.secrets.param.allowed.paths": "/etc/kafka-mirror/dev-to-stg",
    }


def test_a_site_without_tls_needs_no_certificates() -> None:
    plain = [{"name": "np", "port": 9100, "type": "nodeport", "tls": False}]
    configuration = changed(two_sites(), "sites", "dev", "kafka", "listeners", to=plain)
    (plan,) = planned(configuration).flows

    text = manifests.properties(plan, **ends(plan))

    assert read(text)["dev.security.protocol"] == "SASL_PLAINTEXT"
    assert "dev.crt" not in text
    assert "stg.crt" in text


def test_the_backslashes_of_quoted_names_are_doubled() -> None:
    text = text_of(groups=["app.eu"])

    assert "\ndev->stg.groups=app\\\\.eu\n" in text
    assert read(text)["dev->stg.groups"] == r"app\.eu"


@pytest.mark.parametrize("group", ["Zähler", "a:b", "=#!", "𝄞", "a\\b"])
def test_any_group_reads_back_as_it_was_meant(group: str) -> None:
    found = read(text_of(groups=[group]))["dev->stg.groups"]

    assert re.fullmatch(found, group)


def test_what_is_tuned_comes_last() -> None:
    found = read(text_of(tuning={"producer.override.linger.ms": 5, "offset.lag.max": 7}))

    assert found["dev->stg.producer.override.linger.ms"] == "5"
    assert found["dev->stg.offset.lag.max"] == "7"


@pytest.mark.parametrize("state", ["paused", "stopped"])
def test_a_flow_that_does_not_run_is_refused(state: str) -> None:
    with pytest.raises(DialectError) as refused:
        text_of(state=state)

    assert str(refused.value) == (
        f'flows["dev-to-stg"].state: the dialect properties cannot say {state}: MirrorMaker in dedicated mode runs '
        "what its file names. Stop the process, or write running"
    )


def test_several_workers_are_refused() -> None:
    with pytest.raises(DialectError) as refused:
        text_of(replicas=2, state="paused")

    assert [one.path for one in refused.value.problems] == [
        'flows["dev-to-stg"].state',
        'flows["dev-to-stg"].replicas',
    ]
    assert str(refused.value.problems[1]) == (
        'flows["dev-to-stg"].replicas: the dialect properties cannot say 2 workers: they would have to reach each '
        "other, and one file does not know their addresses. Write 1"
    )


@pytest.mark.parametrize("dialect", ["properties", "connect"])
def test_what_an_operator_would_do_with_its_pods_is_refused_by_name(dialect: str) -> None:
    flow = flow_plan(
        resources={"limits": {"memory": "1Gi"}},
        jvm={"heap": "512Mi"},
        image="registry.example.com/workers:7",
        version="4.3.1",
        tracing=True,
        metrics=True,
    )
    said: Callable[..., Any] = getattr(manifests, dialect)

    with pytest.raises(DialectError) as refused:
        said(flow, **ends(flow))

    assert [one.path for one in refused.value.problems] == [
        f'flows["dev-to-stg"].{where}'
        for where in ("resources", "jvm.heap", "image", "version", "tracing", "metrics")
    ]
    assert str(refused.value.problems[1]) == (
        f'flows["dev-to-stg"].jvm.heap: the dialect {dialect} cannot say heap: no operator runs the worker. Remove '
        "it, and set KAFKA_HEAP_OPTS where it is started"
    )


@pytest.mark.parametrize("exactly_once", [True, "preparing"])
def test_exactly_once_is_refused(exactly_once: Any) -> None:
    with pytest.raises(DialectError) as refused:
        text_of(exactlyOnce=exactly_once)

    assert [one.path for one in refused.value.problems] == ['flows["dev-to-stg"].exactlyOnce']


def test_a_cloud_service_is_reached_by_its_key_and_believed_by_public_authorities() -> None:
    flow = flow_plan()
    password = PasswordSecret(secret="api-key", key="password", is_made=False)
    login = PasswordLogin(mechanism="plain", username="token", password=password)
    source = replace(flow.source, trust=Trust(), login=login)
    plan = replace(flow, source=source)

    found = read(manifests.properties(plan, **ends(plan)))

    assert found["dev.security.protocol"] == "SASL_SSL"
    assert found["dev.sasl.mechanism"] == "PLAIN"
    assert found["dev.sasl.jaas.config"] == (
        'org.apache.kafka.common.security.plain.PlainLoginModule required username="token" '
        'password="${secrets:/etc/kafka-mirror/dev-to-stg/dev.properties:password}";'
    )
    assert not [key for key in found if key.startswith("dev.ssl.")]


def test_a_user_with_a_certificate_has_it_and_its_key_in_one_file() -> None:
    flow = flow_plan()
    login = CertificateLogin(secret="s", certificate="user.crt", key="user.key", is_issued=True)
    plan = replace(flow, target=replace(flow.target, login=login))

    text = manifests.properties(plan, **ends(plan))

    found = read(text)
    assert found["stg.security.protocol"] == "SSL"
    assert found["stg.ssl.keystore.type"] == "PEM"
    assert found["stg.ssl.keystore.location"] == "/etc/kafka-mirror/dev-to-stg/stg.pem"
    assert found["stg.ssl.truststore.location"] == "/etc/kafka-mirror/dev-to-stg/stg.crt"
    assert not [key for key in found if key.startswith("stg.sasl.")]
    assert "stg.pem (the private key and the certificates of its user, PEM)" in text
