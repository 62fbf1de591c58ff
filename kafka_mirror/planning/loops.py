"""Finds topics that would circle for ever between sites.

Identity naming hides where a record came from, so MirrorMaker cannot see a cycle
(``IdentityReplicationPolicy``); a prefix flow stops only at names that already carry its target
(``MirrorSourceConnector.isCycle``). Flows that are stopped do not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kafka_mirror.mirrormaker.keys import SEPARATOR
from kafka_mirror.mirrormaker.name_sets import Names, mirrored
from kafka_mirror.topology.flows import Naming

_SHORTEST: Final = 2
_MAX_HOPS: Final = 8
_MOST_LOOPS: Final = 20
_TOPIC_NAME: Final = "[A-Za-z0-9._-]+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A running flow as far as loops are concerned; `topics` and `excludes` are patterns."""

    flow: str
    source: str
    target: str
    naming: Naming
    topics: tuple[str, ...]
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Flows that lead a topic back to where it came from, and one such topic."""

    flows: tuple[str, ...]
    topic: str


@dataclass(frozen=True, slots=True)
class _Path:
    """Flows in a row, and the topics of the first one's source that get to the end of it."""

    hops: tuple[Hop, ...]
    names: Names
    prefix: str = ""

    def then(self, hop: Hop) -> _Path | None:
        """Return the path with one more flow, if a topic is still mirrored on it."""
        if hop.naming == "prefix" and hop.target in self.prefix.split(SEPARATOR):
            return None
        names = self.names.both(self.next_names(hop))
        if names.is_empty():
            return None
        prefix = f"{hop.source}{SEPARATOR}{self.prefix}" if hop.naming == "prefix" else self.prefix
        return _Path((*self.hops, hop), names, prefix)

    def next_names(self, hop: Hop) -> Names:
        """Return the topics of the first flow's source that one more flow takes in."""
        return mirrored(hop.topics, hop.excludes).after(self.prefix)


def find_loops(hops: Sequence[Hop]) -> tuple[Loop, ...]:
    """Return the simple cycles of flows that a record would go round without end, sorted.

    A cycle of prefix flows alone ends by itself, so every loop has an identity flow, where the search
    starts; it follows a path only as long as some topic does. It ends at twenty loops, and cycles of
    more than eight flows are not searched: no topology of that length is known.
    """
    if all(hop.naming == "prefix" for hop in hops) or len(hops) < _SHORTEST:
        return ()
    following = _within_cycles(hops)
    loops: dict[tuple[str, ...], Loop] = {}
    for first in (hop for hops in following.values() for hop in hops if hop.naming == "identity"):
        start = _Path((), Names.matching([_TOPIC_NAME])).then(first)
        for cycle in _cycles(start, following) if start else ():
            flows = tuple(sorted(hop.flow for hop in cycle))
            if flows not in loops and (names := _endless(cycle)) is not None:
                loops[flows] = Loop(flows=flows, topic=names.example())
            if len(loops) == _MOST_LOOPS:
                return _sorted(loops)
    return _sorted(loops)


def _sorted(loops: Mapping[tuple[str, ...], Loop]) -> tuple[Loop, ...]:
    return tuple(loops[flows] for flows in sorted(loops))


def _within_cycles(hops: Sequence[Hop]) -> dict[str, list[Hop]]:
    """Return, by source, the flows whose target leads back to their source."""
    import networkx as nx  # noqa: PLC0415 - slow import, which most programs start without

    graph: nx.DiGraph[str] = nx.DiGraph((hop.source, hop.target) for hop in hops)
    component = {
        site: number
        for number, sites in enumerate(nx.strongly_connected_components(graph))
        for site in sites
    }
    following: dict[str, list[Hop]] = defaultdict(list)
    for hop in hops:
        if component[hop.source] == component[hop.target]:
            following[hop.source].append(hop)
    return following


def _cycles(path: _Path, following: Mapping[str, Sequence[Hop]]) -> Iterator[tuple[Hop, ...]]:
    """Yield the simple cycles that begin with the path and that some topic goes all the way round."""
    home, here = path.hops[0].source, path.hops[-1].target
    if here == home:
        yield path.hops
        return
    visited = {hop.source for hop in path.hops}
    if len(path.hops) == _MAX_HOPS:
        return
    for hop in following.get(here, ()):
        if hop.target == home or hop.target not in visited:
            longer = path.then(hop)
            if longer is not None:
                yield from _cycles(longer, following)


def _endless(cycle: tuple[Hop, ...]) -> Names | None:
    """Return topics that go round the cycle for ever, if there are any.

    A prefix makes a name longer with every round, and the patterns decide how often that goes on. They
    are machines of finitely many states: a round that finds them as an earlier one did ends as that did,
    and so do all that follow.
    """
    path = _Path((), Names.matching([_TOPIC_NAME]))
    seen: set[tuple[object, ...]] = set()
    while True:
        states = []
        for hop in cycle:
            states.append(path.next_names(hop).state())
            longer = path.then(hop)
            if longer is None:
                return None
            path = longer
        if tuple(states) in seen:
            return path.names
        seen.add(tuple(states))
