"""A flow under another name mirrors nothing twice: what is kept is its place, which its names hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kafka_mirror.cli.restart_impact import impact_text
from tests.figures import Figures
from tests.lab.stacks.load import assert_nothing_lost, deployed, loaded, noted
from tests.lab.stacks.small import SmallStacks, changed

pytestmark = pytest.mark.lab

Configuration = dict[str, Any]
FIRST_NAMES = {
    "group": "mm2-dev-to-stg",
    "configTopic": "__mm2-dev-to-stg-configs",
    "offsetTopic": "__mm2-dev-to-stg-offsets",
    "statusTopic": "__mm2-dev-to-stg-status",
}


def _renamed(**names: Any) -> Callable[[Configuration], None]:
    def edit(configuration: Configuration) -> None:
        flow = configuration["flows"].pop("dev-to-stg")
        configuration["flows"]["dev-to-staging"] = {**flow, **names}
        configuration["users"]["mirror-writer"]["access"][0]["flow"] = "dev-to-staging"

    return edit


def _without_flow(configuration: Configuration) -> None:
    configuration["flows"] = {}
    configuration["users"]["mirror-writer"]["access"] = []


def test_a_renamed_flow_with_its_names_goes_on_undisturbed(
    stacks: SmallStacks, tmp_path: Path, figures: Figures
) -> None:
    with loaded(stacks, tmp_path) as load:
        with load.watching() as watch:
            with stacks.configured("stg", _renamed(names={"resource": "dev-to-stg"})):
                there = deployed(stacks, "stg")
                flows = set(stacks.outputs("stg")["sites"]["stg"]["flows"])
            back = deployed(stacks, "stg")
        found = load.compared()

    noted(figures, "renamed, names kept, and back", watch, found)
    assert (there.changes, there.told) == (back.changes, back.told) == (set(), "")
    assert flows == {"dev-to-staging"}
    assert not watch.is_restarted
    assert found.is_equal


def test_a_renamed_flow_without_them_is_told_what_that_costs(stacks: SmallStacks) -> None:
    with stacks.configured("stg", _renamed()):
        previewed = stacks.preview("stg")

    assert changed(previewed) >= {
        ("create", "KafkaMirrorMaker2/dev-to-staging"),
        ("delete", "KafkaMirrorMaker2/dev-to-stg"),
    }
    assert impact_text(previewed.changed).plain.endswith(
        " ! KafkaMirrorMaker2 dev-to-stg is deleted and dev-to-staging created: if that is a flow with another "
        "name, everything the source still holds is mirrored again. To keep its place, give the flow names: "
        "{resource: dev-to-stg}\n"
    )


@pytest.mark.soak
def test_another_resource_that_takes_over_the_names_mirrors_nothing_twice(
    stacks: SmallStacks, tmp_path: Path, figures: Figures
) -> None:
    taken_over = _renamed(names={"resource": "dev-to-staging", **FIRST_NAMES})
    with loaded(stacks, tmp_path) as load:
        with load.watching() as watch:
            try:
                # One goes before the other comes: two workers in one group would undo each other's connectors.
                with stacks.configured("stg", _without_flow):
                    deployed(stacks, "stg")
                with stacks.configured("stg", taken_over):
                    deployed(stacks, "stg")
                    assert load.flows_on()
                with stacks.configured("stg", _without_flow):
                    deployed(stacks, "stg")
            finally:
                deployed(stacks, "stg")
        found = load.compared()

    noted(figures, "another resource with the same group and topics, and back", watch, found)
    assert_nothing_lost(found)
