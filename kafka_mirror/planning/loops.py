"""Finds topics that would circle for ever between sites.

Identity naming hides where a record came from, so MirrorMaker cannot see a cycle
(``IdentityReplicationPolicy``); a prefix flow stops only at names that already carry its target
(``MirrorSourceConnector.isCycle``). Flows that are stopped do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import networkx as nx

from kafka_mirror.mirrormaker.keys import SEPARATOR
from kafka_mirror.mirrormaker.patterns import Names, mirrored
from kafka_mirror.topology.flows import Naming

_MAX_HOPS: Final = 8
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


def find_loops(hops: Sequence[Hop]) -> tuple[Loop, ...]:
    """Return every simple cycle of flows that a record would go round without end, sorted.

    Cycles of more than eight flows are not searched: no topology of that length is known.
    """
    graph = nx.MultiDiGraph()
    for hop in hops:
        graph.add_edge(hop.source, hop.target, key=hop.flow, hop=hop)
    loops = {
        loop.flows: loop
        for sites in nx.simple_cycles(nx.DiGraph(graph), length_bound=_MAX_HOPS)
        for cycle in _flows_along(graph, sites)
        for loop in _loop(cycle)
    }
    return tuple(loops[flows] for flows in sorted(loops))


def _flows_along(graph: nx.MultiDiGraph, sites: list[str]) -> Iterator[tuple[Hop, ...]]:
    def extend(done: tuple[Hop, ...], steps: list[tuple[str, str]]) -> Iterator[tuple[Hop, ...]]:
        if not steps:
            yield done
            return
        for edge in graph.get_edge_data(*steps[0]).values():
            yield from extend((*done, edge["hop"]), steps[1:])

    yield from extend((), list(pairwise([*sites, sites[0]])))


def _loop(cycle: tuple[Hop, ...]) -> Iterator[Loop]:
    if all(hop.naming == "prefix" for hop in cycle):
        return
    rounds = 1 if all(hop.naming == "identity" for hop in cycle) else 2
    topics = _surviving(cycle, rounds)
    if topics is not None:
        yield Loop(flows=tuple(sorted(hop.flow for hop in cycle)), topic=topics.example())


def _surviving(cycle: tuple[Hop, ...], rounds: int) -> Names | None:
    """Return the topics of the first site that are still mirrored after so many rounds."""
    names = Names.matching([_TOPIC_NAME])
    prefix = ""
    for hop in cycle * rounds:
        if hop.naming == "prefix" and hop.target in prefix.split(SEPARATOR):
            return None
        names = names.both(mirrored(hop.topics, hop.excludes).after(prefix))
        if names.is_empty():
            return None
        if hop.naming == "prefix":
            prefix = f"{hop.source}{SEPARATOR}{prefix}"
    return names
