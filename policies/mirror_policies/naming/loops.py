"""Flows that lead a topic back to where it came from, under a name that hides it.

Identity naming hides where a record came from, so MirrorMaker cannot see a cycle
(``IdentityReplicationPolicy``); prefix naming stops at names that already carry the target's alias
(``MirrorSourceConnector.isCycle``). Written apart from the planner: a check must not share its mistakes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kafka_mirror.mirrormaker.keys import (
    DEFAULT_TOPICS_EXCLUDE,
    INTERNAL_TOPICS,
    SEPARATOR,
)
from kafka_mirror.mirrormaker.name_sets import Names
from mirror_policies.fields import Field, printable
from mirror_policies.links import KAFKA_REPLICATION
from mirror_policies.objects import Stack
from mirror_policies.reading.clusters import Flow, flows_of
from mirror_policies.reading.filters import mirrored_topics, names_of, topics_of
from mirror_policies.reading.mirror_maker import MIRROR_MAKER, SOURCE_CONNECTOR
from mirror_policies.reading.topic_names import is_identity, separator_of
from mirror_policies.rule import (
    Family,
    Level,
    Remark,
    Settings,
    Severity,
    StackRule,
    Undecided,
    Violation,
)

MOST_HOPS: Final = 6
"""Flows in one cycle; longer ones are not searched."""

_KAFKA_TRANSFORMS: Final = "org.apache.kafka.connect.transforms."
_DROPPING: Final = ("Filter", "RegexRouter", "TimestampRouter")

ROUNDS: Final = 3
"""Rounds a record must go to be taken for endless: with prefix flows its name grows in each."""


@dataclass(frozen=True, eq=False)
class Hop:
    """A flow that copies records, or may at any time.

    Attributes:
        name: As a message calls it.
        separator: What stands between alias and topic; a user's own may hide where a record came from.
        is_transformed: Whether transformations may drop or rename records, such as by where they came from.
        place: Where its topics are said; None for a flow of another stack.
    """

    name: str
    source: str
    target: str
    is_identity: bool
    names: Names
    place: Field | None
    separator: str = SEPARATOR
    is_transformed: bool = False

    @property
    def hides_origin(self) -> bool:
        """Tell whether flows elsewhere may fail to see where its records came from."""
        return self.is_identity or self.separator != SEPARATOR or SEPARATOR in self.source


def _judge(stack: Stack, _settings: Settings) -> Iterator[Remark]:
    hops: list[Hop] = []
    for flow in flows_of(stack):
        if not flow.is_running:
            continue
        unknown = next((a for a in flow.aliases if a.is_unknown), None)
        if unknown is not None:
            yield Undecided(unknown, "whether a loop leads through this flow hangs on it")
        if not flow.source.alias or not flow.target.alias:
            continue
        names = mirrored_topics(flow.mirror)
        if names is None:
            unread = topics_of(flow.mirror).field
            yield Undecided(unread, "whether its topics come back here cannot be told from it")
        else:
            hops.append(_hop_of(flow, names))
    hops.extend(_hops_of_sites(stack, {hop.name for hop in hops}))
    for cycle, topic in _loops(hops):
        place = next((hop.place for hop in cycle if hop.place is not None), None)
        if place is not None:
            yield _remark(place, cycle, topic)


def _remark(place: Field, cycle: Sequence[Hop], topic: str) -> Remark:
    flows = ", ".join(printable(hop.name) for hop in cycle)
    back = (
        f"{flows} lead topic '{printable(topic)}' back to {printable(cycle[0].source)} under a name "
        "that is mirrored again"
    )
    if any(hop.is_transformed for hop in cycle):
        return Undecided(place, f"{back}: whether its transforms drop such records cannot be told")
    if not any(hop.is_identity for hop in cycle):
        return Violation(
            place,
            f"{back}: aliases and separators hide where a record came from, so MirrorMaker would copy it "
            "round for ever. Use one separator in all flows, and none in an alias",
        )
    return Violation(
        place,
        f"{back}: every record would circle for ever. Use prefix naming, exclude the topic in one "
        "direction, or stop one of them",
    )


def _hop_of(flow: Flow, names: Names) -> Hop:
    return Hop(
        name=flow.owner.name or flow.owner.title,
        source=flow.source.alias,
        target=flow.target.alias,
        is_identity=is_identity(flow.mirror),
        names=names,
        place=topics_of(flow.mirror).field,
        separator=separator_of(flow.mirror),
        is_transformed=_may_drop(flow.mirror.connector(SOURCE_CONNECTOR)["config"]),
    )


def _may_drop(config: Field) -> bool:
    """Tell whether transformations of a connector may drop or rename what came from the target."""
    names = (config["transforms"].text or "").split(",")
    types = [config[f"transforms.{name.strip()}.type"].text or "" for name in names if name.strip()]
    return any(
        not one.startswith(_KAFKA_TRANSFORMS)
        or one.partition("$")[0].rpartition(".")[2] in _DROPPING
        for one in types
    )


def _hops_of_sites(stack: Stack, own: Iterable[str]) -> Iterator[Hop]:
    taken = set(own)
    for target, site in stack.sites.items():
        for flow in site["flows"].members():
            source = flow["source"].text
            names = _described_names(flow)
            if flow.key in taken or source is None or names is None:
                continue
            if flow["state"].text != "stopped":
                is_identity = flow["naming"].text == "identity"
                yield Hop(flow.key, source, target, is_identity, names, None)


def _described_names(flow: Field) -> Names | None:
    taken = names_of(item.text or "" for item in flow["topics"].elements())
    excluded = [item.text or "" for item in flow["topics_exclude"].elements()]
    excluded += [item.text or "" for item in flow["topicsExclude"].elements()]
    left_out = names_of((*DEFAULT_TOPICS_EXCLUDE, *INTERNAL_TOPICS, *excluded))
    return None if taken is None or left_out is None else taken.minus(left_out)


def _loops(hops: Sequence[Hop]) -> Iterator[tuple[tuple[Hop, ...], str]]:
    """Yield each set of flows that makes a loop once, with a topic that goes round."""
    found: set[frozenset[str]] = set()
    by_source: dict[str, list[Hop]] = {}
    for hop in hops:
        by_source.setdefault(hop.source, []).append(hop)
    hiding = [hop for hop in hops if hop.hides_origin]
    for first in sorted(hiding, key=lambda hop: not hop.is_identity):
        for cycle in _cycles((first,), by_source):
            flows = frozenset(hop.name for hop in cycle)
            if flows not in found and (topic := _endless_topic(cycle)) is not None:
                found.add(flows)
                yield cycle, topic


def _cycles(path: tuple[Hop, ...], by_source: dict[str, list[Hop]]) -> Iterator[tuple[Hop, ...]]:
    home, here = path[0].source, path[-1].target
    if here == home:
        yield path
    elif len(path) < MOST_HOPS:
        visited = {hop.source for hop in path}
        for hop in by_source.get(here, ()):
            if hop.target == home or hop.target not in visited:
                yield from _cycles((*path, hop), by_source)


def _endless_topic(cycle: tuple[Hop, ...]) -> str | None:
    """Return a topic of the first source that is still mirrored after some rounds, if there is one."""
    prefix = ""
    left = cycle[0].names
    for hop in cycle * ROUNDS:
        if not hop.is_identity and hop.target in _origins(prefix, hop.separator):
            return None
        left = left.both(hop.names.after(prefix))
        if left.is_empty():
            return None
        if not hop.is_identity:
            prefix = f"{hop.source}{hop.separator}{prefix}"
    return left.example()


def _origins(prefix: str, separator: str) -> list[str]:
    """Return the aliases that a flow reads off a name (``DefaultReplicationPolicy.topicSource``)."""
    return prefix.split(separator)[:-1] if separator else []


RULE: Final = StackRule(
    id="no-replication-loop",
    title="No topic comes back to where it was mirrored from",
    family=Family.NAMING,
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    why=(
        "MirrorMaker cannot see a cycle of identity flows: every record is copied round without end "
        "and multiplies until the disks of all sites are full."
    ),
    fix=(
        "Use prefix naming for one direction, mirror disjoint topics in the two directions, or set "
        "the `state` of one flow's source connector to `stopped`."
    ),
    link=KAFKA_REPLICATION,
    tags=("mirrormaker", "loop", "bidirectional"),
    kinds=frozenset({MIRROR_MAKER}),
    check=_judge,
)
