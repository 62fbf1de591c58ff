from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lab.operator.failures import ReconciliationError
from lab.operator.status import not_ready, paused_status, ready, status_of

NOW = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
EARLIER = "2026-11-20T00:00:00Z"


def make_object(**status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "x", "namespace": "ns", "generation": 3}, "status": status}


def test_condition_that_stands_keeps_its_time() -> None:
    obj = make_object(conditions=[{**ready(), "lastTransitionTime": EARLIER}])

    status = status_of(obj, [ready()], now=NOW)

    assert status == {
        "conditions": [{**ready(), "lastTransitionTime": EARLIER}],
        "observedGeneration": 3,
    }


def test_other_reason_is_another_condition() -> None:
    before = not_ready(ReconciliationError("A", "a"))
    obj = make_object(conditions=[{**before, "lastTransitionTime": EARLIER}])

    status = status_of(obj, [not_ready(ReconciliationError("B", "b"))], now=NOW)

    assert status["conditions"] == [
        {
            "type": "NotReady",
            "status": "True",
            "reason": "B",
            "message": "b",
            "lastTransitionTime": "2026-11-21T07:30:00Z",
        }
    ]


def test_paused_object_keeps_what_was_seen_of_it_before() -> None:
    obj = make_object(observedGeneration=2)

    status = paused_status(obj, now=NOW)

    assert status["observedGeneration"] == 2
    assert [one["type"] for one in status["conditions"]] == ["ReconciliationPaused"]
