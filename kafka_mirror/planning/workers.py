"""What the workers of a flow run as, with every choice made."""

from __future__ import annotations

from dataclasses import dataclass

from kafka_mirror.topology import Flow
from kafka_mirror.topology.workers import ExactlyOnce, Resources, Tracing


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkersPlan:
    """The workers of one flow.

    Attributes:
        replicas: How many.
        resources: Of each; none are asked for if absent.
        heap: Of each, in Mi or Gi; what the operator takes by itself if absent.
        image: The operator's own if absent.
        version: The operator's own if absent.
        is_traced: Whether each record's way is traced.
        collector: Where traces go; where OpenTelemetry looks by itself if absent.
        transactions: Whether they write in transactions.
    """

    replicas: int
    resources: Resources | None
    heap: str | None
    image: str | None
    version: str | None
    is_traced: bool
    collector: str | None
    transactions: ExactlyOnce


def plan_workers(flow: Flow) -> WorkersPlan:
    """Return the workers of a flow."""
    return WorkersPlan(
        replicas=flow.replicas,
        resources=flow.resources,
        heap=None if flow.jvm is None else flow.jvm.heap,
        image=flow.image,
        version=flow.version,
        is_traced=flow.tracing is not False,
        collector=flow.tracing.endpoint if isinstance(flow.tracing, Tracing) else None,
        transactions=flow.exactly_once,
    )
