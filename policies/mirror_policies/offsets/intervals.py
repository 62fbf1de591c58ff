"""How old a group's offset at the target may be, and what it costs to keep it young."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kafka_mirror.mirrormaker.keys import (
    EMIT_CHECKPOINTS_INTERVAL,
    OFFSET_FLUSH_INTERVAL,
    REFRESH_GROUPS_INTERVAL,
    REFRESH_TOPICS_INTERVAL,
    SYNC_GROUP_OFFSETS,
    SYNC_GROUP_OFFSETS_INTERVAL,
)
from mirror_policies.links import STRIMZI_SYNC
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.mirror_maker import (
    CHECKPOINT_CONNECTOR,
    MIRROR_MAKER,
    SOURCE_CONNECTOR,
    Mirror,
    MirrorMaker,
)
from mirror_policies.reading.settings import is_true, number
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

OFFSET_LAG_MAX: Final = "offset.lag.max"
_LATER: Final = "it can be judged once it is known"

WINDOW: Final = Threshold(
    name="duplicateWindowSeconds",
    default=180,
    production=60,
    minimum=1,
    description="Seconds of already-read records that a group may read again after a failover.",
)


def _judge_window(maker: MirrorMaker, settings: Settings) -> Iterator[Remark]:
    if maker.target is None:
        return
    for mirror in maker.mirrors:
        config = mirror.connector(CHECKPOINT_CONNECTOR)["config"]
        if is_true(config[SYNC_GROUP_OFFSETS], default=False) is not True:
            continue
        flush, emit, sync = (
            maker.target.config[OFFSET_FLUSH_INTERVAL],
            config[EMIT_CHECKPOINTS_INTERVAL],
            config[SYNC_GROUP_OFFSETS_INTERVAL],
        )
        unknown = next((one for one in (flush, emit, sync) if one.is_unknown), None)
        spans = number(flush, default=60_000), number(emit, default=60), number(sync, default=60)
        if unknown is not None:
            yield Undecided(unknown, _LATER)
        elif None not in spans:
            total = (spans[0] or 0) / 1000 + (spans[1] or 0) + (spans[2] or 0)
            longest = max(
                ((spans[0] or 0) / 1000, 0, flush),
                (spans[1] or 0, 1, emit),
                (spans[2] or 0, 2, sync),
            )
            if total > settings[WINDOW.name]:
                yield Violation(
                    longest[2],
                    f"flush, checkpoints and group sync together take {total:.0f} seconds, the "
                    f"objective is {settings[WINDOW.name]}: groups would read that much again after a "
                    f"failover. Lower {OFFSET_FLUSH_INTERVAL}, {EMIT_CHECKPOINTS_INTERVAL} and "
                    f"{SYNC_GROUP_OFFSETS_INTERVAL}",
                )


INTERVALS_WITHIN_OBJECTIVE: Final = ObjectRule(
    id="intervals-within-objective",
    title="What a group reads twice after a failover stays within the objective",
    family=Family.OFFSETS,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    why=(
        "A translated offset is as old as three intervals together: what was read in that time is "
        "read again after a failover."
    ),
    fix="Lower `offset.flush.interval.ms` of the target's `config` and the two checkpoint intervals.",
    link=STRIMZI_SYNC,
    tags=("mirrormaker", "failover"),
    kinds=frozenset({MIRROR_MAKER}),
    thresholds=(WINDOW,),
    check=over_mirror_maker(_judge_window),
)

REFRESH: Final = Threshold(
    name="minimumRefreshSeconds",
    default=10,
    minimum=1,
    description="Shortest interval at which topics and groups may be listed.",
)


def _judge_chatty(maker: MirrorMaker, settings: Settings) -> Iterator[Remark]:
    for mirror in maker.mirrors:
        yield from _of_refresh(mirror, settings[REFRESH.name])
        lag = mirror.setting(SOURCE_CONNECTOR, OFFSET_LAG_MAX)
        if lag.integer is not None and lag.integer < 1:
            yield Violation(
                lag,
                f"{OFFSET_LAG_MAX} is {lag.shown}: one offset sync would be written for every record. "
                "Remove it (100 applies), and lower offset.flush.interval.ms instead",
            )
        config = mirror.connector(CHECKPOINT_CONNECTOR)["config"]
        sync, emit = config[SYNC_GROUP_OFFSETS_INTERVAL], config[EMIT_CHECKPOINTS_INTERVAL]
        often, seldom = number(sync, default=60), number(emit, default=60)
        if often is not None and seldom is not None and often < seldom:
            yield Violation(
                sync,
                f"groups are synced every {often} seconds and checkpoints emitted every {seldom}: "
                "nothing new is there to sync most of the time. Write the same interval into both",
            )


def _of_refresh(mirror: Mirror, least: int) -> Iterator[Remark]:
    for connector, key in (
        (SOURCE_CONNECTOR, REFRESH_TOPICS_INTERVAL),
        (CHECKPOINT_CONNECTOR, REFRESH_GROUPS_INTERVAL),
    ):
        setting = mirror.setting(connector, key)
        if setting.is_unknown:
            yield Undecided(setting, _LATER)
        elif setting.integer is not None and setting.integer < least:
            yield Violation(
                setting,
                f"{key} is {setting.shown}, the minimum here is {least}: with many topics or groups "
                "the cluster would be busy listing them. Write a longer interval",
            )


NOT_CHATTY: Final = ObjectRule(
    id="intervals-not-chatty",
    title="Intervals are no shorter than they are of use",
    family=Family.OFFSETS,
    level=Level.ADVISORY,
    severity=Severity.LOW,
    why=(
        "Intervals of a demonstration list every topic and group of both clusters again and again: "
        "with thousands of them the flow itself becomes the load."
    ),
    fix="Lengthen the interval; new topics and groups are rarer than records.",
    link=STRIMZI_SYNC,
    tags=("mirrormaker", "load"),
    kinds=frozenset({MIRROR_MAKER}),
    thresholds=(REFRESH,),
    check=over_mirror_maker(_judge_chatty),
)

RULES: Final = (INTERVALS_WITHIN_OBJECTIVE, NOT_CHATTY)
