"""Versions of Kafka that no current operator runs (Strimzi ``kafka-versions.yaml``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mirror_policies.links import STRIMZI_CHANGES
from mirror_policies.objects import KubernetesObject
from mirror_policies.reading.kafka import EVENT_STREAMS, KAFKA, brokers_section
from mirror_policies.reading.mirror_maker import CONNECT, MIRROR_MAKER
from mirror_policies.rule import Family, Level, ObjectRule, Remark, Settings, Severity, Violation

_OLDEST: Final = {"v1": (4, 0)}
_OLDEST_BEFORE_V1: Final = (3, 8)
"""Oldest versions that an operator of today runs, by API version: those of Strimzi 0.49 and of 0.45."""


def _judge(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    section = brokers_section(found) if found.kind in (KAFKA, EVENT_STREAMS) else found["spec"]
    version = section["version"]
    numbers = re.match(r"([0-9]{1,4})\.([0-9]{1,4})(?![0-9])", version.text or "")
    oldest = _OLDEST.get(found.version, _OLDEST_BEFORE_V1)
    if numbers is not None and (int(numbers[1]), int(numbers[2])) < oldest:
        yield Violation(
            version,
            f"no current operator runs Kafka {version.text}, the oldest is {oldest[0]}.{oldest[1]}: the "
            "resource would be NotReady ('Unsupported Kafka version') and keep its old settings. Remove it, "
            "and each operator takes its own",
        )


RULE: Final = ObjectRule(
    id="kafka-version-supported",
    title="The version of Kafka is one that operators still run",
    family=Family.AGE,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.MEDIUM,
    why=(
        "An operator runs three or four versions of Kafka and refuses every other: a version that was written "
        "down once stops the resource at some upgrade of the operator."
    ),
    fix="Leave `version` out, or write one from the list of your operator's release.",
    link=STRIMZI_CHANGES,
    tags=("age",),
    kinds=frozenset({MIRROR_MAKER, CONNECT, KAFKA, EVENT_STREAMS}),
    check=_judge,
)
