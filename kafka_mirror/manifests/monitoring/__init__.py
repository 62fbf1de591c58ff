"""Metrics, alerts and dashboards of flows and sites, for those who ask for them; a module each."""

from __future__ import annotations

from kafka_mirror.manifests.base import Manifest
from kafka_mirror.manifests.monitoring.alerts import flow_alerts, site_alerts
from kafka_mirror.manifests.monitoring.dashboards import flow_dashboard, overview_dashboard
from kafka_mirror.manifests.monitoring.exporter import (
    BROKER_RULES,
    WORKER_RULES,
    exporter_config_map,
    exporter_name,
    metrics_config,
)
from kafka_mirror.manifests.monitoring.pod_monitor import pod_monitor
from kafka_mirror.planning import FlowPlan, SitePlan
from kafka_mirror.planning.names import brokers
from kafka_mirror.topology.metrics import metrics_of

__all__ = ["flow_monitoring", "metrics_config", "site_monitoring"]


def flow_monitoring(plan: FlowPlan) -> tuple[Manifest, ...]:
    """Return what watches a flow, where it runs; nothing unless it is asked for. The exporter's rules come first.

    With rules of others neither they nor alerts nor a dashboard are made: nobody here knows what the metrics are called.
    """
    if plan.metrics is None:
        return ()
    resource, namespace, labels = plan.names.resource, plan.place.namespace, plan.metrics.labels
    pods = pod_monitor(
        resource,
        namespace,
        name=resource,
        kind="KafkaMirrorMaker2",
        operator=plan.place.operator,
        labels=labels,
    )
    if plan.metrics.rules is not None:
        return (pods,)
    return (
        exporter_config_map(exporter_name(resource), namespace, WORKER_RULES),
        pods,
        flow_alerts(plan, labels=labels),
        flow_dashboard(plan),
    )


def site_monitoring(plan: SitePlan) -> tuple[Manifest, ...]:
    """Return what watches a site; nothing unless it is asked for. The exporter's rules come first."""
    metrics = metrics_of(plan.site.metrics)
    if metrics is None:
        return ()
    kafka, namespace = plan.site.kafka.name, plan.site.kubernetes.namespace
    return (
        exporter_config_map(exporter_name(brokers(kafka)), namespace, BROKER_RULES),
        pod_monitor(
            kafka,
            namespace,
            name=brokers(kafka),
            kind="Kafka",
            operator=plan.site.operator,
            labels=metrics.labels,
        ),
        site_alerts(plan, labels=metrics.labels),
        overview_dashboard(kafka, namespace),
    )
