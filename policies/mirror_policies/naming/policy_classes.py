"""Which replication policy classes exist, and what became of those that do not."""

from __future__ import annotations

from typing import Final

from kafka_mirror.mirrormaker.keys import DEFAULT_POLICY, IDENTITY_POLICY

KAFKA_PACKAGE: Final = "org.apache.kafka.connect.mirror."
KAFKA_CLASSES: Final = (DEFAULT_POLICY, IDENTITY_POLICY)

REMOVED_CLASSES: Final = {
    "io.strimzi.kafka.connect.mirror.IdentityReplicationPolicy": IDENTITY_POLICY,
}
"""Classes that operators once shipped, and what took their place (Strimzi 0.46)."""


def current_class(name: str) -> str:
    """Return the class that means the same today."""
    return REMOVED_CLASSES.get(name, name)
