"""What is added to a topology changes no object that was there, and makes objects at its own sites alone.

A topic or a user makes objects at the sites it names, a flow at its target, with its own user at its source,
and a site in its own namespace. There is no exception.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given, note

from kafka_mirror.cli.offline import OfflineStack
from kafka_mirror.cli.render import rendered
from kafka_mirror.planning import plan
from kafka_mirror.topology import load
from tests.strategies import Addition, Stack, additions


def objects_of(stack: Stack) -> dict[tuple[str, str, str], Any]:
    """Return what a stack renders, by namespace, kind and name."""
    planned = plan(load(stack.configuration), stack.elsewhere)
    return {
        (one["metadata"]["namespace"], one["kind"], one["metadata"]["name"]): one
        for one in rendered(OfflineStack(plan=planned, sources={}))
    }


@given(addition=additions())
def test_what_is_added_changes_nothing_that_was_there(addition: Addition) -> None:
    note(addition.what)
    before, after = objects_of(addition.before), objects_of(addition.after)

    assert {key: after.get(key) for key in before} == before
    namespaces = {f"kafka-{site}" for site in addition.sites}
    places = [
        flow.get("runsIn", {}).get("kubernetes")
        for flow in addition.after.configuration["flows"].values()
    ]
    namespaces |= {place["namespace"] for place in places if place}
    assert {namespace for namespace, _, _ in after.keys() - before.keys()} <= namespaces
