"""Draws topologies as one Mermaid flowchart: sites as boxes, flows as arrows from source to target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kafka_mirror.cli.mermaid import identifier, label
from kafka_mirror.topology import (
    Flow,
    FlowName,
    ManagedSite,
    SiteName,
    StackSite,
    TopicPattern,
    Topology,
    UserName,
)
from kafka_mirror.topology.written import Written

_ARROWS: Final = {"running": "-->", "paused": "-.->", "stopped": "-.-x"}
_MOST_TOPICS: Final = 8
_LONGEST_TEXT: Final = 80


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """A site as it is drawn once, however many stacks speak of it.

    Attributes:
        stack: That owns it; of a site that no drawn stack makes, the stack as it is referred to.
        drawn: Whether that stack is drawn.
    """

    stack: str
    site: SiteName
    drawn: bool

    @property
    def node(self) -> str:
        """The id of what arrows lead from and to."""
        return identifier("kafka" if self.drawn else "other", self.stack, self.site)


def flowchart(stacks: Mapping[str, Topology], *, with_users: bool) -> str:
    """Return the picture of some stacks, the same for the same stacks whatever their order.

    A site of another stack is drawn as that stack has it, if it is among them, else as a neighbour. Of many topics, and
    of a long pattern, an arrow shows the beginning.

    Args:
        stacks: By name.
        with_users: Whether each site shows who may log in there.
    """
    places = {
        (stack, name): _place(stack, name, stacks)
        for stack, topology in sorted(stacks.items())
        for name in sorted(topology.sites)
    }
    lines = ["flowchart LR"]
    for (stack, name), place in places.items():
        if place == _Place(stack, name, drawn=True):
            lines += _site(place, stacks[stack], several=len(stacks) > 1, with_users=with_users)
    lines += _neighbours(sorted({place for place in places.values() if not place.drawn}))
    for stack, topology in sorted(stacks.items()):
        for flow_name, flow in sorted(topology.flows.items()):
            source, target = (places[stack, end.site] for end in (flow.source, flow.target))
            lines.append(_flow(flow_name, flow, source, target))
    return "\n".join(lines) + "\n"


def _place(stack: str, name: SiteName, stacks: Mapping[str, Topology]) -> _Place:
    site = stacks[stack].sites[name]
    if not isinstance(site, StackSite):
        return _Place(stack, name, drawn=True)
    owner = site.stack.rsplit("/", 1)[-1]
    theirs = stacks[owner].sites.get(name) if owner in stacks else None
    if theirs is None or isinstance(theirs, StackSite):
        return _Place(site.stack, name, drawn=False)
    return _Place(owner, name, drawn=True)


def _site(place: _Place, topology: Topology, *, several: bool, with_users: bool) -> Iterator[str]:
    site = topology.sites[place.site]
    title = [place.site, *([f"stack {place.stack}"] if several else [])]
    if isinstance(site, ManagedSite):
        title.append(f"context {site.kubernetes.context}, namespace {site.kubernetes.namespace}")
    yield f"  subgraph {identifier('site', place.stack, place.site)}[{label(*title)}]"
    yield f"    {place.node}[({label(*_kafka(site))})]"
    users = list(_users(topology, place.site)) if with_users else []
    if users:
        node = identifier("users", place.stack, place.site)
        yield f"    {node}[{label('users', *users)}]"
        yield f"    {node} --- {place.node}"
    yield "  end"


def _neighbours(places: Sequence[_Place]) -> Iterator[str]:
    for place in places:
        yield f"  {place.node}[/{label(place.site, f'of stack {place.stack}')}/]"
    if places:
        yield "  classDef neighbour stroke-dasharray: 5 5"
        yield f"  class {','.join(place.node for place in places)} neighbour"


def _kafka(site: Written) -> list[str]:
    if not isinstance(site, ManagedSite):
        # The configuration tells the kinds of sites apart by the key that only one of them has.
        return ["Kafka", *list(type(site).model_fields)[:1]]
    return [
        f"Kafka {site.kafka.name}",
        f"{site.operator.type} {site.operator.api}",
        *(["production"] if site.production else []),
    ]


def _users(topology: Topology, site: SiteName) -> Iterator[str]:
    found: list[tuple[UserName, str, bool]] = [
        (name, "", site in user.fenced_sites)
        for name, user in topology.users.items()
        if site in user.sites
    ]
    for flow_name, flow in topology.flows.items():
        if flow.target.site == site:
            found += [
                (user, f", replicated by {flow_name}", user in flow.fenced_users)
                for user in flow.replicated_users
            ]
    for name, origin, fenced in sorted(found):
        yield f"{name}{origin}{', fenced' if fenced else ''}"


def _flow(name: FlowName, flow: Flow, source: _Place, target: _Place) -> str:
    state = "" if flow.state == "running" else f" ({flow.state})"
    lines = [f"{name}{state}", f"{flow.naming} naming", *_topics(flow)]
    return f"  {source.node} {_ARROWS[flow.state]}|{label(*lines)}| {target.node}"


def _topics(flow: Flow) -> Iterator[str]:
    left_out = [f"but not {one.pattern}" for one in flow.topics_exclude]
    taken = [
        f"topics like {one.pattern}" if isinstance(one, TopicPattern) else f"topic {one}"
        for one in flow.topics
    ]
    for told in (taken, left_out):
        yield from map(_cut, told[:_MOST_TOPICS])
        if len(told) > _MOST_TOPICS:
            yield f"and {len(told) - _MOST_TOPICS} more"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"
