"""Who is fenced is said in one place, and a fence around nobody or around a flow's own user is refused."""

from __future__ import annotations

from typing import Any

import pytest

from kafka_mirror.topology import FlowName, UserName
from tests.topology.configurations import changed, loaded, problems_of, two_sites

PRODUCER, FLOW = UserName("producer"), FlowName("dev-to-stg")
OF_A_USER = ("users", "producer", "fenced")
OF_A_FLOW = ("flows", "dev-to-stg", "fenced")


@pytest.mark.parametrize(
    ("fenced", "sites"),
    [
        pytest.param(False, (), id="nowhere"),
        pytest.param(True, ("dev", "stg"), id="wherever it exists"),
        pytest.param(["stg"], ("stg",), id="at one of its sites"),
        pytest.param([], (), id="at none that is named"),
    ],
)
def test_a_user_is_fenced_at_its_own_sites(fenced: Any, sites: tuple[str, ...]) -> None:
    own = (("users", "producer", "sites"), ["dev", "stg"])
    alone: tuple[tuple[str, ...], list[str]] = (("flows", "dev-to-stg", "replicatedUsers"), [])

    user = loaded(own, alone, (OF_A_USER, fenced)).users[PRODUCER]

    assert user.fenced_sites == sites


@pytest.mark.parametrize(
    ("fenced", "users"),
    [
        pytest.param(False, (), id="none"),
        pytest.param(True, ("producer", "consumer"), id="all that come along"),
        pytest.param(["producer"], ("producer",), id="one of them"),
    ],
)
def test_a_flow_fences_the_users_it_brings(fenced: Any, users: tuple[str, ...]) -> None:
    assert loaded((OF_A_FLOW, fenced)).flows[FLOW].fenced_users == users


def test_nobody_is_fenced_unless_it_is_said() -> None:
    topology = loaded()

    assert topology.users[PRODUCER].fenced_sites == ()
    assert topology.flows[FLOW].fenced_users == ()


@pytest.mark.parametrize(
    ("at", "value", "problem"),
    [
        pytest.param(
            OF_A_USER,
            "yes",
            "users.producer.fenced: 'yes' does not say who is fenced. Write true, false, or a list of names",
            id="a word",
        ),
        pytest.param(
            OF_A_FLOW,
            1,
            'flows["dev-to-stg"].fenced: 1 does not say who is fenced. Write true, false, or a list of names',
            id="a number",
        ),
        pytest.param(
            OF_A_USER,
            ["stg"],
            "users.producer.fenced[0]: no site 'stg' to fence: this user exists on dev.",
            id="a site where the user does not exist",
        ),
        pytest.param(
            OF_A_USER,
            ["dev", "dev"],
            "users.producer.fenced[1]: site 'dev' stands here twice; once is enough",
            id="a site twice",
        ),
        pytest.param(
            OF_A_FLOW,
            ["producr"],
            "flows[\"dev-to-stg\"].fenced[0]: no user 'producr' to fence: this flow replicates consumer, "
            "producer. Did you mean 'producer'?",
            id="a user whom the flow does not bring",
        ),
        pytest.param(
            ("users", "writer", "fenced"),
            True,
            "users.writer.fenced: 'writer' is a flow's own user, and MirrorMaker with it would fail without "
            "a word. Fence the applications; to end a mirror, set the flow's state to stopped",
            id="the user of a flow at its target",
        ),
        pytest.param(
            ("users", "reader", "fenced"),
            ["dev"],
            "users.reader.fenced: 'reader' is a flow's own user, and MirrorMaker with it would fail without "
            "a word. Fence the applications; to end a mirror, set the flow's state to stopped",
            id="the user of a flow at its source",
        ),
    ],
)
def test_a_wrong_fence_is_told_once(at: tuple[str, ...], value: Any, problem: str) -> None:
    assert problems_of(changed(two_sites(), *at, to=value)) == [problem]
