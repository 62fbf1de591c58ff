"""When an object is ready."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.readiness import (
    Condition,
    JsonPath,
    WaitForError,
    parse_wait_for,
    readiness_of,
    values_at,
)


def kafka(status: str = "True", *, observed: int | None = 2, **more: Any) -> dict[str, Any]:
    condition = {"type": "Ready", "status": status, **more}
    seen = {} if observed is None else {"observedGeneration": observed}
    return {"metadata": {"generation": 2}, "status": {"conditions": [condition], **seen}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("condition=Ready", (Condition("Ready", "True"),)),
        ("condition=Paused=False", (Condition("Paused", "False"),)),
        ("jsonpath={.status.phase}=Running", (JsonPath(".status.phase", "Running"),)),
        ("jsonpath={.status.phase}", (JsonPath(".status.phase", None),)),
        (
            '["condition=Ready", "jsonpath={.status.n}=3"]',
            (Condition("Ready", "True"), JsonPath(".status.n", "3")),
        ),
    ],
)
def test_the_annotation_is_read(text: str, expected: tuple[Condition | JsonPath, ...]) -> None:
    assert parse_wait_for(text) == expected


@pytest.mark.parametrize(
    "text", ["", "Ready", "jsonpath={status}", "[1]", "[", "jsonpath={.a[*]}=1"]
)
def test_what_is_not_served_is_told(text: str) -> None:
    with pytest.raises(WaitForError, match=r"^pulumi.com/waitFor: '"):
        parse_wait_for(text)


@pytest.mark.parametrize(
    ("obj", "is_ready"),
    [
        pytest.param(kafka(), True, id="ready"),
        pytest.param(kafka("False"), False, id="not ready"),
        pytest.param(kafka(observed=1), False, id="ready for the generation before"),
        pytest.param(
            kafka(observed=1, observedGeneration=2),
            True,
            id="the condition's own generation counts",
        ),
        pytest.param(kafka(observed=None), True, id="nobody says which generation"),
        pytest.param({"metadata": {}}, False, id="no status yet"),
    ],
)
def test_a_condition_counts_for_the_present_generation(obj: dict[str, Any], is_ready: bool) -> None:
    assert Condition("Ready", "True").is_met(obj) is is_ready


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".status.a", [1]),
        (".status['b.c']", [2]),
        (".status.list[1].n", ["two"]),
        ('.status.list[?(@.n=="one")].v', [True]),
        (".status.absent", []),
        (".status.list[9]", []),
    ],
)
def test_a_path_leads_to_values(path: str, found: list[Any]) -> None:
    status = {"a": 1, "b.c": 2, "list": [{"n": "one", "v": True}, {"n": "two"}]}
    assert list(values_at({"status": status}, path)) == found


def test_what_is_missing_is_said_in_the_operators_words() -> None:
    readiness = readiness_of(
        {"metadata": {"annotations": {"pulumi.com/waitFor": "condition=Ready"}}}
    )
    conditions = [
        {"type": "Warning", "message": "old", "lastTransitionTime": "2026-01-01T00:00:00Z"},
        {
            "type": "NotReady",
            "status": "True",
            "reason": "Creating",
            "message": "brokers are starting",
            "lastTransitionTime": "2026-01-02T00:00:00Z",
        },
    ]
    assert readiness.missing({"status": {"conditions": conditions}}) == (
        "waiting for condition Ready: Creating: brokers are starting"
    )


def test_waiting_can_be_skipped_and_timed() -> None:
    annotations = {
        "pulumi.com/waitFor": "condition=Ready",
        "pulumi.com/skipAwait": "true",
        "pulumi.com/timeoutSeconds": "90",
    }
    readiness = readiness_of({"metadata": {"annotations": annotations}})
    assert (readiness.expectations, readiness.timeout) == ((), timedelta(seconds=90))


def test_a_timeout_that_is_no_number_is_told() -> None:
    with pytest.raises(WaitForError, match="'10m' is not a number of seconds"):
        readiness_of({"metadata": {"annotations": {"pulumi.com/timeoutSeconds": "10m"}}})
