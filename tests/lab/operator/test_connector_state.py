from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lab.operator.auto_restart import after_restart, is_restart_due, still_counts
from lab.operator.connector_requests import offsets_entry
from lab.operator.connector_sync import is_settled

NOW = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
SECTION = {"autoRestart": {"enabled": True, "maxRestarts": 3}}
MINUTE = timedelta(minutes=1)


def make_status(state: str, *tasks: str) -> dict[str, Any]:
    return {
        "name": "c",
        "connector": {"state": state},
        "tasks": [{"id": index, "state": task} for index, task in enumerate(tasks)],
    }


@pytest.mark.parametrize(
    ("status", "settled"),
    [
        pytest.param(make_status("RUNNING", "RUNNING"), True, id="running"),
        pytest.param(make_status("RUNNING"), False, id="no task yet"),
        pytest.param(make_status("RUNNING", "UNASSIGNED"), False, id="task without a worker"),
        pytest.param(make_status("STOPPED"), True, id="stopped"),
        pytest.param(make_status("STOPPED", "RUNNING"), False, id="task still stopping"),
        pytest.param(make_status("PAUSED", "RUNNING"), False, id="task still pausing"),
        pytest.param({"name": "c"}, False, id="nothing known yet"),
    ],
)
def test_connector_is_settled_when_its_tasks_are_where_it_is(
    status: dict[str, Any], settled: bool
) -> None:
    assert is_settled([status]) is settled


def test_failed_task_is_restarted_at_once_then_after_two_and_six_minutes_then_never() -> None:
    failed = make_status("RUNNING", "FAILED")
    assert is_restart_due(SECTION, failed, None, now=NOW)
    first = after_restart("c", None, now=NOW)
    assert first == {
        "connectorName": "c",
        "count": 1,
        "lastRestartTimestamp": "2026-11-21T07:30:00Z",
    }

    assert not is_restart_due(SECTION, failed, first, now=NOW + MINUTE)
    assert is_restart_due(SECTION, failed, first, now=NOW + 2 * MINUTE)
    second = after_restart("c", first, now=NOW)
    assert not is_restart_due(SECTION, failed, second, now=NOW + 5 * MINUTE)
    assert is_restart_due(SECTION, failed, second, now=NOW + 6 * MINUTE)
    third = after_restart("c", second, now=NOW)
    assert not is_restart_due(SECTION, failed, third, now=NOW + 600 * MINUTE)


def test_restarts_are_told_until_the_connector_has_run_for_a_while() -> None:
    told = after_restart("c", None, now=NOW)
    running = make_status("RUNNING", "RUNNING")

    assert still_counts(told, running, now=NOW + MINUTE)
    assert not still_counts(told, running, now=NOW + 2 * MINUTE)
    assert still_counts(told, make_status("RUNNING", "FAILED"), now=NOW + 2 * MINUTE)


def test_nothing_is_restarted_unasked() -> None:
    assert not is_restart_due({}, make_status("FAILED"), None, now=NOW)


def test_offsets_of_a_connector_have_a_name_without_an_arrow() -> None:
    assert offsets_entry("dev->stg.MirrorSourceConnector") == "dev--stg.MirrorSourceConnector.json"
