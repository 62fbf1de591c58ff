"""A flow paused, stopped and resumed under load: it stands still, goes on where it stood, and loses nothing."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lab.demo.reading import end_offsets
from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.stacks.load import (
    COPY,
    RATE,
    TOPIC,
    WITHIN,
    Load,
    application,
    assert_nothing_lost,
    deployed,
    flow_status,
    loaded,
    noted,
)
from tests.lab.stacks.small import SmallStacks

pytestmark = pytest.mark.lab

Configuration = dict[str, Any]
STATE = "spec.mirrors[0].checkpointConnector.state"
STANDS_STILL = (
    f" ! KafkaMirrorMaker2 dev-to-stg stands still ({STATE}): records wait at the source, and what its "
    "retention deletes meanwhile is never mirrored; group offsets stand still too\n"
)
GOES_ON = (
    f" ! KafkaMirrorMaker2 dev-to-stg goes on where it stood ({STATE}): what was written meanwhile is mirrored "
    "now; no record is lost or mirrored twice\n"
)


@pytest.mark.parametrize(
    "states",
    [
        pytest.param(("paused", "stopped", "running"), id="paused, stopped, resumed"),
        pytest.param(
            ("stopped", "running", "paused", "running", "stopped", "paused", "running") * 3,
            id="every way there is, again and again",
            marks=pytest.mark.soak,
        ),
    ],
)
def test_a_flow_that_stood_still_goes_on_where_it_stood(
    stacks: SmallStacks, tmp_path: Path, figures: Figures, states: tuple[str, ...]
) -> None:
    with loaded(stacks, tmp_path) as load:
        try:
            with load.watching() as watch:
                for was, state in pairwise(("running", *states)):
                    _bring_into(state, load, was=was)
        finally:
            _set_state(stacks, "running")
        found = load.compared()

    noted(figures, f"{', '.join(states[:3])}, {len(states)} change(s)", watch, found)
    assert not watch.is_restarted
    assert_nothing_lost(found)


def _bring_into(state: str, load: Load, *, was: str) -> None:
    _set_state(load.stacks, state)
    done = deployed(load.stacks, "stg")
    assert done.changes == {("update", "KafkaMirrorMaker2/dev-to-stg")}
    assert done.told == (
        GOES_ON if state == "running" else STANDS_STILL if was == "running" else ""
    )
    if state == "running":
        assert load.flows_on()
        return
    wanted = {"paused": {"PAUSED"}, "stopped": {"STOPPED"}}[state]
    assert wait_until(lambda: _states(load.stacks) == wanted, within=WITHIN)
    _assert_stands_still(load)


def _states(stacks: SmallStacks) -> set[str]:
    """Return the states of the connectors and of their tasks, of which a stopped one has none."""
    connectors = flow_status(stacks)["connectors"]
    parts = [part for one in connectors for part in (one["connector"], *one["tasks"])]
    is_ended = all(not one["tasks"] for one in connectors if one["connector"]["state"] == "STOPPED")
    return {part["state"] for part in parts} if is_ended else set()


def _assert_stands_still(load: Load) -> None:
    """Let the source grow by two seconds of records, of which none arrives."""
    source = application(load.stacks, "dev", "item-consumer", load.directory)
    target = application(load.stacks, "stg", "item-consumer", load.directory)
    before = sum(end_offsets(source, TOPIC).values())
    arrived = end_offsets(target, COPY)

    def has_grown() -> bool:
        return sum(end_offsets(source, TOPIC).values()) >= before + 2 * RATE

    assert wait_until(has_grown, within=WITHIN)
    assert end_offsets(target, COPY) == arrived


def _set_state(stacks: SmallStacks, state: str) -> None:
    def edit(configuration: Configuration) -> None:
        configuration["flows"]["dev-to-stg"]["state"] = state

    stacks.edit("stg", edit)
