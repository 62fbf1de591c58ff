"""Two sites in two namespaces of one cluster: both ways under prefixes, then active and passive with the drill."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from lab.demo.applications import Application
from lab.demo.group_move import GroupMoveRun
from lab.demo.reading import end_offsets
from lab.demo.samples import receive
from lab.waiting import wait_until
from tests.examples.running import TABLE, WITHIN, deployed, is_denied, mirrored, planned, total
from tests.figures import Figures

pytestmark = pytest.mark.lab

TOPIC: Final = "my-topic"
COUNT: Final = 300


def test_each_site_reads_its_own_and_the_others_records(tmp_path: Path, figures: Figures) -> None:
    with deployed(tmp_path, "europe-us", contexts=["lab"]) as example:

        def at(site: str, user: str) -> Application:
            return example.application("europe-us", site, user, group=f"{site}-app")

        europe, us = at("europe", "europe-consumer"), at("us", "us-consumer")
        us_producer = at("us", "us-producer")
        example.send(at("europe", "europe-producer"), TOPIC, COUNT)
        example.send(us_producer, TOPIC, COUNT, start=COUNT)

        found = [
            mirrored(europe, us, TOPIC, copy=f"europe.{TOPIC}"),
            mirrored(us, europe, TOPIC, copy=f"us.{TOPIC}"),
        ]
        read = receive(europe, f"us.{TOPIC}", printed=tmp_path / "read.txt")
        denied = [is_denied(at(site, "stranger"), TOPIC) for site in ("europe", "us")]
        denied.append(is_denied(us_producer, f"europe.{TOPIC}"))
        went_back = end_offsets(europe, f"us.europe.{TOPIC}")

    figures(
        TABLE,
        example="europe-us",
        **total(found),
        denied="a stranger at both sites, a producer on a copy",
    )
    assert all(one.is_equal for one in found)
    assert sorted(read) == list(range(COUNT, 2 * COUNT))
    assert denied == [True, True, True]
    assert went_back == {}


def test_a_group_that_moves_to_the_passive_site_skips_nothing(
    tmp_path: Path, figures: Figures
) -> None:
    stack = "active-passive"
    with deployed(tmp_path, stack, contexts=["lab"]) as example:

        def at(site: str, user: str) -> Application:
            return example.application(stack, site, user, group="my-group")

        us, europe = at("us", "consumer"), at("europe", "consumer")
        example.send(at("us", "producer"), TOPIC, COUNT)
        already = set(receive(us, TOPIC, printed=tmp_path / "read.txt"))
        assert wait_until(lambda: sum(end_offsets(europe, TOPIC).values()) == COUNT, within=WITHIN)
        run = GroupMoveRun(
            source=us,
            target=europe,
            sender=at("us", "producer"),
            intervals=planned(stack, "us-to-europe"),
            already=already,
            next_sequence=COUNT,
            directory=tmp_path,
            topic=TOPIC,
        )
        for _ in run.steps():
            pass
        found = mirrored(us, europe, TOPIC)
        denied = [is_denied(at(site, "stranger"), TOPIC) for site in ("us", "europe")]

    move = run.result
    assert move is not None
    figures(
        TABLE,
        example=stack,
        **total([found]),
        **{
            "groups moved": "my-group",
            "re-read": f"{move.read_twice} of at most {move.planned_window}",
            "skipped": move.skipped,
        },
        denied="a stranger at both sites",
    )
    assert found.is_equal
    assert move.is_as_planned
    assert denied == [True, True]
