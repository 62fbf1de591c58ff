"""Which part of a flow a change restarts, and what that costs, told before the change is made.

A restarted worker or connector goes on where its offsets were last flushed: what was mirrored since then is
mirrored again, at most the records of one flush interval, and none after an orderly stop. Source: the
operator rolls pods when the worker file, the trusted certificates or a credential change
(``strimzi.io/auth-hash``), and sends a connector's configuration only when it differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_COST: Final = (
    "mirroring stops for some seconds and goes on from the last flushed position "
    "(offset.flush.interval.ms); what was mirrored since is mirrored again only if the stop is not orderly"
)


class Part(StrEnum):
    """What is restarted."""

    BROKERS = "every Kafka node, one after another"
    WORKERS = "every worker of the flow, and with it both connectors"
    SOURCE = "the source connector"
    CHECKPOINT = "the checkpoint connector"


_COSTS: Final = {
    Part.BROKERS: "clients reconnect; a site of one node does not answer meanwhile",
    Part.WORKERS: _COST,
    Part.SOURCE: _COST,
    Part.CHECKPOINT: "group offsets stand still for some seconds; no record is concerned",
}


@dataclass(frozen=True, slots=True)
class Restart:
    """A part that a change restarts, and the changed property that is the reason."""

    part: Part
    because: str

    @property
    def cost(self) -> str:
        """What it means for the flow."""
        return _COSTS[self.part]


_MIRROR_MAKER: Final[tuple[tuple[str, tuple[Part, ...]], ...]] = (
    ("spec.replicas", ()),
    ("spec.mirrors[*].sourceConnector.state", ()),
    ("spec.mirrors[*].checkpointConnector.state", ()),
    ("spec.mirrors[*].sourceConnector.autoRestart", ()),
    ("spec.mirrors[*].checkpointConnector.autoRestart", ()),
    ("spec.mirrors[*].sourceConnector", (Part.SOURCE,)),
    ("spec.mirrors[*].checkpointConnector", (Part.CHECKPOINT,)),
    ("spec.mirrors[*].source.tls", (Part.WORKERS,)),
    ("spec.mirrors[*].source.authentication", (Part.WORKERS,)),
    ("spec.mirrors", (Part.SOURCE, Part.CHECKPOINT)),
    ("spec", (Part.WORKERS,)),
)
_KAFKA: Final[tuple[tuple[str, tuple[Part, ...]], ...]] = (
    ("spec.entityOperator", ()),
    ("spec.cruiseControl", ()),
    ("spec.kafkaExporter", ()),
    ("spec.kafka", (Part.BROKERS,)),
)
_KINDS: Final[Mapping[str, tuple[tuple[str, tuple[Part, ...]], ...]]] = {
    "KafkaMirrorMaker2": _MIRROR_MAKER,
    "Kafka": _KAFKA,
}


def restarts(kind: str, changed: Iterable[str]) -> tuple[Restart, ...]:
    """Return what an update restarts, one entry per part, in the order of their weight.

    Args:
        kind: Of the object that is updated.
        changed: Paths of the properties that differ, such as ``spec.mirrors[0].sourceConnector.tasksMax``.
    """
    rules = _KINDS.get(kind, ())
    found: dict[Part, str] = {}
    for path in changed:
        for part in _parts(rules, path):
            found.setdefault(part, path)
    if Part.WORKERS in found:
        # A worker takes its connectors along.
        found.pop(Part.SOURCE, None)
        found.pop(Part.CHECKPOINT, None)
    return tuple(Restart(part, found[part]) for part in Part if part in found)


def _parts(rules: Iterable[tuple[str, tuple[Part, ...]]], path: str) -> tuple[Part, ...]:
    plain = _without_indexes(path)
    for start, parts in rules:
        if plain == start or plain.startswith((f"{start}.", f"{start}[")):
            return parts
    return ()


def _without_indexes(path: str) -> str:
    pieces = path.split("[")
    return pieces[0] + "".join(
        f"[*{piece[piece.index(']') :]}" if piece.split("]")[0].isdigit() else f"[{piece}"
        for piece in pieces[1:]
    )
