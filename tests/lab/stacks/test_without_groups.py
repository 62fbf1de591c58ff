"""A flow that is told to move no groups goes on with its records, and moves groups again once it is told to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kafka_mirror.mirrormaker.internal_topics import checkpoint_connector, source_connector
from lab.waiting import wait_until
from tests.lab.stacks.load import WITHIN, assert_nothing_lost, deployed, flow_status, loaded, worker
from tests.lab.stacks.small import SmallStacks

pytestmark = pytest.mark.lab

ENDS = "dev", "stg"
SOURCE, CHECKPOINTS = source_connector(*ENDS), checkpoint_connector(*ENDS)


def test_a_flow_without_groups_mirrors_records_alone(stacks: SmallStacks, tmp_path: Path) -> None:
    before = worker(stacks)
    with loaded(stacks, tmp_path) as load:
        with stacks.configured("stg", _without_groups):
            told = deployed(stacks, "stg").told
            is_alone = wait_until(lambda: _running(stacks) == {SOURCE}, within=WITHIN)
            went_on = load.flows_on()
        deployed(stacks, "stg")
        is_back = wait_until(lambda: _running(stacks) == {SOURCE, CHECKPOINTS}, within=WITHIN)
        found = load.compared()

    assert " ! KafkaMirrorMaker2 dev-to-stg moves no groups any more " in told
    assert is_alone
    assert went_on
    assert is_back
    assert worker(stacks) == before
    assert_nothing_lost(found)


def _without_groups(configuration: dict[str, Any]) -> None:
    configuration["flows"]["dev-to-stg"]["groups"] = []


def _running(stacks: SmallStacks) -> set[str]:
    """Return the flow's connectors that run; one for groups has no task as long as there are no groups."""
    connectors = flow_status(stacks)["connectors"]
    return {one["name"] for one in connectors if one["connector"]["state"] == "RUNNING"}
