"""Kafka clusters of others: a stack beside theirs mirrors between them, and takes only its own with it when it goes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from lab.demo.applications import Application
from lab.demo.comparison import compare
from lab.demo.reading import end_offsets, read_topic
from lab.demo.samples import send
from lab.waiting import wait_until
from tests.lab.stacks import beside
from tests.lab.stacks.beside import GROUP, SITES, STACK, TOPIC, USER
from tests.lab.stacks.load import WITHIN
from tests.lab.stacks.small import SmallStacks, changed

pytestmark = pytest.mark.lab

COUNT: Final = 300


def test_a_flow_between_adopted_sites_mirrors_and_leaves_what_others_made(
    stacks: SmallStacks, tmp_path: Path
) -> None:
    before = beside.of_others(stacks)
    with beside.written(stacks):
        try:
            stacks.up(STACK)
            made, again = beside.of_the_stack(stacks), changed(stacks.up(STACK))
            source, target = (application(stacks, site, tmp_path) for site in SITES)
            send(source, TOPIC, COUNT, start=0, printed=tmp_path / "sent.txt")
            expected = end_offsets(source, TOPIC)
            is_there = wait_until(lambda: end_offsets(target, TOPIC) == expected, within=WITHIN)
            found = compare(TOPIC, read_topic(source, TOPIC), read_topic(target, TOPIC))
        finally:
            stacks.destroy(STACK)

    assert len(made) == 4
    assert again == set()
    assert is_there
    assert found.is_equal
    assert found.at_target == COUNT
    assert beside.of_the_stack(stacks) == []
    assert beside.of_others(stacks) == before


def application(stacks: SmallStacks, site: str, directory: Path) -> Application:
    outputs = stacks.outputs(STACK)
    return Application.at(
        site,
        USER,
        sites=outputs["sites"],
        passwords=outputs["credentials"],
        directory=directory,
        group=GROUP,
    )
