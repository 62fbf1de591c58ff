"""What is wrong with a flow or a site while nobody looks, as rules of Prometheus.

Series of a flow are told apart by namespace and ``strimzi_io_cluster``, which the PodMonitor puts on them. No rule that waits for
records is there for a flow that is declared to stand still.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from kafka_mirror.manifests.base import Manifest
from kafka_mirror.manifests.monitoring.pod_monitor import monitoring_object
from kafka_mirror.mirrormaker import internal_topics
from kafka_mirror.planning import FlowPlan, SitePlan
from kafka_mirror.planning.names import brokers

GROWING: Final = 1000
"""Records of lag beneath which its growth is nothing to wake somebody for."""

OVERTAKING: Final = timedelta(hours=1)
"""How long before retention overtakes the mirror somebody is told."""

CERTIFICATE: Final = timedelta(days=30)
"""How long before a certificate ends; Strimzi renews its own by then."""

Alert = dict[str, Any]


def flow_alerts(plan: FlowPlan, *, labels: Mapping[str, str]) -> Manifest:
    """Return the PrometheusRule of a flow."""
    return _rules(plan.names.resource, plan.place.namespace, _of_flow(plan), labels)


def site_alerts(plan: SitePlan, *, labels: Mapping[str, str]) -> Manifest:
    """Return the PrometheusRule of a site."""
    place, kafka = plan.site.kubernetes, plan.site.kafka.name
    return _rules(brokers(kafka), place.namespace, _of_site(kafka, place.namespace), labels)


def _rules(
    name: str, namespace: str, alerts: Iterator[Alert], labels: Mapping[str, str]
) -> Manifest:
    groups = [{"name": f"kafka-mirror.{namespace}.{name}", "rules": list(alerts)}]
    return monitoring_object("PrometheusRule", name, namespace, {"groups": groups}, labels)


def _alert(
    name: str, expression: str, *, lasting: str, severity: str, summary: str, action: str
) -> Alert:
    return {
        "alert": name,
        "expr": expression,
        "for": lasting,
        "labels": {"severity": severity},
        "annotations": {"summary": summary, "description": action},
    }


def _of_flow(plan: FlowPlan) -> Iterator[Alert]:
    of = f'namespace="{plan.place.namespace}",strimzi_io_cluster="{plan.names.resource}"'
    yield from _tasks(plan, of)
    if plan.state != "running":
        return
    yield from _records(plan, of)
    if plan.mirrors_heartbeats:
        yield _heartbeats(plan, of)


def _tasks(plan: FlowPlan, of: str) -> Iterator[Alert]:
    yield _alert(
        "MirrorTaskFailed",
        f"sum by (connector) (kafka_connect_worker_connector_failed_task_count{{{of}}}) > 0",
        lasting="2m",
        severity="critical",
        summary=f"Flow {plan.name}: a task of {{{{ $labels.connector }}}} has failed",
        action="What it mirrored stands still. The operator restarts connectors, not always tasks: read the task's "
        "trace in the status of the KafkaMirrorMaker2.",
    )
    if plan.state == "running":
        yield _alert(
            "MirrorTaskMissing",
            f"sum by (connector) (kafka_connect_worker_connector_running_task_count{{{of}}}) == 0 or "
            f"absent(kafka_connect_worker_connector_running_task_count{{{of}}})",
            lasting="5m",
            severity="critical",
            summary=f"Flow {plan.name}: no task of a connector runs",
            action="A connector that found no topics or no groups has none: look at the rights of its users and at what "
            "it selects. With no workers at all, look at their pods.",
        )


def _records(plan: FlowPlan, of: str) -> Iterator[Alert]:
    source = "kafka_connect_mirror_mirrorsourceconnector"
    lag, lead = (f"kafka_consumer_fetch_manager_records_{what}{{{of}}}" for what in ("lag", "lead"))
    objective = round(plan.duplicate_window / timedelta(milliseconds=1))
    yield _alert(
        "MirrorLatencyAboveObjective",
        f"max by (topic) ({source}_replication_latency_ms_avg{{{of}}}) > {objective}",
        lasting="10m",
        severity="warning",
        summary=f"Flow {plan.name}: records of {{{{ $labels.topic }}}} arrive later than objectives.duplicateWindow",
        action="After a failover groups re-read more than planned. Look at the network, then at fetch and batch sizes, "
        "then at tasks.",
    )
    yield _alert(
        "MirrorLagGrows",
        f"sum(max by (topic, partition) ({lag})) > {GROWING} and "
        f"deriv(sum(max by (topic, partition) ({lag}))[15m:1m]) > 0",
        lasting="15m",
        severity="warning",
        summary=f"Flow {plan.name}: the source is written faster than it is mirrored",
        action="What the source loses now is lost for the target. Give the flow more tasks, processors or network.",
    )
    yield _alert(
        "MirrorStandsStill",
        f"sum(rate({source}_record_count{{{of}}}[5m])) == 0 and sum(max by (topic, partition) ({lag})) > 0",
        lasting="5m",
        severity="critical",
        summary=f"Flow {plan.name}: nothing is mirrored while the source has more",
        action="Connectors may say RUNNING: a password that was changed, a right that is missing or a target that "
        "takes no writes look so. Read the log of the workers.",
    )
    yield _alert(
        "MirrorOvertakenByRetention",
        f"min by (topic, partition) (predict_linear({lead}[30m], {OVERTAKING.seconds})) <= 0 and "
        f"max by (topic, partition) ({lag}) > 0",
        lasting="5m",
        severity="critical",
        summary=f"Flow {plan.name}: the source soon deletes records of {{{{ $labels.topic }}}} that are not mirrored yet",
        action="Raise retention.ms of the topic at the source at once: what it deletes is skipped without a word.",
    )
    if plan.moves_groups:
        yield _checkpoints(plan, of, objective)


def _checkpoints(plan: FlowPlan, of: str, objective: int) -> Alert:
    checkpoint = "kafka_connect_mirror_mirrorcheckpointconnector_checkpoint_latency_ms_max"
    return _alert(
        "MirrorCheckpointsLate",
        f"max by (group) ({checkpoint}{{{of}}}) > {objective}",
        lasting="10m",
        severity="warning",
        summary=f"Flow {plan.name}: checkpoints of group {{{{ $labels.group }}}} take longer than objectives.duplicateWindow",
        action="The group would re-read more than planned. Look at the load of the target and of the workers.",
    )


def _heartbeats(plan: FlowPlan, of: str) -> Alert:
    topic = internal_topics.mirrored_heartbeats_topic(plan.source.site)
    counted = f'kafka_connect_mirror_mirrorsourceconnector_record_count{{{of},topic="{topic}"}}'
    return _alert(
        "MirrorHeartbeatsMissing",
        f"sum(rate({counted}[2m])) == 0 or absent({counted})",
        lasting="3m",
        severity="critical",
        summary=f"Flow {plan.name}: no heartbeat of {plan.source.site} for two minutes",
        action="Either nobody writes them at the source (its KafkaConnect), or the flow does not mirror, however idle "
        "its topics are.",
    )


def _of_site(kafka: str, namespace: str) -> Iterator[Alert]:
    of = f'namespace="{namespace}",strimzi_io_cluster="{kafka}"'
    yield _alert(
        "KafkaUnderReplicated",
        f"sum(kafka_server_replicamanager_underreplicatedpartitions{{{of}}}) > 0",
        lasting="10m",
        severity="warning",
        summary=f"Kafka {kafka}: partitions lack copies",
        action="The next loss of a node may stop writers, mirrors among them.",
    )
    yield _alert(
        "KafkaCertificateEnds",
        # Of the Cluster Operator, not of a broker (Strimzi, examples/metrics).
        f'(strimzi_certificate_expiration_timestamp_ms{{cluster="{kafka}",resource_namespace="{namespace}"}} / 1000 '
        f"- time()) < {CERTIFICATE.days * 86400}",
        lasting="1h",
        severity="warning",
        summary=f"Kafka {kafka}: a certificate of kind {{{{ $labels.type }}}} ends within {CERTIFICATE.days} days",
        action="The operator renews its own; flows of other stacks trust the new one after the owner is deployed with "
        "--refresh, then its readers.",
    )
