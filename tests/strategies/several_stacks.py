"""Hypothesis strategies: the sites, users and flows of one valid topology, shared out among stacks that read each other."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.strategies.topologies import Configuration, stacks


@st.composite
def several_stacks(draw: st.DrawFn) -> dict[str, Configuration]:
    """Draw the stacks of a topology with a flow, each before those that read it, by name."""
    whole = draw(stacks(least_flows=1).filter(lambda one: not one.elsewhere)).configuration
    sites = list(whole["sites"])
    cuts = draw(st.sets(st.integers(1, len(sites) - 1), max_size=2))
    ends = [0, *sorted(cuts), len(sites)]
    return shared_out(whole, [sites[a:b] for a, b in pairwise(ends)])


def shared_out(whole: Configuration, groups: list[list[str]]) -> dict[str, Configuration]:
    """Return the stacks that make what one stack would: the sites of each group are one stack's.

    Args:
        whole: Of managed sites alone; its flows lead from a group to itself or to a later one.
        groups: Sites by name.
    """
    owners = {site: f"stack-{index}" for index, sites in enumerate(groups) for site in sites}
    return {f"stack-{index}": _stack(whole, sites, owners) for index, sites in enumerate(groups)}


def _stack(whole: Configuration, sites: list[str], owners: dict[str, str]) -> Configuration:
    """Return the stack that owns some sites: with the flows into them, and the sites those come from."""
    flows: dict[str, Any] = {
        name: copy.deepcopy(flow)
        for name, flow in whole["flows"].items()
        if flow["target"]["site"] in sites
    }
    users = _of_sites(whole["users"], sites)
    for flow in flows.values():
        if flow["source"]["site"] not in sites:
            # A user of another stack that has the name of one here would be somebody else.
            flow["replicatedUsers"] = [one for one in flow["replicatedUsers"] if one not in users]
        _run_where_the_stack_can(flow, sites)
    read = {flow["source"]["site"] for flow in flows.values()} - set(sites)
    return {
        "sites": {
            **{site: {"stack": owners[site]} for site in sorted(read)},
            **{site: whole["sites"][site] for site in sites},
        },
        "topics": _of_sites(whole["topics"], sites),
        "users": {name: {**user, "shared": True} for name, user in users.items()},
        "flows": flows,
    }


def _run_where_the_stack_can(flow: dict[str, Any], sites: list[str]) -> None:
    """Keep a flow from a site whose cluster its stack does not know, and from a namespace that two stacks would make."""
    place = flow.get("runsIn", {})
    if place.get("site", sites[0]) not in sites:
        del flow["runsIn"]
    place.get("kubernetes", {}).pop("createNamespace", None)


def _of_sites(entries: dict[str, Any], sites: list[str]) -> dict[str, Any]:
    return {
        name: {**entry, "sites": [site for site in entry["sites"] if site in sites]}
        for name, entry in entries.items()
        if not set(sites).isdisjoint(entry["sites"])
    }
