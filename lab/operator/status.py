"""What a resource's status says, as Strimzi 1.2.0 writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from lab.operator.failures import ReconciliationError
from lab.operator.objects import JsonObject, generation_of

FIELD_MANAGER = "strimzi-operator"


def ready() -> JsonObject:
    """Return the condition of an object that is as declared."""
    return {"type": "Ready", "status": "True"}


def paused() -> JsonObject:
    """Return the condition of an object that asks to be left alone; it stands alone."""
    return {"type": "ReconciliationPaused", "status": "True"}


def not_ready(failure: ReconciliationError) -> JsonObject:
    """Return the condition of an object that failed, for every kind but topics."""
    return {
        "type": "NotReady",
        "status": "True",
        "reason": failure.reason,
        "message": failure.message,
    }


def ready_false(failure: ReconciliationError) -> JsonObject:
    """Return the condition of a topic that failed."""
    return {
        "type": "Ready",
        "status": "False",
        "reason": failure.reason,
        "message": failure.message,
    }


def warning(reason: str, message: str) -> JsonObject:
    """Return a condition that stands beside the others."""
    return {"type": "Warning", "status": "True", "reason": reason, "message": message}


def status_of(
    obj: Mapping[str, Any],
    conditions: Iterable[Mapping[str, Any]],
    *,
    now: datetime,
    fields: Mapping[str, Any] | None = None,
    observed_generation: int | None = None,
) -> JsonObject:
    """Return an object's whole new status.

    Args:
        obj: The object, with the status it has.
        conditions: Without times; one that stands already keeps its time.
        now: The time of the others.
        fields: The rest of the status; an absent one is removed from the object.
        observed_generation: The object's own generation by default.
    """
    previous = (obj.get("status") or {}).get("conditions") or []
    generation = generation_of(obj) if observed_generation is None else observed_generation
    return {
        **(fields or {}),
        "conditions": [_timed(condition, previous, now) for condition in conditions],
        "observedGeneration": generation,
    }


def paused_status(
    obj: Mapping[str, Any], *, now: datetime, fields: Mapping[str, Any] | None = None
) -> JsonObject:
    """Return the status of an object that asks to be left alone: what was seen of it before, and nothing of its state.

    Not for topics, whose operator says that it has seen the present spec.
    """
    seen = (obj.get("status") or {}).get("observedGeneration", 0)
    return status_of(obj, [paused()], now=now, fields=fields, observed_generation=seen)


def _timed(
    condition: Mapping[str, Any], previous: Sequence[Mapping[str, Any]], now: datetime
) -> JsonObject:
    for entry in previous:
        without_time = {key: value for key, value in entry.items() if key != "lastTransitionTime"}
        if without_time == condition:
            return dict(entry)
    return {**condition, "lastTransitionTime": now.strftime("%Y-%m-%dT%H:%M:%SZ")}
