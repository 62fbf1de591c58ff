"""Reconciliations of resources with workers, against a stand-in for Connect: what is asked of it, and what is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from lab.operator import connect_round, mirror_maker_round
from lab.operator.connect_rest import ConnectRest
from lab.operator.connector_requests import Answers, still_asked
from lab.operator.connector_sync import NeverEndingError
from lab.operator.worker_status import Outcome, worker_status
from tests.lab.operator.connect_stand_in import Connect, connect_cluster
from tests.lab.operator.resources import API, make_mirror_maker, make_side

NOW = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
SOURCE = "dev->stg.MirrorSourceConnector"


@pytest.fixture
def connect() -> Iterator[Connect]:
    with connect_cluster() as cluster:
        yield cluster


def make_flow(**mirror: Any) -> dict[str, Any]:
    sides = {
        "target": make_side("stg", "stg:9093", user="t", trust="ca"),
        "source": make_side("dev", "dev:9093", user="s", trust="ca"),
    }
    flow = make_mirror_maker("flow", "stg", **sides, checkpointConnector=None, **mirror)
    flow["metadata"] |= {"uid": "1", "generation": 1}
    return flow


def round_of(flow: dict[str, Any], connect: Connect) -> Outcome:
    return mirror_maker_round.carry_out(
        flow,
        run_workers=lambda: ConnectRest(connect.port),
        localise=lambda config: config,
        read_config_map=lambda name: None,
        now=NOW,
    )


def test_two_connectors_of_one_name_are_never_done_with_until_they_exist(connect: Connect) -> None:
    flow = make_flow()
    second = {**flow["spec"]["mirrors"][0], "topicsPattern": "orders"}
    flow["spec"]["mirrors"].append(second)

    with pytest.raises(NeverEndingError, match=SOURCE):
        round_of(flow, connect)

    assert connect.sent[SOURCE]["config"]["topics"] == "orders"
    outcome = round_of(flow, connect)
    assert [one["name"] for one in outcome.connectors] == [SOURCE, SOURCE]
    assert connect.changes[1:] == [f"PUT /connectors/{SOURCE}/config -> 200"] * 2


def test_failed_connector_is_told_with_all_others_and_a_failed_task_alone_is_not(
    connect: Connect,
) -> None:
    flow = make_flow()
    round_of(flow, connect)
    connect.runs[SOURCE].tasks = ["FAILED"]
    status = worker_status(flow, round_of(flow, connect), now=NOW)
    assert [one["type"] for one in status["conditions"]] == ["Ready"]

    connect.runs[SOURCE].state = "FAILED"

    status = worker_status(flow, round_of(flow, connect), now=NOW)
    assert [one["name"] for one in status["connectors"]] == [SOURCE]
    (condition,) = status["conditions"]
    assert (condition["reason"], condition["message"]) == (
        "NoStackTraceThrowable",
        "One or more connectors are in FAILED state",
    )


def test_offsets_of_a_running_connector_are_not_reset_and_the_request_stays(
    connect: Connect,
) -> None:
    flow = make_flow()
    flow["metadata"]["annotations"] = {
        "strimzi.io/connector-offsets": "reset",
        "strimzi.io/mirrormaker-connector": SOURCE,
    }

    answers = round_of(flow, connect).answers

    assert answers.carried_out == ()
    assert [one["message"] for one in answers.warnings] == [
        "Encountered error resetting connector offsets. Connector is not in STOPPED state"
    ]


def test_request_made_while_another_was_carried_out_is_kept() -> None:
    connector = {"strimzi.io/mirrormaker-connector": SOURCE}
    asked, now = make_flow(), make_flow()
    asked["metadata"]["annotations"] = {"strimzi.io/connector-offsets": "reset", **connector}
    now["metadata"]["annotations"] = {"strimzi.io/connector-offsets": "list", **connector}
    answers = Answers(carried_out=tuple(asked["metadata"]["annotations"]))

    assert still_asked(answers, asked, now) == []
    assert still_asked(answers, asked, asked) == list(answers.carried_out)


def make_connect_cluster(*, replicas: int = 1, uses_resources: bool = True) -> dict[str, Any]:
    annotations = {"strimzi.io/use-connector-resources": "true"} if uses_resources else {}
    return {
        "apiVersion": API,
        "kind": "KafkaConnect",
        "metadata": {"name": "c", "namespace": "dev", "annotations": annotations},
        "spec": {"replicas": replicas},
    }


def make_connector(name: str, **annotations: str) -> dict[str, Any]:
    return {
        "kind": "KafkaConnector",
        "metadata": {"name": name, "namespace": "dev", "annotations": annotations},
        "spec": {"class": "x.Y", "tasksMax": 1, "config": {"a": 1}},
    }


def connect_round_of(
    resource: dict[str, Any], declared: list[dict[str, Any]], connect: Connect | None
) -> dict[str, Any]:
    done = connect_round.carry_out(
        resource,
        declared,
        run_workers=lambda: None if connect is None else ConnectRest(connect.port),
        localise=lambda config: config,
        now=NOW,
    )
    return dict(done.connectors)


def why(status: dict[str, Any]) -> tuple[str, str]:
    (condition,) = status["conditions"]
    return condition["reason"], condition["message"]


def test_connector_of_a_cluster_that_serves_none_is_told_why(connect: Connect) -> None:
    one = make_connector("one")

    unmarked = connect_round_of(make_connect_cluster(uses_resources=False), [one], connect)
    empty = connect_round_of(make_connect_cluster(replicas=0), [one], None)

    assert why(unmarked["one"]) == (
        "NoSuchResourceException",
        "KafkaConnect c is not configured with annotation strimzi.io/use-connector-resources",
    )
    assert why(empty["one"]) == (
        "RuntimeException",
        "Kafka Connect cluster 'c' in namespace dev has 0 replicas.",
    )


def test_refused_connector_holds_up_no_other_and_what_nobody_declares_goes(
    connect: Connect,
) -> None:
    cluster = make_connect_cluster()
    connect_round_of(cluster, [make_connector("a"), make_connector("gone")], connect)
    connect.refusal = (400, {"message": "made-up"})
    changed = make_connector("a")
    changed["spec"]["config"] = {"a": 2}

    told = connect_round_of(cluster, [changed, make_connector("b")], connect)

    assert why(told["a"])[1].endswith("returned 400 (400): made-up")
    assert told["b"]["connectorStatus"]["connector"]["state"] == "RUNNING"
    assert sorted(connect.runs) == ["a", "b"]


def test_paused_connector_is_kept_as_it_is(connect: Connect) -> None:
    cluster = make_connect_cluster()
    connect_round_of(cluster, [make_connector("a")], connect)
    paused = make_connector("a", **{"strimzi.io/pause-reconciliation": "true"})
    paused["spec"]["config"] = {"a": 2}

    told = connect_round_of(cluster, [paused], connect)

    assert [one["type"] for one in told["a"]["conditions"]] == ["ReconciliationPaused"]
    assert connect.runs["a"].config["a"] == "1"


def test_failed_task_of_a_connector_is_told(connect: Connect) -> None:
    cluster = make_connect_cluster()
    connect_round_of(cluster, [make_connector("a")], connect)
    connect.runs["a"].tasks = ["FAILED"]

    told = connect_round_of(cluster, [make_connector("a")], connect)

    assert why(told["a"]) == (
        "Throwable",
        "The following tasks have failed: 0, see connectorStatus for more details.",
    )
