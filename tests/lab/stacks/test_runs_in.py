"""A flow that moves under load to a namespace without Kafka, in the cluster of its source, and back: nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.stacks.load import WITHIN, assert_nothing_lost, deployed, loaded, noted
from tests.lab.stacks.small import SmallStacks

pytestmark = pytest.mark.lab

PLACE = {"context": "dev", "namespace": "mirrors", "createNamespace": True}
MOVES = "KafkaMirrorMaker2 dev-to-stg stops where it runs and starts anew where it is to run"
OBJECT = ("kafka.strimzi.io/v1", "KafkaMirrorMaker2", "dev-to-stg")


def test_a_flow_that_moves_to_another_cluster_goes_on_where_it_stood(
    stacks: SmallStacks, tmp_path: Path, figures: Figures
) -> None:
    with loaded(stacks, tmp_path) as load:
        with load.watching() as watch:
            told = _moved(stacks, {"kubernetes": PLACE})
        # The operator tells what Connect does a moment after Connect does it.
        assert wait_until(lambda: _states(stacks) == {"RUNNING"}, within=WITHIN)
        with load.watching() as back:
            told_of_return = _moved(stacks, None)
        found = load.compared()

    noted(figures, "flow moved to the source's cluster", watch, found)
    noted(figures, "flow moved back beside the target", back, found)
    assert MOVES in told
    assert MOVES in told_of_return
    assert_nothing_lost(found)


def _moved(stacks: SmallStacks, runs_in: dict[str, Any] | None) -> str:
    """Let the flow run elsewhere, or beside its target again, and return what is told before."""

    def edit(configuration: dict[str, Any]) -> None:
        flow = configuration["flows"]["dev-to-stg"]
        flow.pop("runsIn", None)
        if runs_in is not None:
            flow["runsIn"] = runs_in

    stacks.edit("stg", edit)
    return deployed(stacks, "stg").told


def _states(stacks: SmallStacks) -> set[str]:
    status = stacks.api("dev").get(*OBJECT, "mirrors")["status"]
    return {one["connector"]["state"] for one in status.get("connectors", ())}
