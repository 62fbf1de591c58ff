"""The names of the topics MirrorMaker 2 and its worker keep for themselves, and of its connectors.

Source: ``DefaultReplicationPolicy`` (``checkpointsTopic``, ``offsetSyncsTopic``), KIP-690. The names do
not depend on the naming: ``IdentityReplicationPolicy`` inherits them.
"""

from __future__ import annotations

from typing import Final

from kafka_mirror.mirrormaker.keys import SEPARATOR

HEARTBEATS: Final = "heartbeats"
"""The topic beside a source that its heartbeats are written to (``ReplicationPolicy.heartbeatsTopic``)."""


def checkpoints_topic(source: str) -> str:
    """Return the topic at the target that holds the translated group offsets of one source."""
    return f"{source}.checkpoints.internal"


def offset_syncs_topic(other: str) -> str:
    """Return the topic that maps source offsets to target offsets.

    Args:
        other: Alias of the site at the other end of where the topic lives: the source when
            ``offset-syncs.topic.location`` is ``target``.
    """
    return f"mm2-offset-syncs.{other}.internal"


def mirrored_heartbeats_topic(source: str) -> str:
    """Return what the heartbeats of a source are called at a target; identity naming prefixes them too."""
    return f"{source}{SEPARATOR}{HEARTBEATS}"


def source_connector(source: str, target: str) -> str:
    """Return the name an operator gives the connector that copies records."""
    return f"{source}->{target}.MirrorSourceConnector"


def checkpoint_connector(source: str, target: str) -> str:
    """Return the name an operator gives the connector that translates group offsets."""
    return f"{source}->{target}.MirrorCheckpointConnector"
