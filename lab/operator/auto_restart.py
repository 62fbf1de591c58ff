"""When a failed connector is restarted by itself: at once, then after 2, 6, 12, 20 … minutes, as Strimzi does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from lab.operator import journal
from lab.operator.connect_rest import ConnectRest
from lab.operator.connectors import Connector

_DEFAULT_MAXIMUM = 7
_LONGEST = timedelta(minutes=60)
_TIME = "%Y-%m-%dT%H:%M:%SZ"

RestartStatus = Mapping[str, Any]


def wait_before(restarts: int) -> timedelta:
    """Return how long after a connector's last restart the next one may come.

    Args:
        restarts: How often it has been restarted.
    """
    return min(timedelta(minutes=restarts * restarts + restarts), _LONGEST)


def has_failed(status: Mapping[str, Any]) -> bool:
    """Tell whether a connector or one of its tasks has failed."""
    parts = [status.get("connector") or {}, *status.get("tasks", ())]
    return any(part.get("state") == "FAILED" for part in parts)


def is_restart_due(
    section: Mapping[str, Any],
    status: Mapping[str, Any],
    previous: RestartStatus | None,
    *,
    now: datetime,
) -> bool:
    """Tell whether a connector is to be restarted now.

    Args:
        section: Its declaration.
        status: What Connect says of it.
        previous: What the resource's status says of its earlier restarts.
        now: The time.
    """
    settings = section.get("autoRestart") or {}
    if not settings.get("enabled") or not has_failed(status):
        return False
    restarts = int((previous or {}).get("count", 0))
    if restarts >= int(settings.get("maxRestarts") or _DEFAULT_MAXIMUM):
        return False
    return previous is None or now >= _last(previous) + wait_before(restarts)


def after_restart(name: str, previous: RestartStatus | None, *, now: datetime) -> RestartStatus:
    """Return what the resource's status is to say of a connector that was just restarted."""
    return {
        "connectorName": name,
        "count": int((previous or {}).get("count", 0)) + 1,
        "lastRestartTimestamp": now.strftime(_TIME),
    }


def still_counts(
    previous: RestartStatus | None, status: Mapping[str, Any], *, now: datetime
) -> bool:
    """Tell whether earlier restarts are still to be told: until the connector has run for a while."""
    if previous is None:
        return False
    return has_failed(status) or now < _last(previous) + wait_before(int(previous["count"]))


def previous_of(name: str, statuses: Sequence[RestartStatus]) -> RestartStatus | None:
    """Return what is said of one connector."""
    return next((entry for entry in statuses if entry["connectorName"] == name), None)


def restart_failed(
    rest: ConnectRest,
    connectors: Sequence[Connector],
    statuses: Sequence[Mapping[str, Any]],
    told: Sequence[RestartStatus],
    *,
    now: datetime,
) -> list[RestartStatus]:
    """Restart what has failed and may be restarted, and return what the resource's status is to say of restarts.

    Args:
        rest: The Connect cluster.
        connectors: All of the resource's.
        statuses: What Connect says of each.
        told: What the resource's status says of restarts so far.
        now: The time.
    """
    entries = []
    for connector, status in zip(connectors, statuses, strict=True):
        previous = previous_of(connector.name, told)
        if is_restart_due(connector.section, status, previous, now=now):
            journal.note("connector restarted", connector=connector.name)
            rest.restart(connector.name, include_tasks=True, only_failed=True)
            previous = after_restart(connector.name, previous, now=now)
        if previous is not None and still_counts(previous, status, now=now):
            entries.append(previous)
    return entries


def _last(previous: RestartStatus) -> datetime:
    return datetime.strptime(previous["lastRestartTimestamp"], _TIME).replace(tzinfo=UTC)
