"""What a KafkaMirrorMaker2, as it was deployed or as it is declared, says of its worker and its intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from kafka_mirror.mirrormaker import keys
from kafka_mirror.planning.properties import mapping_in
from kafka_mirror.planning.windows import PROCESSING

_DEFAULTS: Final = {
    keys.OFFSET_FLUSH_INTERVAL: timedelta(seconds=60),
    keys.EMIT_CHECKPOINTS_INTERVAL: timedelta(seconds=60),
    keys.SYNC_GROUP_OFFSETS_INTERVAL: timedelta(seconds=60),
    keys.REBALANCE_DELAY: timedelta(minutes=5),
}
"""What holds where a key is not set. Source: ``WorkerConfig``, ``MirrorCheckpointConfig``, ``DistributedConfig``."""

_MILLISECONDS: Final = frozenset({keys.OFFSET_FLUSH_INTERVAL, keys.REBALANCE_DELAY})


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """What decides on the cost of a change.

    Attributes:
        replicas: Workers.
        state: Of the source connectors; ``running`` if one of them is.
        flush: ``offset.flush.interval.ms``.
        checkpoint: ``emit.checkpoints.interval.seconds``, the longest if there are several mirrors.
        sync: ``sync.group.offsets.interval.seconds``, likewise.
        rebalance_delay: ``scheduled.rebalance.max.delay.ms``.
        moves_groups: Whether a mirror has a checkpoint connector.
    """

    replicas: int
    state: str
    flush: timedelta
    checkpoint: timedelta
    sync: timedelta
    rebalance_delay: timedelta
    moves_groups: bool

    @property
    def is_running(self) -> bool:
        """Whether there is a worker, and something for it to mirror."""
        return self.state == "running" and self.replicas > 0

    @property
    def duplicate_window(self) -> timedelta:
        """How much traffic a group that keeps up may re-read after it has moved."""
        return self.flush + self.checkpoint + self.sync + PROCESSING


def worker_settings(properties: Mapping[str, Any]) -> WorkerSettings:
    """Read them from the properties of a KafkaMirrorMaker2; what is missing has Kafka's default."""
    spec = mapping_in(properties, "spec")
    worker = _worker_configuration(spec)
    mirrors = [one for one in spec.get("mirrors") or () if isinstance(one, Mapping)]
    checkpoints = [mapping_in(one, "checkpointConnector", "config") for one in mirrors]
    return WorkerSettings(
        replicas=_whole(spec.get("replicas"), 1),
        state=_state(mapping_in(one, "sourceConnector") for one in mirrors),
        flush=_span(worker, keys.OFFSET_FLUSH_INTERVAL),
        checkpoint=_longest(checkpoints, keys.EMIT_CHECKPOINTS_INTERVAL),
        sync=_longest(checkpoints, keys.SYNC_GROUP_OFFSETS_INTERVAL),
        rebalance_delay=_span(worker, keys.REBALANCE_DELAY),
        moves_groups=any("checkpointConnector" in one for one in mirrors),
    )


def _worker_configuration(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings of the worker, which stood at its cluster before Strimzi 0.49."""
    clusters = spec.get("clusters")
    if not isinstance(clusters, list | tuple):
        return mapping_in(spec, "target", "config")
    known = (one for one in clusters if isinstance(one, Mapping))
    own = (one for one in known if one.get("alias") == spec.get("connectCluster"))
    return mapping_in(next(own, {}), "config")


def _state(connectors: Iterable[Mapping[str, Any]]) -> str:
    states = [str(one.get("state") or "running") for one in connectors]
    return "running" if "running" in states or not states else states[0]


def _longest(configurations: list[Mapping[str, Any]], key: str) -> timedelta:
    return max((_span(one, key) for one in configurations), default=_DEFAULTS[key])


def _span(configuration: Mapping[str, Any], key: str) -> timedelta:
    value = _whole(configuration.get(key), -1)
    if value < 0:
        return _DEFAULTS[key]
    return timedelta(milliseconds=value) if key in _MILLISECONDS else timedelta(seconds=value)


def _whole(value: Any, default: int) -> int:
    """Return a number that may stand there as text; what is not known yet counts as not set."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return default
