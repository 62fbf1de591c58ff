"""Brings the connectors of a Connect cluster in line with what a resource declares, call by call as the real operator."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from kafka_mirror.errors import KafkaMirrorError
from lab.operator import journal
from lab.operator.connect_rest import ConnectRest
from lab.operator.connectors import Connector, normalised

_DELETED_WITHIN_SECONDS = 10.0
_KNOWN_WITHIN_SECONDS = 10.0
_PAUSE_SECONDS = 0.2
_VERBS = {
    ("running", "PAUSED"): "resume",
    ("running", "STOPPED"): "resume",
    ("paused", "RUNNING"): "pause",
    ("paused", "STOPPED"): "pause",
    ("stopped", "RUNNING"): "stop",
    ("stopped", "PAUSED"): "stop",
    ("stopped", "FAILED"): "stop",
    ("stopped", "UNASSIGNED"): "stop",
}


class NeverEndingError(KafkaMirrorError):
    """The real operator would ask Connect again for ever, and never write a status."""


def sync_connectors(rest: ConnectRest, connectors: Sequence[Connector]) -> None:
    """Create, change and delete connectors, and bring them into their declared states.

    Raises:
        ReconciliationError: Connect refused, in its words.
        NeverEndingError: Two connectors of one name are to be created.
    """
    declared = {connector.name: connector for connector in connectors}
    delete_others(rest, declared.keys())
    existing = {name: rest.config(name) for name in declared}
    for name, connector in declared.items():
        if existing[name] is None:
            _create(rest, connector)
    for connector in connectors:
        if existing[connector.name] is not None:
            _bring_in_line(rest, connector)
    missing = [connector for connector in connectors if existing[connector.name] is None]
    if len(missing) > len({connector.name for connector in missing}):
        # Connect answers 409 to whoever comes second: the real operator takes that for a rebalance.
        raise NeverEndingError(f"two connectors are called {missing[0].name}")


def delete_others(rest: ConnectRest, wanted: Collection[str]) -> None:
    """Delete the connectors that are not wanted."""
    for name in sorted(rest.names() - set(wanted)):
        _delete(rest, name)


def sync_connector(rest: ConnectRest, connector: Connector) -> None:
    """Create or change one connector, and bring it into its declared state.

    Raises:
        ReconciliationError: Connect refused, in its words.
    """
    if rest.config(connector.name) is None:
        _create(rest, connector)
    else:
        _bring_in_line(rest, connector)


def connector_statuses(rest: ConnectRest, connectors: Iterable[Connector]) -> list[dict[str, Any]]:
    """Return what Connect says of each connector, as it goes into a resource's status."""
    found = []
    for connector in connectors:
        deadline = time.monotonic() + _KNOWN_WITHIN_SECONDS
        # Connect learns of a connector's state through a topic, a moment after it was created.
        while (status := rest.status(connector.name)) is None and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)
        found.append(dict(status) if status else {"name": connector.name})
    return found


def is_settled(statuses: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether every connector and task has reached a state that does not change by itself."""
    return all(
        status.get("connector", {}).get("state") not in (None, "UNASSIGNED")
        and all(task["state"] == status["connector"]["state"] for task in status.get("tasks", ()))
        and (status["connector"]["state"] == "STOPPED" or status.get("tasks"))
        and not (status["connector"]["state"] == "STOPPED" and status.get("tasks"))
        for status in statuses
    )


def _create(rest: ConnectRest, connector: Connector) -> None:
    journal.note("connector created", connector=connector.name)
    rest.create(connector.name, connector.config, connector.initial_state)


def _bring_in_line(rest: ConnectRest, connector: Connector) -> None:
    # Asked again: one of the same name may have changed it a moment ago.
    if normalised(rest.config(connector.name) or {}) != normalised(connector.config):
        journal.note("connector changed", connector=connector.name)
        rest.reconfigure(connector.name, connector.config)
    _bring_into_state(rest, connector)


def _bring_into_state(rest: ConnectRest, connector: Connector) -> None:
    status = rest.status(connector.name)
    if status is None:
        return
    verb = _VERBS.get((connector.state or "running", status["connector"]["state"]))
    if verb is not None:
        journal.note("connector state", connector=connector.name, verb=verb)
        rest.change_state(connector.name, verb)


def _delete(rest: ConnectRest, name: str) -> None:
    journal.note("connector deleted", connector=name)
    rest.delete(name)
    deadline = time.monotonic() + _DELETED_WITHIN_SECONDS
    while rest.status(name) is not None and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
