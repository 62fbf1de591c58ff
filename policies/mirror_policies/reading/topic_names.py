"""What a flow calls the topics it makes: the mirrored ones and MirrorMaker's own.

Source: ``DefaultReplicationPolicy`` and ``IdentityReplicationPolicy`` (Kafka 4.3). Under both, the separator
goes into the names of MirrorMaker's own topics too, unless KIP-949's switch says otherwise.
"""

from __future__ import annotations

from typing import Final

from kafka_mirror.mirrormaker.keys import IDENTITY_POLICY, REPLICATION_POLICY_CLASS, SEPARATOR
from mirror_policies.fields import Field
from mirror_policies.naming.policy_classes import current_class
from mirror_policies.reading.clusters import Flow
from mirror_policies.reading.mirror_maker import SOURCE_CONNECTOR, Mirror
from mirror_policies.reading.settings import is_true

POLICY_SEPARATOR: Final = "replication.policy.separator"
SEPARATES_INTERNAL: Final = "replication.policy.internal.topic.separator.enabled"


def is_identity(mirror: Mirror) -> bool:
    """Tell whether mirrored topics keep their names; a class of the user's own is taken not to."""
    policy = mirror.setting(SOURCE_CONNECTOR, REPLICATION_POLICY_CLASS).text or ""
    return current_class(policy.strip()) == IDENTITY_POLICY


def unknown_name_part(flow: Flow) -> Field | None:
    """Return what is not known yet of what the flow calls its topics; None if all is."""
    parts = (
        *flow.aliases,
        flow.mirror.setting(SOURCE_CONNECTOR, REPLICATION_POLICY_CLASS),
        flow.mirror.setting(SOURCE_CONNECTOR, POLICY_SEPARATOR),
    )
    return next((part.outermost_unknown for part in parts if part.is_unknown), None)


def separator_of(mirror: Mirror) -> str:
    """Return what stands between an alias and a topic."""
    written = mirror.setting(SOURCE_CONNECTOR, POLICY_SEPARATOR).text
    return SEPARATOR if written is None else written


def prefix_of(mirror: Mirror, source: str) -> str:
    """Return what is put before the name of a topic of `source`; empty under identity."""
    return "" if is_identity(mirror) else source + separator_of(mirror)


def checkpoints_topic(mirror: Mirror, source: str) -> str:
    """Return the topic at the target that holds the translated group offsets of one source."""
    between = _internal_separator(mirror)
    return f"{source}{between}checkpoints{between}internal"


def offset_syncs_topic(mirror: Mirror, other: str) -> str:
    """Return the topic that maps offsets; `other` is the alias of the end where it does not live."""
    between = _internal_separator(mirror)
    return f"mm2-offset-syncs{between}{other}{between}internal"


def _internal_separator(mirror: Mirror) -> str:
    switch = mirror.setting(SOURCE_CONNECTOR, SEPARATES_INTERNAL)
    return separator_of(mirror) if is_true(switch, default=True) is not False else SEPARATOR
