"""What an update does to what runs, shown beneath a preview: a stand-still nobody expected is a bad surprise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from rich.text import Text

import engine
from kafka_mirror.planning.names import flow_secrets
from kafka_mirror.planning.properties import mapping_in
from kafka_mirror.planning.restart_costs import Change
from kafka_mirror.planning.restarts import (
    KAFKA_KINDS,
    Impact,
    impact_of_deletion,
    impact_of_replacement,
    impacts,
)
from kafka_mirror.planning.site_costs import node_count

_FLOW: Final = "kafka-mirror:index:MirrorFlow$"
_MIRROR_MAKER: Final = "KafkaMirrorMaker2"
_NODE_POOL: Final = "KafkaNodePool"
_CLUSTER: Final = "strimzi.io/cluster"
_RENAMED: Final = "flow-renamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldImpact:
    """One thing that a run does to what runs, as it is told.

    Attributes:
        object: The object's name.
        kind: Its kind.
        what: A word for programs: an `Effect`, or ``flow-renamed``.
        reason: The property that is the reason; ``deleted`` if the object is.
        said: All of it for a reader, after kind and name.
        stands_still: At most; None if nobody can tell beforehand.
        mirrored_again: At most; None likewise.
        duplicate_windows: Of the flow before and after, if it is another.
    """

    object: str
    kind: str
    what: str
    reason: str
    said: str
    stands_still: timedelta | None = None
    mirrored_again: timedelta | None = None
    duplicate_windows: tuple[timedelta, timedelta] | None = None

    @property
    def message(self) -> str:
        """One line."""
        return f"{self.kind} {self.object} {self.said}"

    def document(self) -> dict[str, Any]:
        """Return it as ``--output json`` has it; a number that nobody can tell is null."""
        windows = self.duplicate_windows
        return {
            "object": self.object,
            "kind": self.kind,
            "what": self.what,
            "reason": self.reason,
            "standsStillSeconds": _seconds(self.stands_still),
            "mirroredAgainSeconds": _seconds(self.mirrored_again),
            "duplicateWindowSeconds": windows
            and {"before": _seconds(windows[0]), "after": _seconds(windows[1])},
            "message": self.message,
        }


def told_impacts(steps: Iterable[engine.Step]) -> tuple[ToldImpact, ...]:
    """Return everything that the steps of a run do to what runs.

    Args:
        steps: All of the run, unchanged ones too: they say how many nodes a Kafka has.
    """
    steps = tuple(steps)
    told = (
        ToldImpact(
            object=step.name,
            kind=step.kind,
            what=impact.effect.value,
            reason=impact.because,
            said=str(impact),
            stands_still=impact.cost.stands_still,
            mirrored_again=impact.cost.mirrored_again,
            duplicate_windows=impact.cost.duplicate_windows,
        )
        for step in steps
        for impact in _impacts_of(step, steps)
    )
    return (*told, *_renamed_flows(steps))


def impact_text(steps: Iterable[engine.Step]) -> Text:
    """Return a line for each thing that the steps do to what runs; empty if there is none."""
    text = Text()
    for told in told_impacts(steps):
        heading, colon, cost = told.message.partition(": ")
        text.append(f" ! {heading}{colon}", style="yellow")
        text.append(f"{cost}\n")
    return text


def _impacts_of(step: engine.Step, steps: tuple[engine.Step, ...]) -> tuple[Impact, ...]:
    if step.op is engine.Op.DELETE:
        impact = impact_of_deletion(step.kind)
        return (impact,) if impact else ()
    if step.op is engine.Op.REPLACE:
        change = Change(kind=step.kind, paths=(), before=step.before, after=step.after)
        moved = impact_of_replacement(change, step.reason)
        return (moved,) if moved else ()
    if step.op is not engine.Op.UPDATE:
        return ()
    if step.kind == "Secret" and _FLOW in step.urn:
        return _impacts_of_secret(step, steps)
    return impacts(
        Change(
            kind=step.kind,
            paths=tuple(change.path for change in step.changes),
            before=step.before,
            after=step.after,
            nodes=_nodes(step, steps) if step.kind in {*KAFKA_KINDS, _NODE_POOL} else None,
        )
    )


def _impacts_of_secret(secret: engine.Step, steps: tuple[engine.Step, ...]) -> tuple[Impact, ...]:
    """Return what a Secret of a flow does: the operator puts a hash over it onto the pods of the workers."""
    flow = next((one for one in steps if secret.name in _secrets_of(one)), None)
    if flow is not None and flow.op in {engine.Op.UPDATE, engine.Op.REPLACE}:
        # Its annotation changes with its Secrets, so that it tells this itself.
        return ()
    found = impacts(
        Change(
            kind=_MIRROR_MAKER,
            paths=("spec.mirrors[0].source.tls",),
            before=flow.before if flow else {},
            after=flow.after if flow else {},
        )
    )
    reason = ", ".join(change.path for change in secret.changes)
    return tuple(Impact(effect=one.effect, because=reason, cost=one.cost) for one in found)


def _secrets_of(step: engine.Step) -> tuple[str, ...]:
    if step.kind != _MIRROR_MAKER:
        return ()
    return flow_secrets(step.name)


def _nodes(step: engine.Step, steps: tuple[engine.Step, ...]) -> int | None:
    """Return how many nodes the Kafka that an object belongs to has, of what was deployed."""
    inside = node_count(step.before)
    if inside is not None and step.kind != _NODE_POOL:
        return inside
    kafka = (
        _cluster(step)
        if step.kind == _NODE_POOL
        else mapping_in(step.before, "metadata").get("name")
    )
    counts = [
        node_count(one.before)
        for one in steps
        if one.kind == _NODE_POOL and (_namespace(one), _cluster(one)) == (_namespace(step), kafka)
    ]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _namespace(step: engine.Step) -> Any:
    return mapping_in(step.before, "metadata").get("namespace")


def _cluster(step: engine.Step) -> Any:
    return mapping_in(step.before, "metadata", "labels").get(_CLUSTER)


def _renamed_flows(steps: tuple[engine.Step, ...]) -> Iterator[ToldImpact]:
    made = [s.name for s in steps if s.op is engine.Op.CREATE and s.kind == _MIRROR_MAKER]
    gone = [s.name for s in steps if s.op is engine.Op.DELETE and s.kind == _MIRROR_MAKER]
    for name in gone if made else ():
        yield ToldImpact(
            object=name,
            kind=_MIRROR_MAKER,
            what=_RENAMED,
            reason="deleted",
            said=f"is deleted and {', '.join(made)} created: if that is a flow with another name, everything "
            "the source still holds is mirrored again. To keep its place, give the flow "
            f"names: {{resource: {name}}}",
        )


def _seconds(span: timedelta | None) -> float | None:
    if span is None:
        return None
    seconds = span.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds
