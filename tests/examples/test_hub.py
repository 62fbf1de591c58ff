"""Fan-in to a hub and a chain behind it: two spokes, a hub, an archive."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from lab.demo.applications import Application
from lab.demo.reading import end_offsets
from tests.examples.running import TABLE, deployed, is_denied, mirrored, total
from tests.figures import Figures

pytestmark = pytest.mark.lab

TOPIC: Final = "readings"
COUNT: Final = 200


def test_readings_of_both_spokes_reach_the_archive_behind_the_hub(
    tmp_path: Path, figures: Figures
) -> None:
    with deployed(tmp_path, "hub", contexts=["lab"]) as example:

        def at(site: str, user: str, group: str = "dashboard") -> Application:
            return example.application("hub", site, user, group=group)

        archive = at("archive", "auditor", "auditor")
        for start, spoke in enumerate(("north", "south")):
            example.send(at(spoke, "sensors"), TOPIC, COUNT, start=start * COUNT)

        found = [
            mirrored(at(spoke, "dashboard"), archive, TOPIC, copy=f"{spoke}.{TOPIC}")
            for spoke in ("north", "south")
        ]
        denied = [
            is_denied(at("north", "stranger"), TOPIC),
            is_denied(at("archive", "stranger"), f"north.{TOPIC}"),
        ]
        went_back = end_offsets(at("north", "dashboard"), f"south.{TOPIC}")

    figures(TABLE, example="hub", **total(found), denied="a stranger at a spoke and at the archive")
    assert all(one.is_equal for one in found)
    assert denied == [True, True]
    assert went_back == {}
