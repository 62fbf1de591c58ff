"""What the workers of a flow run as: their share of a node, their Java heap, their image, their traces."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Discriminator, Tag, model_validator

from kafka_mirror.topology.paths import shown
from kafka_mirror.topology.written import (
    Quantity,
    Written,
    only_a_claim,
    quantity_value,
    text_like,
)

_CPU: Final = re.compile(r"(?=.*[1-9])([0-9]+(\.[0-9]+)?|[0-9]+m)")
_HEAP: Final = re.compile(r"[1-9][0-9]*(Mi|Gi)")


def _cpu(value: Any) -> str:
    text = str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _CPU.fullmatch(text):
        raise ValueError(
            f"{shown(value)} is no share of processors. Write cores or thousandths of one, for example 2 or 500m"
        )
    return text


def _heap(value: Any) -> str:
    if not isinstance(value, str) or not _HEAP.fullmatch(value):
        raise ValueError(
            f"{shown(value)} is not a heap. Write whole Mi or Gi, for example 512Mi or 2Gi"
        )
    return value


class Amounts(Written):
    """How much of a node one worker gets.

    Attributes:
        cpu: Cores, such as ``2`` or ``500m``.
        memory: A quantity; the Java heap is a part of it.
    """

    cpu: Annotated[str, BeforeValidator(_cpu)] | None = None
    memory: Quantity | None = None


class Resources(Written):
    """What each worker is promised, and what it may not exceed.

    Attributes:
        requests: Kept free for it on its node.
        limits: A worker that takes more memory is killed; one that wants more processor waits.
    """

    requests: Amounts | None = None
    limits: Amounts | None = None

    @model_validator(mode="after")
    def _requests_fit(self) -> Self:
        if self.requests is None or self.limits is None:
            return self
        for what in ("cpu", "memory"):
            asked, most = getattr(self.requests, what), getattr(self.limits, what)
            if asked and most and quantity_value(asked) > quantity_value(most):
                raise ValueError(
                    f"requests.{what} {asked} is more than limits.{what} {most}: Kubernetes would refuse "
                    "the pods. Raise the limit, or ask for less"
                )
        return self


class Jvm(Written):
    """The Java machine of each worker.

    Attributes:
        heap: Its least and its most; a heap that grows only costs pauses.
    """

    heap: Annotated[str, BeforeValidator(_heap)]


_endpoint: Final = text_like(
    r"https?://[^\s/:]+(:[0-9]{1,5})?(/\S*)?",
    "where a collector takes OTLP, for example http://collector.tracing:4317",
)


class Tracing(Written):
    """Where the workers send what they trace.

    Attributes:
        endpoint: Of an OpenTelemetry collector, in OTLP over gRPC.
    """

    endpoint: Annotated[str, _endpoint]


def _tracing_kind(value: Any) -> str:
    return "a claim" if not isinstance(value, (dict, Tracing)) else "an endpoint"


_whether_traced: Final = only_a_claim(
    "where traces go. Write true for a collector beside the worker, or {endpoint: …}"
)
TracingChoice = Annotated[
    Annotated[bool, _whether_traced, Tag("a claim")] | Annotated[Tracing, Tag("an endpoint")],
    Discriminator(_tracing_kind),
]
"""Whether the workers trace, and where to: ``true`` is the collector that OpenTelemetry looks for by itself."""


def _exactly_once(value: Any) -> Any:
    if not isinstance(value, bool) and value != "preparing":
        raise ValueError(
            f"{shown(value)} does not say how often records arrive. Write true, false, or preparing while "
            "several workers change from one to the other"
        )
    return value


ExactlyOnce = Annotated[bool | Literal["preparing"], BeforeValidator(_exactly_once)]
"""Whether the workers write in transactions; ``preparing`` is the step between, for more than one worker."""

_image: Final = text_like(
    r"[^\s:@]\S*", "an image without blanks, for example registry/team/mm2:1.2"
)
Image = Annotated[str, _image]
"""A container image with everything that the operator's own has."""


def heap_problem(jvm: Jvm | None, resources: Resources | None) -> str | None:
    """Return why a heap cannot be had, if it cannot."""
    limit = resources.limits.memory if resources and resources.limits else None
    if jvm is None or limit is None or quantity_value(jvm.heap) < quantity_value(limit):
        return None
    return (
        f"a heap of {jvm.heap} leaves nothing of limits.memory {limit} for the rest of the worker, which would "
        "be killed. Take half to three quarters of the limit"
    )
