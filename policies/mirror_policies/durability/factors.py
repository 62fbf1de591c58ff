"""Which settings ask for copies of a topic, where they stand and what applies without them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kafka_mirror.mirrormaker import keys
from mirror_policies.fields import Field
from mirror_policies.reading.mirror_maker import (
    CHECKPOINT_CONNECTOR,
    HEARTBEAT_CONNECTOR,
    SOURCE_CONNECTOR,
    MirrorMaker,
)
from mirror_policies.reading.settings import is_true

BROKER_DEFAULT: Final = -1
"""A replication factor that leaves the number to the broker's ``default.replication.factor``."""

CONNECTOR_FACTORS: Final = {
    SOURCE_CONNECTOR: {keys.REPLICATION_FACTOR: 2, keys.OFFSET_SYNCS_REPLICATION_FACTOR: 3},
    CHECKPOINT_CONNECTOR: {keys.CHECKPOINTS_REPLICATION_FACTOR: 3},
    HEARTBEAT_CONNECTOR: {"heartbeats.topic.replication.factor": 3},
}
"""By connector section: the factors it asks for, and MirrorMaker's defaults (Kafka 4.3)."""

WORKER_FACTORS: Final = {
    keys.CONFIG_STORAGE_REPLICATION_FACTOR: 3,
    keys.OFFSET_STORAGE_REPLICATION_FACTOR: 3,
    keys.STATUS_STORAGE_REPLICATION_FACTOR: 3,
}
"""The factors of a Connect worker's own topics, and Connect's defaults (Kafka 4.3)."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One setting that asks for copies.

    Attributes:
        field: Where it stands, or would.
        default: The number that applies if nothing stands there.
        is_at_target: Whether the topic is known to be made at the target of the MirrorMaker.
    """

    field: Field
    default: int
    is_at_target: bool = True

    @property
    def effective(self) -> int | None:
        """Return the number that applies; None if it cannot be told."""
        return self.default if self.field.is_absent else self.field.integer


def mirror_factors(maker: MirrorMaker) -> Iterator[Factor]:
    """Yield the factors of a MirrorMaker: of the worker's topics, then by mirror and connector."""
    if maker.target is not None:
        for key, default in WORKER_FACTORS.items():
            yield Factor(maker.target.config[key], default)
    for mirror in maker.mirrors:
        for connector in mirror.connectors():
            config = connector["config"]
            # Without this setting the offset syncs are kept at the source.
            are_syncs_at_target = config[keys.OFFSET_SYNCS_LOCATION].text == "target"
            emits = is_true(config["emit.offset-syncs.enabled"], default=True)
            for key, default in CONNECTOR_FACTORS[connector.key].items():
                if key == keys.OFFSET_SYNCS_REPLICATION_FACTOR and emits is False:
                    continue  # Then there is no such topic.
                is_at_target = key != keys.OFFSET_SYNCS_REPLICATION_FACTOR or are_syncs_at_target
                yield Factor(config[key], default, is_at_target)
