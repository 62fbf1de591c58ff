"""Partitions added to a mirrored topic under load: every record arrives, those in the new ones too."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lab.demo.applications import Application
from lab.demo.reading import end_offsets
from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.stacks.load import (
    COPY,
    TOPIC,
    WITHIN,
    application,
    assert_nothing_lost,
    deployed,
    loaded,
    noted,
)
from tests.lab.stacks.small import SmallStacks

pytestmark = pytest.mark.lab

Configuration = dict[str, Any]


@pytest.mark.parametrize("times", [1, pytest.param(5, marks=pytest.mark.soak)])
def test_new_partitions_are_mirrored_from_their_first_record(
    stacks: SmallStacks, tmp_path: Path, figures: Figures, times: int
) -> None:
    def grow(configuration: Configuration) -> None:
        configuration["topics"][TOPIC]["partitions"] += 2

    target = application(stacks, "stg", "item-consumer", tmp_path)
    with loaded(stacks, tmp_path) as load:
        for _ in range(times):
            before = len(end_offsets(target, COPY))
            stacks.edit("dev", grow)
            with load.watching() as watch:
                done = deployed(stacks, "dev")
                began = time.monotonic()
                # A sender learns of new partitions when it starts, and every five minutes.
                load.send_as("item-producer")
                assert wait_until(partial(_holds_records, target, before), within=WITHIN)
                taken_in = time.monotonic() - began
        found = load.compared()

    noted(figures, f"two more partitions, {times} time(s)", watch, found)
    figures(
        "New partitions",
        partitions=before + 2,
        **{"first records at the target after (s)": f"{taken_in:.1f}"},
    )
    assert done.changes == {("update", "KafkaTopic/dev-load")}
    assert done.told == (
        " ! KafkaTopic dev-load gets another number of partitions (spec.partitions): with more, a key may go to "
        "another one from now on, and flows take the new ones in within their objectives.discovery, from their "
        "first record; fewer are refused by the operator\n"
    )
    assert not watch.is_restarted
    assert_nothing_lost(found)


def _holds_records(target: Application, partitions: int) -> bool:
    """Tell whether a partition beyond the first ones has records; not every key leads to one."""
    return any(end for number, end in end_offsets(target, COPY).items() if number >= partitions)
