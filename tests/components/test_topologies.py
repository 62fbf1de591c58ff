"""Any topology, in one stack or several, deploys, stays as it is when deployed again, and goes without a trace.

The topologies are drawn: managed sites in two Kubernetes clusters, of one stack or of up to three that read each
other, with either naming and any state.
"""

from __future__ import annotations

import copy
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

import engine
from tests.components.conftest import Estate
from tests.strategies import Configuration, several_stacks
from tests.topology.configurations import site, two_sites

UNCHANGED = {engine.Op.SAME, engine.Op.READ}
FEW, MANY = 2, 30

pytestmark = pytest.mark.usefixtures("_quick_passphrase")


def deployed_so_often(examples: int) -> settings:
    """Return how many topologies to deploy; none is made smaller, for each costs seconds."""
    return settings(
        max_examples=examples,
        phases=[Phase.explicit, Phase.generate],
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


@contextmanager
def an_estate() -> Iterator[Estate]:
    root = Path(tempfile.mkdtemp())
    try:
        (root / "project").mkdir()
        # The pack would rightly refuse a topology that a strategy drew without TLS.
        yield Estate(root, root / "project", packs=())
    finally:
        shutil.rmtree(root)


def everything(estate: Estate, stacks: Mapping[str, Configuration]) -> list[Any]:
    """Return what there is after a deployment: objects with their versions, outputs with secrets, states."""
    return [
        objects_of(estate),
        {stack: estate.outputs(stack) for stack in stacks},
        {stack: estate.state(stack) for stack in stacks},
    ]


def objects_of(estate: Estate) -> dict[str, Any]:
    """Return the objects of every cluster."""
    return {
        f"{file.stem}: {key}": found
        for file in sorted(estate.root.glob("*.json"))
        for key, found in json.loads(file.read_text()).items()
    }


def up_as_previewed(estate: Estate, stack: str) -> engine.Outcome:
    """Deploy a stack, and check that its preview said what was then done."""
    told: list[engine.Event] = []
    outcome = estate.up(stack, on_event=told.append)
    done = {phase: Counter[tuple[engine.Op, str]]() for phase in engine.Phase}
    for event in told:
        if isinstance(event, engine.StepDone):
            done[event.phase][event.step.op, event.step.urn] += 1
    assert done[engine.Phase.PREVIEW] == done[engine.Phase.UPDATE]
    return outcome


def without_protection(configuration: Configuration) -> Configuration:
    """Return the stack with no site that is production: its Kafka could not be deleted."""
    changed = copy.deepcopy(configuration)
    for one in changed["sites"].values():
        one.pop("production", None)
    return changed


def deploys_twice_and_goes(stacks: dict[str, Configuration]) -> None:
    with an_estate() as estate:
        for stack, configuration in stacks.items():
            estate.write(stack, configuration)
            up_as_previewed(estate, stack)
        once = everything(estate, stacks)

        for stack in stacks:
            assert up_as_previewed(estate, stack).changes.keys() <= UNCHANGED
        assert everything(estate, stacks) == once

        for stack, configuration in reversed(stacks.items()):
            if without_protection(configuration) != configuration:
                estate.write(stack, without_protection(configuration))
                estate.up(stack)
            estate.destroy(stack)
        assert objects_of(estate) == {}
        assert not any(
            json.loads(estate.state(one))["deployment"].get("resources") for one in stacks
        )


@deployed_so_often(FEW)
@given(stacks=several_stacks())
def test_any_topology_deploys_twice_alike_and_goes(stacks: dict[str, Configuration]) -> None:
    deploys_twice_and_goes(stacks)


@pytest.mark.soak
@deployed_so_often(MANY)
@given(stacks=several_stacks())
def test_many_topologies_deploy_twice_alike_and_go(stacks: dict[str, Configuration]) -> None:
    deploys_twice_and_goes(stacks)


def test_what_is_added_to_a_deployed_topology_touches_nothing_else(estate: Estate) -> None:
    """A further site, with a topic, a user, and a flow to it: every object that was there stays as it is."""
    before, after = two_sites(), with_one_site_more()
    estate.write("all", before)
    estate.up("all")
    objects = objects_of(estate)

    estate.write("all", after)
    changes = estate.up("all").changes

    assert changes.keys() <= {engine.Op.CREATE, engine.Op.UPDATE, *UNCHANGED}
    assert {key: objects_of(estate).get(key) for key in objects} == objects
    added = objects_of(estate).keys() - objects.keys()
    assert {key for key in added if " kafka-prod/" not in key} == {
        "stg: KafkaUser kafka-stg/reader-of-prod",
        "stg: Secret kafka-stg/reader-of-prod-password",
    }


def with_one_site_more() -> Configuration:
    """Return the two sites and prod, mirrored from stg."""
    more = two_sites()
    more["sites"]["prod"] = site("prod")
    more["topics"]["prices"] = {"sites": ["prod"]}
    more["users"] |= {
        "reader-of-prod": {
            "sites": ["stg"],
            "access": [{"role": "mirror-source", "topics": ["items"]}],
        },
        "writer-of-prod": {
            "sites": ["prod"],
            "access": [{"role": "mirror-target", "flow": "stg-to-prod"}],
        },
        "app": {"sites": ["prod"]},
    }
    more["flows"]["stg-to-prod"] = {
        "source": {"site": "stg", "user": "reader-of-prod"},
        "target": {"site": "prod", "user": "writer-of-prod"},
        "naming": "identity",
        "topics": ["items"],
    }
    return more
