"""One reconciliation of a KafkaMirrorMaker2 once it is decided what its workers are: what Connect is asked, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from lab.operator.auto_restart import restart_failed
from lab.operator.connect_rest import ConnectRest
from lab.operator.connector_requests import ConnectorRequests, ReadConfigMap
from lab.operator.connector_sync import connector_statuses, sync_connectors
from lab.operator.connectors import Connector, ConnectorConfig, connectors_of
from lab.operator.failures import InvalidResourceError, ReconciliationError
from lab.operator.worker_status import Outcome


def carry_out(
    resource: Mapping[str, Any],
    *,
    run_workers: Callable[[], ConnectRest | None],
    localise: Callable[[ConnectorConfig], ConnectorConfig],
    read_config_map: ReadConfigMap,
    now: datetime,
) -> Outcome:
    """Run the workers and bring the connectors in line; return how that went.

    Args:
        resource: The KafkaMirrorMaker2.
        run_workers: Runs its workers and returns their REST interface once they answer; None without replicas.
        localise: Makes a connector's configuration fit where it runs.
        read_config_map: Returns the entries of a ConfigMap beside the resource, or None.
        now: The time.

    Raises:
        NeverEndingError: The real operator would never come to an end with it.
    """
    try:
        rest = run_workers()
        connectors = _connectors(resource)
        if rest is None:
            return Outcome()
        local = [replace(each, config=localise(each.config)) for each in connectors]
        sync_connectors(rest, local)
        answers = ConnectorRequests(resource, rest, read_config_map).carry_out(local)
        statuses = connector_statuses(rest, local)
        told = (resource.get("status") or {}).get("autoRestartStatuses") or []
        restarts = restart_failed(rest, local, statuses, told, now=now)
    except ReconciliationError as failure:
        return Outcome(failure=failure)
    return Outcome(connectors=statuses, restarts=restarts, answers=answers)


def _connectors(resource: Mapping[str, Any]) -> tuple[Connector, ...]:
    try:
        return connectors_of(resource)
    except InvalidResourceError as failure:
        # Found out late: by then the workers run and the status has its other fields.
        raise ReconciliationError(failure.reason, failure.message) from failure
