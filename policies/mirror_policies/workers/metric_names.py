"""MirrorMaker's metrics have two names from Kafka 4.3 on, and keep one of them (KIP-1280)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mirror_policies.links import KAFKA_MIRRORMAKER
from mirror_policies.objects import KubernetesObject
from mirror_policies.reading.mirror_maker import MIRROR_MAKER, SOURCE_CONNECTOR, read_mirror_maker
from mirror_policies.rule import Family, Level, ObjectRule, Remark, Settings, Severity, Violation

KEY: Final = "metric.names.formats"
_FROM: Final = (4, 3)


def _judge(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    spec = found["spec"]
    if spec["metricsConfig"].is_absent or not _has_two_names(spec["version"].text or ""):
        return
    for mirror in found.reading(read_mirror_maker).mirrors:
        connector = mirror.connector(SOURCE_CONNECTOR)
        if not connector.is_absent and connector["config"][KEY].is_absent:
            yield Violation(
                connector["config"][KEY],
                f"{KEY} is not set, so metrics go by the names that Kafka 5.0 removes: dashboards and "
                "alerts on them fall silent with that upgrade. Write new, or legacy,new while both are read",
            )


def _has_two_names(version: str) -> bool:
    numbers = re.match(r"([0-9]{1,4})\.([0-9]{1,4})", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= _FROM


RULE: Final = ObjectRule(
    id="metric-names-chosen",
    title="A flow that is measured says by which names",
    family=Family.WORKERS,
    level=Level.ADVISORY,
    severity=Severity.LOW,
    why=(
        "From Kafka 4.3 on MirrorMaker's metrics have new names and default to the old ones, which 5.0 "
        "removes: every alert on them is silent after that upgrade."
    ),
    fix="Write `metric.names.formats: new` (or `legacy,new`) into `sourceConnector.config`.",
    link=KAFKA_MIRRORMAKER,
    tags=("mirrormaker", "metrics"),
    kinds=frozenset({MIRROR_MAKER}),
    check=_judge,
)
