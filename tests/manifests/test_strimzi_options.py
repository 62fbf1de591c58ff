"""What a flow and its workers are set to, and what users may ask, in the words of Strimzi 1.2.0."""

from __future__ import annotations

from typing import Any

import pytest

from kafka_mirror import manifests
from kafka_mirror.mirrormaker import keys
from kafka_mirror.topology import SiteName
from tests.manifests.flows import flow_plan
from tests.manifests.test_strimzi import mirror_maker
from tests.planning.plans import planned
from tests.topology.configurations import changed, two_sites


def source_settings(**changes: Any) -> dict[str, Any]:
    settings: dict[str, Any] = mirror_maker(**changes)["mirrors"][0]["sourceConnector"]["config"]
    return settings


def quotas_of(quotas: dict[str, Any], site: str) -> Any:
    """Return what the KafkaUser of a user with quotas says of them, where it is declared or where it is replicated to."""
    found = planned(changed(two_sites(), "users", "producer", "quotas", to=quotas))
    users = (*found.sites[SiteName(site)].users, *found.flows[0].replicated_users)
    (user,) = {one.name: one for one in users if one.name == "producer"}.values()
    return manifests.kafka_user(user, namespace="n", cluster="c")["spec"].get("quotas")


def test_nothing_is_said_that_the_operator_or_mirror_maker_does_by_itself() -> None:
    spec = mirror_maker()

    assert list(spec) == ["replicas", "target", "mirrors"]
    assert keys.CONSUMER_START not in source_settings()
    assert keys.EXACTLY_ONCE_SUPPORT not in spec["target"]["config"]


def test_a_flow_that_starts_at_the_end_has_its_consumer_told_so() -> None:
    assert source_settings(start="latest")["consumer.auto.offset.reset"] == "latest"


@pytest.mark.parametrize(
    ("wanted", "worker", "connector"),
    [
        pytest.param(True, "enabled", "required", id="transactions"),
        pytest.param("preparing", "preparing", None, id="the step before, which promises nothing"),
        pytest.param(False, None, None, id="none"),
    ],
)
def test_exactly_once_is_asked_of_worker_and_connector(
    wanted: Any, worker: str | None, connector: str | None
) -> None:
    settings = source_settings(exactlyOnce=wanted)

    target = mirror_maker(exactlyOnce=wanted)["target"]
    assert target["config"].get("exactly.once.source.support") == worker
    assert settings.get("exactly.once.support") == connector
    assert settings["consumer.isolation.level"] == "read_committed"


def test_workers_run_as_they_are_told() -> None:
    spec = mirror_maker(
        replicas=2,
        image="registry/mm2:1",
        version="4.3.1",
        resources={"requests": {"cpu": 0.5}, "limits": {"cpu": 2, "memory": "2Gi"}},
        jvm={"heap": "1Gi"},
    )

    assert {key: spec[key] for key in list(spec)[:-2]} == {
        "replicas": 2,
        "version": "4.3.1",
        "image": "registry/mm2:1",
        "resources": {"requests": {"cpu": "0.5"}, "limits": {"cpu": "2", "memory": "2Gi"}},
        "jvmOptions": {"-Xms": "1g", "-Xmx": "1g"},
    }


def test_a_share_that_says_nothing_is_not_said() -> None:
    assert mirror_maker(resources={"requests": {}, "limits": {"memory": "1Gi"}})["resources"] == {
        "limits": {"memory": "1Gi"}
    }


@pytest.mark.parametrize(
    ("tracing", "collector"),
    [
        pytest.param(True, [], id="to where OpenTelemetry looks by itself"),
        pytest.param(
            {"endpoint": "http://c:4317"},
            [{"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://c:4317"}],
            id="to a collector",
        ),
    ],
)
def test_traces_carry_the_name_of_the_flow(tracing: Any, collector: list[Any]) -> None:
    spec = mirror_maker(tracing=tracing)

    assert spec["tracing"] == {"type": "opentelemetry"}
    assert spec["template"] == {
        "connectContainer": {
            "env": [{"name": "OTEL_SERVICE_NAME", "value": "dev-to-stg"}, *collector]
        }
    }


@pytest.mark.parametrize("site", ["dev", "stg"])
def test_quotas_hold_where_a_user_is_declared_and_where_it_is_replicated_to(site: str) -> None:
    written = {"producerByteRate": "1.5Ki", "requestPercentage": 25, "controllerMutationRate": 0.5}

    assert quotas_of(written, site) == {
        "producerByteRate": 1536,
        "requestPercentage": 25,
        "controllerMutationRate": 0.5,
    }


def test_a_flow_of_many_tasks_keeps_its_options() -> None:
    plan = flow_plan(tasks=4, start="latest", exactlyOnce=True)

    assert (plan.tasks, plan.start, plan.workers.transactions) == (4, "latest", True)
