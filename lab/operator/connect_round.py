"""One reconciliation of a KafkaConnect: its workers, and the connectors that KafkaConnector objects declare for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lab.operator.auto_restart import restart_failed
from lab.operator.connect_rest import ConnectRest
from lab.operator.connector_sync import connector_statuses, delete_others, sync_connector
from lab.operator.connectors import ConnectorConfig, declared_connector
from lab.operator.failures import ReconciliationError
from lab.operator.objects import (
    CLUSTER_LABEL,
    JsonObject,
    annotations_of,
    is_paused,
    name_of,
    namespace_of,
    spec_of,
)
from lab.operator.status import not_ready, paused_status, ready, status_of
from lab.operator.worker_status import Outcome

USE_CONNECTORS = "strimzi.io/use-connector-resources"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectRound:
    """How a reconciliation went: for the KafkaConnect, and the new status of each KafkaConnector by its name."""

    outcome: Outcome
    connectors: Mapping[str, JsonObject] = field(default_factory=dict)


def carry_out(
    resource: Mapping[str, Any],
    declared: Sequence[Mapping[str, Any]],
    *,
    run_workers: Callable[[], ConnectRest | None],
    localise: Callable[[ConnectorConfig], ConnectorConfig],
    now: datetime,
) -> ConnectRound:
    """Run the workers and bring the connectors in line; a connector that fails does not hold up the others.

    Args:
        resource: The KafkaConnect.
        declared: The KafkaConnectors that name it.
        run_workers: Runs its workers and returns their REST interface once they answer; None without replicas.
        localise: Makes a connector's configuration fit where it runs.
        now: The time.
    """
    try:
        rest = run_workers()
        unserved = _why_unserved(resource, rest)
        if unserved is not None or rest is None:
            failed = {name_of(one): failed_status(one, unserved, now=now) for one in declared}
            return ConnectRound(outcome=Outcome(), connectors=failed)
        plugins = rest.plugins()
        delete_others(rest, {name_of(one) for one in declared})
        statuses = {name_of(one): _keep(rest, one, localise, now) for one in declared}
    except ReconciliationError as failure:
        return ConnectRound(outcome=Outcome(failure=failure))
    return ConnectRound(outcome=Outcome(plugins=plugins), connectors=statuses)


def no_cluster(name: str, namespace: str) -> ReconciliationError:
    """Say that the KafkaConnect a connector names does not exist."""
    return ReconciliationError(
        "NoSuchResourceException",
        f"KafkaConnect resource '{name}' identified by label '{CLUSTER_LABEL}' does not exist in namespace {namespace}.",
    )


def failed_status(
    connector: Mapping[str, Any], failure: ReconciliationError | None, *, now: datetime
) -> JsonObject:
    """Return the status of a KafkaConnector of which Connect says nothing."""
    if is_paused(connector):
        return paused_status(connector, now=now, fields={"tasksMax": 0})
    condition = ready() if failure is None else not_ready(failure)
    fields = {"tasksMax": int(spec_of(connector).get("tasksMax") or 0)}
    return status_of(connector, [condition], now=now, fields=fields)


def _why_unserved(
    resource: Mapping[str, Any], rest: ConnectRest | None
) -> ReconciliationError | None:
    name, namespace = name_of(resource), namespace_of(resource)
    if annotations_of(resource).get(USE_CONNECTORS) != "true":
        return ReconciliationError(
            "NoSuchResourceException",
            f"KafkaConnect {name} is not configured with annotation {USE_CONNECTORS}",
        )
    if rest is None:
        return ReconciliationError(
            "RuntimeException",
            f"Kafka Connect cluster '{name}' in namespace {namespace} has 0 replicas.",
        )
    return None


def _keep(
    rest: ConnectRest,
    declared: Mapping[str, Any],
    localise: Callable[[ConnectorConfig], ConnectorConfig],
    now: datetime,
) -> JsonObject:
    """Bring one connector in line, and return the new status of its KafkaConnector."""
    if is_paused(declared):
        return failed_status(declared, None, now=now)
    try:
        connector = declared_connector(declared, localise)
        sync_connector(rest, connector)
        (status,) = connector_statuses(rest, [connector])
        told = (declared.get("status") or {}).get("autoRestart")
        restarts = restart_failed(rest, [connector], [status], [told] if told else [], now=now)
        topics = rest.topics(connector.name)
    except ReconciliationError as failure:
        return failed_status(declared, failure, now=now)
    fields: JsonObject = {
        "connectorStatus": status,
        "tasksMax": int(spec_of(declared).get("tasksMax") or len(status.get("tasks", ()))),
        "topics": sorted(topics),
    }
    if restarts:
        fields["autoRestart"] = dict(restarts[0])
    failed = _failure(status)
    condition = ready() if failed is None else not_ready(failed)
    return status_of(declared, [condition], now=now, fields=fields)


def _failure(status: Mapping[str, Any]) -> ReconciliationError | None:
    if status.get("connector", {}).get("state") == "FAILED":
        message = "Connector has failed, see connectorStatus for more details."
        return ReconciliationError("Throwable", message)
    tasks = [str(task["id"]) for task in status.get("tasks", ()) if task["state"] == "FAILED"]
    if not tasks:
        return None
    message = f"The following tasks have failed: {', '.join(tasks)}, see connectorStatus for more details."
    return ReconciliationError("Throwable", message)
