"""A replication policy class that no image holds stops the connector that names it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kafka_mirror.mirrormaker.keys import IDENTITY_POLICY, REPLICATION_POLICY_CLASS
from mirror_policies.fields import printable
from mirror_policies.naming.policy_classes import KAFKA_CLASSES, KAFKA_PACKAGE, REMOVED_CLASSES
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.mirror_maker import MIRROR_MAKER, MirrorMaker
from mirror_policies.rule import (
    Family,
    Level,
    ObjectRule,
    Remark,
    Settings,
    Severity,
    Undecided,
    Violation,
)

_SIMPLE_NAMES: Final = {name.removeprefix(KAFKA_PACKAGE): name for name in KAFKA_CLASSES}


def judge(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    """Judge the policy class of every connector that names one."""
    for mirror in maker.mirrors:
        for connector in mirror.connectors():
            named = connector["config"][REPLICATION_POLICY_CLASS]
            if named.is_unknown:
                yield Undecided(named, "whether this class exists can be told once it is known")
            elif (problem := _problem(named.text)) is not None:
                yield Violation(named, problem)


def _problem(named: str | None) -> str | None:
    name = (named or "").strip()
    if name in REMOVED_CLASSES:
        return (
            f"{name} was removed in Strimzi 0.46: the connector would not start. "
            f"Write {REMOVED_CLASSES[name]}, which means the same"
        )
    if name in _SIMPLE_NAMES:
        return (
            f"'{name}' is no full class name: the connector would not start. "
            f"Write {_SIMPLE_NAMES[name]}"
        )
    if name.startswith(KAFKA_PACKAGE) and name not in KAFKA_CLASSES:
        return (
            f"'{printable(name)}' is no class of Kafka: the connector would not start. "
            f"Write one of {', '.join(KAFKA_CLASSES)}"
        )
    return None


RULE: Final = ObjectRule(
    id="replication-policy-exists",
    title="The replication policy class is one that Kafka or the user's image holds",
    family=Family.NAMING,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "Strimzi's own identity policy was removed in 0.46 and Kafka has two classes only: a "
        "connector that names another one of theirs fails to start, and nothing is mirrored."
    ),
    fix=f"Write `{IDENTITY_POLICY}` for identity naming, or nothing for prefix naming.",
    link="https://strimzi.io/docs/operators/latest/deploying#con-config-mirrormaker2-connectors-str",
    tags=("mirrormaker", "age"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(judge),
)
