"""Under identity naming the separator shows in nothing but the names of MirrorMaker's own topics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kafka_mirror.mirrormaker.keys import IDENTITY_POLICY, REPLICATION_POLICY_CLASS, SEPARATOR
from mirror_policies.links import KAFKA_MIRRORMAKER
from mirror_policies.naming.policy_classes import current_class
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.mirror_maker import MIRROR_MAKER, MirrorMaker
from mirror_policies.reading.settings import is_true
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


def _judge(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    for mirror in maker.mirrors:
        for connector in mirror.connectors():
            config = connector["config"]
            policy = config[REPLICATION_POLICY_CLASS].text or ""
            separator = config[POLICY_SEPARATOR]
            if current_class(policy.strip()) != IDENTITY_POLICY or separator.is_absent:
                continue
            if is_true(config[SEPARATES_INTERNAL], default=True) is False:
                continue  # Then it shows in no name at all (KIP-949).
            if separator.is_unknown:
                yield Undecided(separator, "whether it is the default can be told once it is known")
            elif separator.text != SEPARATOR:
                yield Violation(
                    separator,
                    f"the separator is {separator.shown} under identity naming: it changes nothing "
                    "but the names of the checkpoints and offset syncs topics, for which rights and "
                    "tools expect '.'. Remove it",
                )


RULE: Final = ObjectRule(
    id="separator-unset-under-identity",
    title="Identity naming comes without a separator",
    family=Family.NAMING,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "From Kafka 3.1 a separator goes into the names of MirrorMaker's own topics "
        "(`devcheckpointsinternal`): granted rights no longer fit, and an upgrade starts offset "
        "translation anew in other topics."
    ),
    fix="Remove `replication.policy.separator` from the connectors of an identity flow.",
    link=KAFKA_MIRRORMAKER,
    tags=("mirrormaker", "offsets"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(_judge),
)
