"""What nobody can be told who starts a worker outside Kubernetes by a file: what an operator would do with its pods."""

from __future__ import annotations

from collections.abc import Iterator

from kafka_mirror.errors import Problem
from kafka_mirror.planning import FlowPlan
from kafka_mirror.topology.paths import path


def unsayable_outside(plan: FlowPlan, dialect: str) -> Iterator[Problem]:
    """Yield every choice about the workers of a flow that a dialect without an operator has no words for."""
    workers = plan.workers
    chosen = {
        ("resources",): (
            workers.resources,
            "Remove it, and give its service or container the processors and the memory",
        ),
        ("jvm", "heap"): (workers.heap, "Remove it, and set KAFKA_HEAP_OPTS where it is started"),
        ("image",): (workers.image, "Remove it: a worker there is what is installed there"),
        ("version",): (workers.version, "Remove it: a worker there is what is installed there"),
        ("tracing",): (
            workers.is_traced or None,
            "Remove it, and load the agent of OpenTelemetry where it is started",
        ),
        ("metrics",): (plan.metrics, "Remove it, and load the exporter where it is started"),
    }
    for where, (value, instead) in chosen.items():
        if value is not None:
            yield Problem(
                path("flows", plan.name, *where),
                f"the dialect {dialect} cannot say {where[-1]}: no operator runs the worker. {instead}",
            )
