"""From production to a new cluster, both with client certificates: everything arrives, heartbeats too, and a group moves.

The stack files' three nodes a site are one here: with six brokers this takes three minutes.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from lab.demo.group_move import GroupMoveRun
from lab.demo.reading import end_offsets
from lab.demo.samples import receive
from lab.waiting import wait_until
from tests.examples.certified import CertifiedApplication, Place, certified, write_authority
from tests.examples.running import (
    TABLE,
    WITHIN,
    Example,
    deployed,
    is_denied,
    mirrored,
    planned,
    total,
)
from tests.figures import Figures
from tests.lab.stacks.small import SmallStacks

pytestmark = pytest.mark.lab

FLOW: Final = "production-to-new-cluster"
PLACES: Final = {
    "production": Place("production", "kafka-production", "production"),
    "new-cluster": Place("new-cluster", "kafka-dest", "new-cluster"),
}
COUNT: Final = 300


def test_production_is_mirrored_and_a_group_moves_to_the_new_cluster(
    tmp_path: Path, figures: Figures
) -> None:
    write_authority(tmp_path)

    def prepare(stacks: SmallStacks) -> None:
        for site, place in PLACES.items():
            place.bring_authority(stacks, tmp_path)
            stacks.edit(site, partial(_with_one_node, site=site))

    with deployed(tmp_path, *PLACES, contexts=list(PLACES), prepare=prepare) as example:

        def at(site: str, user: str, group: str = "billing") -> CertifiedApplication:
            return _application(example, site, user, group)

        production, new = at("production", "consumer"), at("new-cluster", "consumer")
        producer = at("production", "producer")
        example.send(producer, "orders", COUNT)
        example.send(producer, "payments", COUNT)
        found = [mirrored(production, new, topic) for topic in ("orders", "payments")]
        observer = at("new-cluster", "observer", "observer")
        assert wait_until(lambda: _beats(observer) > 2, within=WITHIN)
        beats = _beats(observer)
        already = set(receive(production, "orders", printed=tmp_path / "read.txt"))
        run = GroupMoveRun(
            source=production,
            target=new,
            sender=producer,
            intervals=planned("new-cluster", FLOW),
            already=already,
            next_sequence=COUNT,
            directory=tmp_path,
            topic="orders",
        )
        for _ in run.steps():
            pass
        denied = [
            is_denied(at("production", "source-user"), "orders"),
            is_denied(at("new-cluster", "source-user"), "orders"),
        ]
        flow = example.stacks.api("new-cluster").get(
            "kafka.strimzi.io/v1", "KafkaMirrorMaker2", FLOW, "kafka-dest"
        )

    move = run.result
    assert move is not None
    figures(
        TABLE,
        example="new-cluster",
        **total(found),
        **{
            "groups moved": "billing",
            "re-read": f"{move.read_twice} of at most {move.planned_window}",
            "skipped": move.skipped,
            "heartbeats at the target": beats > 2,
        },
        denied="the flow's user, to write at either site",
    )
    assert all(one.is_equal for one in found)
    assert move.is_as_planned
    assert denied == [True, True]
    assert flow["spec"]["mirrors"][0]["sourceConnector"]["tasksMax"] == 12


def _with_one_node(configuration: dict[str, Any], site: str) -> None:
    configuration["sites"][site]["kafka"]["nodes"]["replicas"] = 1


def _application(example: Example, site: str, user: str, group: str) -> CertifiedApplication:
    held = PLACES[site].secret(example.stacks, user)
    return certified(example, site, site, user, held, group=group)


def _beats(observer: CertifiedApplication) -> int:
    return sum(end_offsets(observer, "production.heartbeats").values())
