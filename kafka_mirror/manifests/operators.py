"""The objects of a site and of a flow, in the dialect of the operator that serves the site."""

from __future__ import annotations

from typing import Any, Protocol

from kafka_mirror.manifests import event_streams, strimzi, strimzi_v1beta2
from kafka_mirror.manifests.base import Connection, Leaf, Manifest
from kafka_mirror.manifests.objects import (
    CREDENTIAL_VERSION,
    STRIMZI,
    custom_object,
    operator_key,
)
from kafka_mirror.planning import FlowPlan, SitePlan
from kafka_mirror.planning.heartbeats import HeartbeatsPlan
from kafka_mirror.planning.names import NODE_POOL
from kafka_mirror.topology import Operator


def kafka(plan: SitePlan) -> Manifest:
    """Return the Kafka of a site: a Kafka, or an EventStreams with everything in it."""
    site = plan.site
    is_event_streams = site.operator.type == "event-streams"
    return custom_object(
        "EventStreams" if is_event_streams else "Kafka",
        site.kafka.name,
        site.kubernetes.namespace,
        event_streams.event_streams_spec(plan) if is_event_streams else strimzi.kafka_spec(plan),
        operator=site.operator,
        annotations=_layout(site.operator).kafka_annotations(site.operator),
    )


def kafka_node_pools(plan: SitePlan) -> tuple[Manifest, ...]:
    """Return the node pools that are objects of their own: none of an EventStreams, which has them inside."""
    site = plan.site
    if site.operator.type == "event-streams":
        return ()
    return (
        custom_object(
            "KafkaNodePool",
            NODE_POOL,
            site.kubernetes.namespace,
            strimzi.node_pool_spec(plan),
            operator=site.operator,
            cluster=site.kafka.name,
        ),
    )


def mirror_maker(
    plan: FlowPlan,
    *,
    source: Connection,
    target: Connection,
    credential_version: Leaf = None,
) -> Manifest:
    """Return the KafkaMirrorMaker2 of one flow, for the place where it runs.

    Args:
        plan: Of the flow.
        source: How the worker reaches the source.
        target: How it reaches the target.
        credential_version: Changes with the Secrets the worker reads, once there are some.
    """
    operator = plan.place.operator
    spec = _layout(operator).mirror_maker_spec(plan, source=source, target=target)
    annotations = None if credential_version is None else {CREDENTIAL_VERSION: credential_version}
    return custom_object(
        "KafkaMirrorMaker2",
        plan.names.resource,
        plan.place.namespace,
        _charged(spec, operator),
        operator=operator,
        annotations=annotations,
    )


def heartbeat_worker(
    plan: HeartbeatsPlan,
    *,
    namespace: str,
    bootstrap_servers: Leaf,
    operator: Operator = STRIMZI,
    credential_version: Leaf = None,
) -> Manifest:
    """Return the KafkaConnect that writes the heartbeats of a site, for the site's namespace."""
    spec = _layout(operator).heartbeat_worker_spec(plan, bootstrap_servers=bootstrap_servers)
    annotations = {operator_key(operator, "use-connector-resources"): "true"}
    if credential_version is not None:
        annotations[CREDENTIAL_VERSION] = credential_version
    return custom_object(
        "KafkaConnect",
        plan.name,
        namespace,
        _charged(spec, operator),
        operator=operator,
        annotations=annotations,
    )


def heartbeat_connectors(
    plan: HeartbeatsPlan, *, namespace: str, bootstrap_servers: Leaf, operator: Operator = STRIMZI
) -> tuple[Manifest, ...]:
    """Return the KafkaConnector of each flow that mirrors the heartbeats of a site."""
    security = _layout(operator).heartbeat_security(plan, namespace=namespace)
    return tuple(
        custom_object(
            "KafkaConnector",
            flow,
            namespace,
            strimzi.heartbeat_connector_spec(
                plan, flow, bootstrap_servers=bootstrap_servers, security=security
            ),
            operator=operator,
            cluster=plan.name,
        )
        for flow in plan.namings
    )


class _Layout(Protocol):
    """What the layouts of an operator API's versions say otherwise than each other, whoever's operator it is."""

    def kafka_annotations(self, operator: Operator) -> dict[str, str]:
        """Return what a Kafka carries beside its spec."""

    def mirror_maker_spec(
        self, plan: FlowPlan, *, source: Connection, target: Connection
    ) -> dict[str, Any]:
        """Return the spec of a KafkaMirrorMaker2."""

    def heartbeat_worker_spec(
        self, plan: HeartbeatsPlan, *, bootstrap_servers: Leaf
    ) -> dict[str, Any]:
        """Return the spec of a KafkaConnect that writes heartbeats."""

    def heartbeat_security(self, plan: HeartbeatsPlan, *, namespace: str) -> dict[str, str]:
        """Return how its connectors log in."""


def _layout(operator: Operator) -> _Layout:
    return strimzi_v1beta2 if operator.api == "v1beta2" else strimzi


def _charged(spec: dict[str, Any], operator: Operator) -> dict[str, Any]:
    """Return a spec whose pods Event Streams' licence service counts."""
    if operator.type != "event-streams":
        return spec
    template = {**spec.get("template", {})}
    template["pod"] = {**template.get("pod", {}), **event_streams.pod_template(operator)}
    return {**spec, "template": template}
