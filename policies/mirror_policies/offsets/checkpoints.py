"""Whether group offsets are translated and written at the target at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kafka_mirror.mirrormaker.keys import OFFSET_SYNCS_LOCATION, SYNC_GROUP_OFFSETS
from mirror_policies.fields import Field
from mirror_policies.links import KAFKA_MIRRORMAKER, STRIMZI_CONNECTORS, STRIMZI_SYNC
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.filters import groups_of
from mirror_policies.reading.mirror_maker import (
    CHECKPOINT_CONNECTOR,
    MIRROR_MAKER,
    SOURCE_CONNECTOR,
    MirrorMaker,
)
from mirror_policies.reading.settings import is_true
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

EMIT_CHECKPOINTS: Final = "emit.checkpoints.enabled"
EMIT_SYNCS: Final = "emit.offset-syncs.enabled"
_LATER: Final = "it can be judged once it is known"


def _judge_synced(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    for mirror in maker.mirrors:
        if mirror.connector(SOURCE_CONNECTOR).is_absent:
            continue
        if groups_of(mirror).items == ():
            continue  # No groups are asked for in so many words; with nothing said it would be all of them.
        checkpoint = mirror.connector(CHECKPOINT_CONNECTOR)
        if checkpoint.is_absent:
            yield Violation(
                checkpoint,
                "there is no checkpoint connector, so no group offset is translated: after a failover "
                "every group starts at the end or at the beginning. Write one",
            )
            continue
        config = checkpoint["config"]
        yield from _judge_switch(config[SYNC_GROUP_OFFSETS], default=False)
        yield from _judge_switch(config[EMIT_CHECKPOINTS], default=True)


def _judge_switch(setting: Field, *, default: bool) -> Iterator[Remark]:
    if setting.is_unknown:
        yield Undecided(setting, _LATER)
    elif is_true(setting, default=default) is not True:
        said = "is not set, so false applies" if setting.is_absent else f"is {setting.shown}"
        yield Violation(
            setting,
            f"{setting.key} {said}: no group finds its place at the target after a failover. Write "
            "true",
        )


GROUP_OFFSETS_SYNCED: Final = ObjectRule(
    id="group-offsets-synced",
    title="Group offsets are translated and written at the target",
    family=Family.OFFSETS,
    level=Level.ADVISORY,
    production=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "MirrorMaker's default copies records and leaves offsets alone: at a failover consumers skip "
        "everything that was not read yet, or read everything again."
    ),
    fix=(
        "Add a `checkpointConnector` with `sync.group.offsets.enabled: true`; if no group is to move, say so "
        'with `groupsPattern: ""`.'
    ),
    link=STRIMZI_SYNC,
    tags=("mirrormaker", "failover"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(_judge_synced),
)


def _judge_emitted(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    for mirror in maker.mirrors:
        setting = mirror.setting(SOURCE_CONNECTOR, EMIT_SYNCS)
        checkpoint = mirror.connector(CHECKPOINT_CONNECTOR)
        if checkpoint.is_absent or not _translates(checkpoint["config"]):
            continue
        if setting.is_unknown:
            yield Undecided(setting, _LATER)
        elif is_true(setting, default=True) is False:
            yield Violation(
                setting,
                f"{EMIT_SYNCS} is {setting.shown}: the checkpoint connector beside it has nothing to "
                "translate with and no group offset is ever written. Remove it",
            )


def _translates(config: Field) -> bool:
    return (
        is_true(config[EMIT_CHECKPOINTS], default=True) is not False
        or is_true(config[SYNC_GROUP_OFFSETS], default=False) is not False
    )


SYNCS_EMITTED: Final = ObjectRule(
    id="offset-syncs-emitted",
    title="The source connector writes what the checkpoint connector translates with",
    family=Family.OFFSETS,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "With `emit.offset-syncs.enabled: false` the checkpoint connector runs, is healthy and "
        "translates nothing: groups find no offset after a failover."
    ),
    fix="Remove `emit.offset-syncs.enabled`, or the checkpoint connector.",
    link=KAFKA_MIRRORMAKER,
    tags=("mirrormaker", "failover"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(_judge_emitted),
)


def _judge_location(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    for mirror in maker.mirrors:
        source = mirror.setting(SOURCE_CONNECTOR, OFFSET_SYNCS_LOCATION)
        checkpoint = mirror.setting(CHECKPOINT_CONNECTOR, OFFSET_SYNCS_LOCATION)
        if any(mirror.connector(c).is_absent for c in (SOURCE_CONNECTOR, CHECKPOINT_CONNECTOR)):
            continue
        unknown = next((one for one in (source, checkpoint) if one.is_unknown), None)
        if unknown is not None:
            yield Undecided(unknown, "both connectors can be compared once it is known")
        elif _place(source) != _place(checkpoint):
            yield Violation(
                source if source.is_absent else checkpoint,
                f"the source connector keeps offset syncs at the {_place(source)}, the checkpoint "
                f"connector reads them at the {_place(checkpoint)}: no group offset would be "
                f"translated. Write the same {OFFSET_SYNCS_LOCATION} into both",
            )


def _place(setting: Field) -> str:
    return "source" if setting.is_absent else (setting.text or "").strip().lower()


LOCATION_ALIKE: Final = ObjectRule(
    id="offset-syncs-location-alike",
    title="Both connectors look for offset syncs in the same place",
    family=Family.OFFSETS,
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    why=(
        "One connector writes offset syncs at one cluster and the other reads an empty topic at the "
        "other: both run, and after a failover no group has an offset."
    ),
    fix="Write `offset-syncs.topic.location: target` into both connectors.",
    link=STRIMZI_CONNECTORS,
    tags=("mirrormaker", "failover"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(_judge_location),
)


def _judge_target(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    for mirror in maker.mirrors:
        connector = mirror.connector(SOURCE_CONNECTOR)
        setting = connector["config"][OFFSET_SYNCS_LOCATION]
        if connector.is_absent or setting.is_unknown or _place(setting) != "source":
            continue
        if _place(mirror.setting(CHECKPOINT_CONNECTOR, OFFSET_SYNCS_LOCATION)) != "source":
            continue  # The two differ, which has a rule of its own.
        yield Violation(
            setting,
            "offset syncs are written to the source: the flow needs to write there, and across a slow "
            f"line they lag behind. Write {OFFSET_SYNCS_LOCATION}: target into both connectors",
        )


SYNCS_AT_TARGET: Final = ObjectRule(
    id="offset-syncs-at-target",
    title="Offset syncs are kept at the target, so that the source is only read",
    family=Family.OFFSETS,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    why=(
        "By default MirrorMaker writes to the cluster it mirrors from: its user needs rights that a "
        "reader should not have, and at most ten syncs are on their way over the line between sites."
    ),
    fix="Write `offset-syncs.topic.location: target` into both connectors and grant the topic there.",
    link=STRIMZI_CONNECTORS,
    tags=("mirrormaker", "acl"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(_judge_target),
)

RULES: Final = (GROUP_OFFSETS_SYNCED, SYNCS_EMITTED, LOCATION_ALIKE, SYNCS_AT_TARGET)
