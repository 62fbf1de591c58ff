"""MirrorMaker's own defaults (2 and 3 copies) fit few targets: factors are to be written down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mirror_policies.durability.factors import BROKER_DEFAULT, Factor, mirror_factors
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.mirror_maker import MIRROR_MAKER, MirrorMaker
from mirror_policies.rule import (
    Family,
    Level,
    ObjectRule,
    Remark,
    Settings,
    Severity,
    Threshold,
    Undecided,
    Violation,
)

MINIMUM: Final = Threshold(
    name="minimum",
    default=1,
    production=3,
    minimum=1,
    description="Fewest copies that are accepted; -1 (the broker's default) always is.",
)


def judge(maker: MirrorMaker, settings: Settings) -> Iterator[Remark]:
    """Judge every factor that a MirrorMaker has at its target."""
    for factor in mirror_factors(maker):
        if factor.field.is_unknown:
            yield Undecided(factor.field, "it can be judged once it is known")
        elif (problem := _problem(factor, settings[MINIMUM.name])) is not None:
            yield Violation(factor.field, problem)


def _problem(factor: Factor, minimum: int) -> str | None:
    key, copies = factor.field.key, factor.field.integer
    if factor.field.is_absent:
        return (
            f"{key} is not set, so {factor.default} copies are asked for whatever the target has. "
            f"Write the number, or {BROKER_DEFAULT} for the broker's default"
        )
    if copies is None or (copies < 1 and copies != BROKER_DEFAULT):
        return (
            f"{key} is {factor.field.shown}, which is no number of copies. "
            f"Write a number from {minimum} up, or {BROKER_DEFAULT} for the broker's default"
        )
    if copies != BROKER_DEFAULT and copies < minimum:
        return (
            f"{key} is {copies}, the minimum here is {minimum}: fewer brokers may be lost than that "
            f"minimum allows. Write a number from {minimum} up, or {BROKER_DEFAULT}"
        )
    return None


RULE: Final = ObjectRule(
    id="replication-factor-declared",
    title="Every replication factor of a MirrorMaker is written down and high enough",
    family=Family.DURABILITY,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "Without them MirrorMaker asks for 2 copies of mirrored topics and 3 of its own topics, "
        "whatever the target has: data is kept with fewer copies than the cluster's own, or topics "
        "cannot be created and the flow stands still."
    ),
    fix=(
        "Set `replication.factor`, `offset-syncs.topic.replication.factor`, "
        "`checkpoints.topic.replication.factor` and, in the target's `config`, "
        "`config/offset/status.storage.replication.factor`; `-1` takes the broker's default."
    ),
    link="https://kafka.apache.org/documentation/#mirrormakerconfigs",
    tags=("mirrormaker", "replication-factor"),
    kinds=frozenset({MIRROR_MAKER}),
    thresholds=(MINIMUM,),
    check=over_mirror_maker(judge),
)
