"""What the status of a KafkaMirrorMaker2 or a KafkaConnect says, from how its reconciliation went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lab.operator.connector_requests import Answers
from lab.operator.failures import InvalidResourceError, ReconciliationError
from lab.operator.objects import JsonObject, namespace_of, spec_of
from lab.operator.status import not_ready, paused_status, ready, status_of
from lab.operator.worker_kinds import worker_kind, workload_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one reconciliation of a resource with workers went.

    Attributes:
        failure: Why it ended early.
        connectors: What Connect says of each connector, once it could be asked.
        plugins: What Connect says of the connectors it could run; only a KafkaConnect tells.
        restarts: What is told of connectors that were restarted by themselves.
        answers: What came of the requests in its annotations.
    """

    failure: ReconciliationError | None = None
    connectors: Sequence[Mapping[str, Any]] = ()
    plugins: Sequence[Mapping[str, Any]] = ()
    restarts: Sequence[Mapping[str, Any]] = ()
    answers: Answers = Answers()  # noqa: RUF009 - it is frozen


def worker_status(resource: Mapping[str, Any], outcome: Outcome, *, now: datetime) -> JsonObject:
    """Return the whole new status of a resource."""
    failure = outcome.failure or failed_connector(outcome.connectors)
    condition = ready() if failure is None else not_ready(failure)
    fields = _fields(resource, failure)
    told = {
        "connectors": outcome.connectors,
        "connectorPlugins": outcome.plugins,
        "autoRestartStatuses": outcome.restarts,
    }
    fields |= {
        name: [dict(entry) for entry in entries] for name, entries in told.items() if entries
    }
    return status_of(resource, [condition, *outcome.answers.warnings], now=now, fields=fields)


def paused_worker_status(resource: Mapping[str, Any], *, now: datetime) -> JsonObject:
    """Return the status of a resource that asks to be left alone: nothing is said of its workers."""
    return paused_status(resource, now=now, fields={"replicas": 0})


def failed_connector(statuses: Sequence[Mapping[str, Any]]) -> ReconciliationError | None:
    """Return the failure of a resource with a failed connector; a failed task alone is not told, as by the real operator."""
    if any(status.get("connector", {}).get("state") == "FAILED" for status in statuses):
        return ReconciliationError(
            "NoStackTraceThrowable", "One or more connectors are in FAILED state"
        )
    return None


def _fields(resource: Mapping[str, Any], failure: ReconciliationError | None) -> JsonObject:
    if isinstance(failure, InvalidResourceError):
        return {"replicas": 0}
    workload, kind = workload_of(resource), worker_kind(resource).kind
    labels = {"cluster": resource["metadata"]["name"], "name": workload, "kind": kind}
    replicas = int(spec_of(resource)["replicas"])
    fields: JsonObject = {
        "labelSelector": ",".join(f"strimzi.io/{key}={value}" for key, value in labels.items()),
        "replicas": replicas,
    }
    if replicas:
        fields["url"] = f"http://{workload}-api.{namespace_of(resource)}.svc:8083"
    return fields
