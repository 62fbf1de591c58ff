"""Hypothesis strategies: a topology before and after one thing is added to it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.strategies.topologies import Configuration, Stack, stacks


@dataclass(frozen=True)
class Addition:
    """A stack without and with one thing.

    Attributes:
        what: The thing, in words.
        sites: Where it may make objects; nothing else may change anywhere.
    """

    before: Stack
    after: Stack
    what: str
    sites: frozenset[str]


@st.composite
def additions(draw: st.DrawFn) -> Addition:
    """Draw a site, a topic, a user, a flow with its two users, or a user more to a flow, that is added."""
    after = draw(stacks(least_flows=1))
    what, sites, before = draw(st.sampled_from(list(_without_one_thing(after.configuration))))
    return Addition(Stack(before, after.elsewhere), after, what, frozenset(sites))


def _without_one_thing(whole: Configuration) -> Iterator[tuple[str, list[str], Configuration]]:
    for name, topic in whole["topics"].items():
        yield f"topic {name}", topic["sites"], _without(whole, "topics", name)
    for name, user in whole["users"].items():
        if name not in _needed(whole):
            yield f"user {name}", user["sites"], _without(whole, "users", name)
    for name, flow in whole["flows"].items():
        # What belongs to a flow at its source is its user there, with the rights that it needs, and its heartbeats.
        ends = [flow[end] for end in ("source", "target")]
        less, own = _without(whole, "flows", name), {end["user"] for end in ends}
        if own.isdisjoint(_needed(less)):
            less["users"] = {user: one for user, one in less["users"].items() if user not in own}
            beating = less["sites"][flow["source"]["site"]].get("heartbeats", [])
            if name in beating:
                beating.remove(name)
            yield f"flow {name}", [end["site"] for end in ends], less
        for user in flow["replicatedUsers"]:
            less = copy.deepcopy(whole)
            less["flows"][name]["replicatedUsers"].remove(user)
            yield f"user {user} to flow {name}", [flow["target"]["site"]], less
    for name in whole["sites"]:
        if name not in _connected(whole):
            yield f"site {name}", [name], _without_site(whole, name)


def _without(whole: Configuration, section: str, name: str) -> Configuration:
    less = copy.deepcopy(whole)
    del less[section][name]
    return less


def _without_site(whole: Configuration, site: str) -> Configuration:
    less = _without(whole, "sites", site)
    for section in ("topics", "users"):
        entries: dict[str, Any] = {}
        for name, entry in less[section].items():
            elsewhere = [one for one in entry["sites"] if one != site]
            if elsewhere:
                entries[name] = {**entry, "sites": elsewhere}
        less[section] = entries
    return less


def _needed(whole: Configuration) -> set[str]:
    """Return the users that flows name."""
    return {
        user
        for flow in whole["flows"].values()
        for user in (flow["source"]["user"], flow["target"]["user"], *flow["replicatedUsers"])
    }


def _connected(whole: Configuration) -> set[str]:
    """Return the sites that flows lead from or to."""
    return {flow[end]["site"] for flow in whole["flows"].values() for end in ("source", "target")}
