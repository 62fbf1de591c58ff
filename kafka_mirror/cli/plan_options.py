"""How ``kafka-mirror plan`` tells what a flow and its workers are set to, and what users may ask of a broker."""

from __future__ import annotations

from typing import Any

from kafka_mirror.mirrormaker.internal_topics import mirrored_heartbeats_topic
from kafka_mirror.planning import FlowPlan
from kafka_mirror.planning.heartbeats import HeartbeatsPlan
from kafka_mirror.planning.workers import WorkersPlan
from kafka_mirror.topology import Operator
from kafka_mirror.topology.quotas import Quotas
from kafka_mirror.topology.workers import Amounts, ExactlyOnce

_START = {
    "earliest": "MirrorMaker's default: all that the source still holds is mirrored first",
    "latest": (
        "what was there before is not mirrored, nor what a new topic or partition gets before it is discovered; "
        "a place that retention has overtaken goes on at the end"
    ),
}
_ONCE: dict[ExactlyOnce, tuple[str, str]] = {
    False: ("at least once", "a lost worker mirrors again what it had not flushed"),
    True: ("exactly once", "in transactions; consumers at the target read with read_committed"),
    "preparing": (
        "at least once",
        "preparing: every worker learns of transactions before the first uses them",
    ),
}
_OPERATORS = "the operator's own"


def flow_option_rows(flow: FlowPlan) -> list[tuple[str, str, str]]:
    """Return what a flow is set to: the option, its value, and why or at what cost."""
    once, because = _ONCE[flow.workers.transactions]
    return [
        _place_row(flow),
        ("start", flow.start, _START[flow.start]),
        ("records arrive", once, because),
        ("heartbeats", *_heartbeats(flow)),
        *_worker_rows(flow.workers),
        ("watched", *_watched(flow)),
    ]


def _watched(flow: FlowPlan) -> tuple[str, str]:
    if flow.metrics is None:
        return "no", "metrics"
    if (rules := flow.metrics.rules) is None:
        return "by Prometheus and Grafana", "metrics"
    told = f"with the rules of others, {rules.key} of ConfigMap {rules.config_map}; no alerts, no dashboard"
    return "by Prometheus", told


def _place_row(flow: FlowPlan) -> tuple[str, str, str]:
    place = flow.place
    because = (
        "beside the target"
        if flow.runs_at_target
        else "runsIn, or beside the source of an external target"
    )
    where = f"namespace {place.namespace} of context {place.context}"
    return ("runs in", f"{where}, site {place.site}" if place.site else where, because)


def _heartbeats(flow: FlowPlan) -> tuple[str, str]:
    if flow.mirrors_heartbeats:
        arriving = mirrored_heartbeats_topic(flow.source.site)
        return arriving, f"site {flow.source.site} names the flow in its heartbeats"
    return "stay at the source", f"site {flow.source.site} does not name the flow in its heartbeats"


def heartbeat_lines(plan: HeartbeatsPlan, operator: Operator) -> list[str]:
    """Return what writes the heartbeats of a site and for which flows, and what its operator's API makes of its trust."""
    flows = ", ".join(plan.namings)
    told = [f"Heartbeats of site {plan.site} are written by KafkaConnect {plan.name}, for {flows}"]
    if operator.api == "v1beta2" and plan.trust is not None:
        told.append(
            f" ! In {operator.api} its connectors trust ca.crt of {plan.trust.secret} alone when they make the topic "
            "heartbeats. Started for the first time while that authority is being replaced they may fail to: restart "
            "them afterwards. Heartbeats are written with trust in all of its certificates"
        )
    return told


def _worker_rows(workers: WorkersPlan) -> list[tuple[str, str, str]]:
    rows = [
        (
            "workers",
            str(workers.replicas),
            "replicas; with two the loss of one stops nothing",
        )
    ]
    if workers.resources is not None:
        given = workers.resources
        shares = [("at least", given.requests), ("at most", given.limits)]
        told = [f"{how} {_amounts(one)}" for how, one in shares if one and _amounts(one)]
        rows.append(("each worker gets", "; ".join(told) or "what there is", "resources"))
    if workers.heap is not None:
        rows.append(("heap of each worker", workers.heap, "jvm.heap"))
    if workers.version is not None or workers.image is not None:
        version = f"Kafka {workers.version}" if workers.version else None
        told = [one for one in (version, workers.image) if one]
        rows.append(("runs", ", ".join(told), f"version and image; else {_OPERATORS}"))
    if workers.is_traced:
        where = workers.collector or "the collector beside the worker, port 4317"
        rows.append(("traces go to", where, "tracing, in OpenTelemetry"))
    return rows


def _amounts(amounts: Amounts) -> str:
    cpu = amounts.cpu and f"{amounts.cpu} CPU"
    memory = amounts.memory and f"{amounts.memory} of memory"
    return ", ".join(filter(None, [cpu, memory]))


def flow_options(flow: FlowPlan) -> dict[str, Any]:
    """Return the same for a program."""
    workers = flow.workers
    return {
        "runsIn": {
            "context": flow.place.context,
            "namespace": flow.place.namespace,
            "site": flow.place.site,
        },
        "heartbeats": flow.mirrors_heartbeats,
        "metrics": flow.metrics is not None,
        "start": flow.start,
        "exactlyOnce": workers.transactions,
        "workers": {
            "replicas": workers.replicas,
            "resources": workers.resources
            and workers.resources.model_dump(mode="json", by_alias=True, exclude_none=True),
            "heap": workers.heap,
            "image": workers.image,
            "version": workers.version,
            "traced": workers.is_traced,
            "collector": workers.collector,
        },
    }


def quota_lines(quotas: Quotas | None) -> list[str]:
    """Return what a user may ask of each broker, a line each."""
    if quotas is None:
        return []
    told = [
        ("at most {} bytes/s written", quotas.producer_byte_rate),
        ("at most {} bytes/s read", quotas.consumer_byte_rate),
        ("at most {} % of a request thread", quotas.request_percentage),
        ("at most {} partitions/s created or deleted", quotas.controller_mutation_rate),
    ]
    return [f"{line.format(value)} of each broker" for line, value in told if value is not None]
