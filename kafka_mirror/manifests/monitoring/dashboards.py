"""What somebody looks at who wonders whether a mirror keeps up: an overview of all flows, and one flow, for Grafana."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from kafka_mirror.manifests.base import Manifest
from kafka_mirror.planning import FlowPlan
from kafka_mirror.planning.names import brokers

SIDECAR_LABEL: Final = {"grafana_dashboard": "1"}
"""What Grafana's sidecar looks for."""

_SOURCE: Final = "kafka_connect_mirror_mirrorsourceconnector"
_CHECKPOINT: Final = "kafka_connect_mirror_mirrorcheckpointconnector"
_WIDTH, _HEIGHT, _COLUMNS = 12, 8, 2


@dataclass(frozen=True, slots=True)
class Panel:
    """One graph.

    Attributes:
        legend: How each line is called.
        unit: As Grafana calls it.
    """

    title: str
    expression: str
    legend: str
    unit: str


def flow_dashboard(plan: FlowPlan) -> Manifest:
    """Return the ConfigMap with the dashboard of one flow, beside its workers."""
    resource, namespace = plan.names.resource, plan.place.namespace
    panels = _flow_panels(plan, f'namespace="{namespace}",strimzi_io_cluster="{resource}"')
    # Every flow its own: Grafana knows dashboards by ids of at most 40 characters, its sidecar by the names of files.
    whole = f"{namespace}.{resource}"
    uid = f"kafka-mirror-{hashlib.sha256(whole.encode()).hexdigest()[:16]}"
    document = _dashboard(uid, f"Flow {plan.name}", panels)
    return _config_map(f"{resource}-dashboard", namespace, f"{whole}.json", document)


def overview_dashboard(kafka: str, namespace: str) -> Manifest:
    """Return the ConfigMap with the overview of every flow that Prometheus knows, beside a site."""
    document = _dashboard("kafka-mirror-overview", "Kafka mirrors", _overview_panels())
    return _config_map(
        f"{brokers(kafka)}-dashboard", namespace, "kafka-mirror-overview.json", document
    )


def _flow_panels(plan: FlowPlan, of: str) -> tuple[Panel, ...]:
    lag, lead = (f"kafka_consumer_fetch_manager_records_{what}{{{of}}}" for what in ("lag", "lead"))
    tasks = "kafka_connect_worker_connector_{}_task_count"
    running, failed = (f"{tasks.format(state)}{{{of}}}" for state in ("running", "failed"))
    checkpoints = Panel(
        "Checkpoints late by",
        f"max by (group) ({_CHECKPOINT}_checkpoint_latency_ms_max{{{of}}})",
        "{{group}}",
        "ms",
    )
    return (
        Panel(
            "Records mirrored",
            f"sum by (topic) (rate({_SOURCE}_record_count{{{of}}}[5m]))",
            "{{topic}}",
            "rps",
        ),
        Panel(
            "Bytes mirrored",
            f"sum by (topic) (rate({_SOURCE}_byte_count{{{of}}}[5m]))",
            "{{topic}}",
            "Bps",
        ),
        Panel(
            "Latency, average",
            f"max by (topic) ({_SOURCE}_replication_latency_ms_avg{{{of}}})",
            "{{topic}}",
            "ms",
        ),
        Panel(
            "Latency, most",
            f"max by (topic) ({_SOURCE}_replication_latency_ms_max{{{of}}})",
            "{{topic}}",
            "ms",
        ),
        Panel(
            "Not mirrored yet",
            f"sum by (topic) (max by (topic, partition) ({lag}))",
            "{{topic}}",
            "short",
        ),
        Panel(
            "Records until retention overtakes", f"min by (topic) ({lead})", "{{topic}}", "short"
        ),
        *((checkpoints,) if plan.moves_groups else ()),
        Panel("Tasks that run", f"sum by (connector) ({running})", "{{connector}}", "short"),
        Panel("Tasks that failed", f"sum by (connector) ({failed})", "{{connector}}", "short"),
    )


def _overview_panels() -> tuple[Panel, ...]:
    flow = "{{source}} to {{target}}"
    by = "sum by (source, target)"
    return (
        Panel("Records mirrored", f"{by} (rate({_SOURCE}_record_count[5m]))", flow, "rps"),
        Panel("Bytes mirrored", f"{by} (rate({_SOURCE}_byte_count[5m]))", flow, "Bps"),
        Panel(
            "Latency, most",
            f"max by (source, target) ({_SOURCE}_replication_latency_ms_max)",
            flow,
            "ms",
        ),
        Panel(
            "Not mirrored yet",
            "sum by (namespace, strimzi_io_cluster) (max by (namespace, strimzi_io_cluster, topic, partition) "
            "(kafka_consumer_fetch_manager_records_lag))",
            "{{namespace}}/{{strimzi_io_cluster}}",
            "short",
        ),
        Panel(
            "Tasks that failed",
            "sum by (namespace, strimzi_io_cluster) (kafka_connect_worker_connector_failed_task_count)",
            "{{namespace}}/{{strimzi_io_cluster}}",
            "short",
        ),
        Panel(
            "Written by applications and mirrors",
            "sum by (strimzi_io_cluster) (rate(kafka_server_brokertopicmetrics_messagesin_total[5m]))",
            "{{strimzi_io_cluster}}",
            "rps",
        ),
    )


def _dashboard(uid: str, title: str, panels: Sequence[Panel]) -> dict[str, Any]:
    return {
        "uid": uid,
        "title": title,
        "tags": ["kafka-mirror"],
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]
        },
        "panels": [_panel(number, one) for number, one in enumerate(panels)],
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "${datasource}"}
    row, column = divmod(number, _COLUMNS)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": source,
        "gridPos": {"x": column * _WIDTH, "y": row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "targets": [
            {
                "refId": "A",
                "datasource": source,
                "expr": panel.expression,
                "legendFormat": panel.legend,
            }
        ],
    }


def _config_map(name: str, namespace: str, key: str, document: dict[str, Any]) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": dict(SIDECAR_LABEL)},
        "data": {key: json.dumps(document, indent=2)},
    }
