"""Both connectors of a mirror must derive names alike, or no group offset reaches its topic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kafka_mirror.mirrormaker.keys import DEFAULT_POLICY, REPLICATION_POLICY_CLASS, SEPARATOR
from mirror_policies.fields import Field, printable
from mirror_policies.naming.policy_classes import current_class
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.mirror_maker import (
    CHECKPOINT_CONNECTOR,
    MIRROR_MAKER,
    SOURCE_CONNECTOR,
    Mirror,
    MirrorMaker,
)
from mirror_policies.reading.topic_names import POLICY_SEPARATOR, SEPARATES_INTERNAL
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

TOPIC_FILTER: Final = "topic.filter.class"
_APART: Final = "the two would look for offset syncs in different topics and no group offset would be translated"
_CONSEQUENCES: Final = {
    REPLICATION_POLICY_CLASS: "group offsets would go to topics that do not exist",
    POLICY_SEPARATOR: _APART,
    SEPARATES_INTERNAL: _APART,
    TOPIC_FILTER: "group offsets would be translated for other topics than are mirrored",
}
_DEFAULTS: Final = {
    REPLICATION_POLICY_CLASS: DEFAULT_POLICY,
    POLICY_SEPARATOR: SEPARATOR,
    SEPARATES_INTERNAL: "true",
    TOPIC_FILTER: "org.apache.kafka.connect.mirror.DefaultTopicFilter",
}
"""What applies where nothing is written (Kafka 4.3)."""


def judge(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    """Compare what each mirror's two connectors derive names from."""
    for mirror in maker.mirrors:
        if mirror.connector(SOURCE_CONNECTOR).is_absent:
            continue
        if mirror.connector(CHECKPOINT_CONNECTOR).is_absent:
            continue
        for key in _CONSEQUENCES:
            yield from _compare(mirror, key)


def _compare(mirror: Mirror, key: str) -> Iterator[Remark]:
    source = mirror.setting(SOURCE_CONNECTOR, key)
    checkpoint = mirror.setting(CHECKPOINT_CONNECTOR, key)
    for unknown in (source, checkpoint):
        if unknown.is_unknown:
            yield Undecided(unknown, f"{key} of both connectors can be compared once it is known")
            return
    names = _effective(source, key), _effective(checkpoint, key)
    if names[0] == names[1]:
        return
    # The place to write to: where nothing stands, else the connector that follows the other.
    place = source if source.is_absent and not checkpoint.is_absent else checkpoint
    yield Violation(
        place,
        f"{SOURCE_CONNECTOR} {_said(source, key)}, {CHECKPOINT_CONNECTOR} {_said(checkpoint, key)}: "
        f"{_CONSEQUENCES[key]}. Write the same {key} into both",
    )


def _effective(field: Field, key: str) -> str:
    name = _DEFAULTS[key] if field.text is None else field.text
    if key == POLICY_SEPARATOR:
        return name  # Blanks in it count.
    return current_class(name.strip() or _DEFAULTS[key])


def _said(field: Field, key: str) -> str:
    if field.is_absent:
        default = _DEFAULTS[key].rpartition(".")[2] or f"'{SEPARATOR}'"
        return f"has no {key} ({default} applies)"
    return (
        f"has {key} '{printable(field.text)}'" if field.text is not None else f"has {field.shown}"
    )


RULE: Final = ObjectRule(
    id="replication-policy-alike",
    title="Both connectors of a mirror name topics by the same policy and separator",
    family=Family.NAMING,
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    why=(
        "The source connector names the copied topics and the checkpoint connector names the topics "
        "it writes group offsets for: where the two differ, topics are copied and everything looks "
        "well until a failover, when every group finds no offset."
    ),
    fix=(
        "Write the same `replication.policy.class` (and the same `replication.policy.separator`, or "
        "none) into `sourceConnector.config` and `checkpointConnector.config`."
    ),
    link="https://strimzi.io/docs/operators/latest/deploying#con-config-mirrormaker2-connectors-str",
    tags=("mirrormaker", "failover", "offsets"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(judge),
)
