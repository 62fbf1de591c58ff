"""Loops are found where records would circle, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_mirror.planning.loops import Hop, Loop, find_loops
from kafka_mirror.topology.flows import Naming

NEVER = ["__.*", r"\..*", r"mm2.*\.internal", r".*\.replica", r".*\.checkpoints\.internal"]


def hop(source: str, target: str, *topics: str, naming: Naming = "identity", **more: Any) -> Hop:
    return Hop(
        flow=f"{source}-to-{target}",
        source=source,
        target=target,
        naming=naming,
        topics=topics or (".*",),
        **more,
    )


@pytest.mark.parametrize(
    ("hops", "loops"),
    [
        pytest.param([hop("a", "b")], [], id="one flow"),
        pytest.param(
            [hop("a", "b", "x"), hop("b", "a", "x")],
            [Loop(flows=("a-to-b", "b-to-a"), topic="x")],
            id="two identity flows over one topic",
        ),
        pytest.param(
            [hop("a", "b", "x"), hop("b", "a", "y")], [], id="two identity flows over two topics"
        ),
        pytest.param(
            [hop("a", "b", "x.*"), hop("b", "a", ".*y")],
            [Loop(flows=("a-to-b", "b-to-a"), topic="xy")],
            id="two patterns that share names",
        ),
        pytest.param(
            [hop("a", "b", "x.*"), hop("b", "a", ".*y", excludes=("x.*",))],
            [],
            id="two patterns of which one excludes what they share",
        ),
        pytest.param(
            [hop("a", "b"), hop("b", "c"), hop("c", "a", r"x\.y")],
            [Loop(flows=("a-to-b", "b-to-c", "c-to-a"), topic="x.y")],
            id="three identity flows",
        ),
        pytest.param(
            [hop("a", "b", naming="prefix"), hop("b", "a", naming="prefix")],
            [],
            id="two prefix flows end by themselves",
        ),
        pytest.param(
            [hop("a", "b", naming="prefix"), hop("b", "a")],
            [Loop(flows=("a-to-b", "b-to-a"), topic="0")],
            id="a prefix that grows for ever",
        ),
        pytest.param(
            [hop("a", "b", "x", naming="prefix"), hop("b", "a", r"a\.x")],
            [],
            id="a prefix that one side does not take in",
        ),
        pytest.param(
            [hop("a", "b", r"(a\.){0}x|a\.x", naming="prefix"), hop("b", "a", r"a\.x|a\.a\.x")],
            [],
            id="a prefix that grows twice and then ends",
        ),
        pytest.param(
            [hop("a", "b", r"(a\.)*x", naming="prefix"), hop("b", "a", r"(a\.)+x")],
            [Loop(flows=("a-to-b", "b-to-a"), topic="a.x")],
            id="a prefix that both sides take in however long",
        ),
        pytest.param(
            [hop("a", "b", naming="prefix"), hop("b", "c", naming="prefix"), hop("c", "a")],
            [],
            id="two prefixes of which one is the target of the other",
        ),
        pytest.param(
            [hop("a", "b", naming="prefix"), hop("b", "c"), hop("c", "a")],
            [Loop(flows=("a-to-b", "b-to-c", "c-to-a"), topic="0")],
            id="one prefix among three",
        ),
        pytest.param(
            [hop("a", "b", "__x"), hop("b", "a", "__x")],
            [],
            id="a topic that MirrorMaker keeps out",
        ),
        pytest.param(
            [hop("a", "b", "x"), hop("b", "a", "x"), hop("b", "c", "x"), hop("c", "b", "x")],
            [
                Loop(flows=("a-to-b", "b-to-a"), topic="x"),
                Loop(flows=("b-to-c", "c-to-b"), topic="x"),
            ],
            id="two loops",
        ),
    ],
)
def test_loops_of_a_topology(hops: Sequence[Hop], loops: list[Loop]) -> None:
    assert list(find_loops(hops)) == loops
    assert list(find_loops(list(reversed(hops)))) == loops


def test_the_search_ends_at_twenty_loops_and_at_eight_flows() -> None:
    sites = "abcdefghi"
    mesh = [hop(one, other, "x") for one in sites for other in sites if one != other]
    ring = [hop(one, other) for one, other in zip(sites, sites[1:] + sites[0], strict=True)]

    assert len(find_loops(mesh)) == 20
    assert find_loops(ring) == ()
    assert len(find_loops([*ring[:7], hop("h", "a")])) == 1


def test_prefix_flows_between_many_sites_are_not_followed() -> None:
    sites = [f"site-{number}" for number in range(25)]
    mesh = [
        hop(one, other, rf"from-{one}\..*", naming="prefix")
        for one in sites
        for other in sites
        if one != other
    ]

    assert find_loops([*mesh, hop("site-0", "site-1", r"shared\..*")]) == ()


# --- against a simulation ------------------------------------------------------------------------

TOPICS = st.lists(
    st.sampled_from(["x", "y", r"a\.x", r"(a\.|b\.)*x", ".*", "[xy]"]), min_size=1, max_size=2
)


@st.composite
def topologies(draw: st.DrawFn, namings: list[Naming]) -> list[Hop]:
    pairs = draw(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.sampled_from("abc")).filter(
                lambda ab: ab[0] != ab[1]
            ),
            min_size=2,
            max_size=5,
            unique=True,
        )
    )
    return [
        hop(
            source,
            target,
            *draw(TOPICS),
            naming=draw(st.sampled_from(namings)),
            excludes=tuple(draw(st.lists(st.sampled_from(["y", r"b\..*"]), max_size=1))),
        )
        for source, target in pairs
    ]


def is_taken(flow: Hop, topic: str) -> bool:
    """Decide as ``MirrorSourceConnector.shouldReplicateTopic`` does."""
    if any(re.fullmatch(one, topic) for one in (*NEVER, *flow.excludes)):
        return False
    if flow.naming == "prefix" and flow.target in topic.split(".")[:-1]:
        return False
    return any(re.fullmatch(one, topic) for one in flow.topics)


def circles(hops: Sequence[Hop], starts: Sequence[str], rounds: int) -> bool:
    """Follow a record of each topic from each site; whether one passes a flow that many times."""

    def follow(site: str, topic: str, passed: tuple[str, ...]) -> bool:
        for flow in hops:
            if flow.source == site and is_taken(flow, topic):
                arrived = topic if flow.naming == "identity" else f"{flow.source}.{topic}"
                way = (*passed, flow.flow)
                if way.count(flow.flow) > rounds or follow(flow.target, arrived, way):
                    return True
        return False

    return any(follow(site, topic, ()) for site in "abc" for topic in starts)


@given(hops=topologies(["identity"]))
def test_identity_loops_are_those_of_a_simulation(hops: list[Hop]) -> None:
    assert bool(find_loops(hops)) is circles(hops, ["x", "y", "a.x", "0"], rounds=1)


@given(hops=topologies(["identity", "identity", "prefix"]))
def test_loops_of_mixed_naming_are_those_of_a_simulation(hops: list[Hop]) -> None:
    starts = ["x", "y", "a.x", "0", "b.x"]

    assert bool(find_loops(hops)) is circles(hops, starts, rounds=5)


@given(hops=topologies(["identity", "prefix"]))
def test_the_topic_of_a_loop_is_mirrored_by_the_first_of_its_flows(hops: list[Hop]) -> None:
    by_name = {one.flow: one for one in hops}
    for loop in find_loops(hops):
        assert any(is_taken(by_name[flow], loop.topic) for flow in loop.flows)
