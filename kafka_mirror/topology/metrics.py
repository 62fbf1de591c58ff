"""Whether something is watched by Prometheus, and how its operator finds what to watch."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Discriminator, Field, Tag

from kafka_mirror.topology.written import Written, only_a_claim, text_like

_label_key: Final = text_like(
    r"([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?",
    "a label's name, for example release",
)
_label_value: Final = text_like(
    r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?",
    "a label's value: 63 letters, digits, dots, underscores and hyphens at most",
)


class Metrics(Written):
    """Metrics, alerts and dashboards, for the operators of Prometheus and Grafana.

    Attributes:
        labels: On PodMonitor and PrometheusRule, where a Prometheus takes only those that carry them.
    """

    labels: dict[Annotated[str, _label_key], Annotated[str, _label_value]] = Field(
        default_factory=dict
    )


_config_map: Final = text_like(
    r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?",
    "the name of a ConfigMap: lower-case letters, digits, hyphens and dots",
)
_data_key: Final = text_like(
    r"[A-Za-z0-9._-]{1,253}",
    "the name of a key: letters, digits, dots, underscores and hyphens",
)


class ExporterRules(Written):
    """Rules of the JMX exporter that others put into a ConfigMap; this stack neither makes nor reads it.

    Attributes:
        config_map: Its name, in the namespace where the flow runs.
        key: Under which the exporter's configuration stands there.
    """

    config_map: Annotated[str, _config_map]
    key: Annotated[str, _data_key]


class FlowMetrics(Metrics):
    """Metrics, alerts and dashboards, for the operators of Prometheus and Grafana.

    Attributes:
        labels: On PodMonitor and PrometheusRule, where a Prometheus takes only those that carry them.
        rules: What the workers tell Prometheus, and under which names, if that is not as alerts and dashboard here
            have it. These are then not made.
    """

    rules: ExporterRules | None = None


def _kind(value: Any) -> str:
    return "a map" if isinstance(value, (dict, Metrics)) else "a claim"


_whether_watched: Final = only_a_claim(
    "whether there are metrics. Write true, false, or {labels: …}"
)
MetricsChoice = Annotated[
    Annotated[bool, _whether_watched, Tag("a claim")] | Annotated[Metrics, Tag("a map")],
    Discriminator(_kind),
]
"""``true`` for metrics that any Prometheus takes, or a map."""

FlowMetricsChoice = Annotated[
    Annotated[bool, _whether_watched, Tag("a claim")] | Annotated[FlowMetrics, Tag("a map")],
    Discriminator(_kind),
]
"""The same for a flow, whose rules may be others'."""


def metrics_of(choice: bool | Metrics) -> Metrics | None:  # noqa: FBT001 - it is the choice
    """Return what was chosen; None for no metrics."""
    if isinstance(choice, Metrics):
        return choice
    return Metrics() if choice else None


def flow_metrics_of(choice: bool | FlowMetrics) -> FlowMetrics | None:  # noqa: FBT001 - it is the choice
    """Return what was chosen for a flow; None for no metrics."""
    if isinstance(choice, FlowMetrics):
        return choice
    return FlowMetrics() if choice else None
