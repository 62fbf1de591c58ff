"""The part of a KafkaMirrorMaker2 that says what its workers run as."""

from __future__ import annotations

from typing import Any

from kafka_mirror.manifests.monitoring import metrics_config
from kafka_mirror.planning import FlowPlan
from kafka_mirror.planning.workers import WorkersPlan
from kafka_mirror.topology.workers import Amounts, Resources


def workers(plan: FlowPlan) -> dict[str, Any]:
    """Return the fields of the spec, none that would say what the operator does by itself."""
    given = plan.workers
    said: dict[str, Any] = {"replicas": given.replicas}
    if given.version is not None:
        said["version"] = given.version
    if given.image is not None:
        said["image"] = given.image
    if given.resources is not None:
        said["resources"] = _resources(given.resources)
    if given.heap is not None:
        said["jvmOptions"] = _heap(given.heap)
    if plan.metrics is not None:
        said["metricsConfig"] = metrics_config(plan.names.resource, plan.metrics.rules)
    if given.is_traced:
        said["tracing"] = {"type": "opentelemetry"}
        said["template"] = {"connectContainer": {"env": _traces(plan.names.resource, given)}}
    return said


def _resources(resources: Resources) -> dict[str, Any]:
    given = {"requests": resources.requests, "limits": resources.limits}
    said = {name: _amounts(one) for name, one in given.items() if one is not None}
    return {name: one for name, one in said.items() if one}


def _amounts(amounts: Amounts) -> dict[str, str]:
    given = {"cpu": amounts.cpu, "memory": amounts.memory}
    return {name: one for name, one in given.items() if one is not None}


def _heap(heap: str) -> dict[str, str]:
    """Return both ends of the heap as Java writes them: ``512m`` for ``512Mi``."""
    size = heap.removesuffix("i").lower()
    return {"-Xms": size, "-Xmx": size}


def _traces(resource: str, given: WorkersPlan) -> list[dict[str, str]]:
    """Return what OpenTelemetry in the workers reads; the name is how the flow's traces are found."""
    env = [{"name": "OTEL_SERVICE_NAME", "value": resource}]
    if given.collector is not None:
        env.append({"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": given.collector})
    return env
