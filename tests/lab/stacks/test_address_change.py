"""Another address of the source's listener, given to it by its cluster and not by any configuration."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import engine
from lab.ports import PortBlock
from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.stacks.following import STRIMZI, WITHIN, SmallFlow
from tests.lab.stacks.small import SmallStacks, changed

pytestmark = pytest.mark.lab


def test_a_new_address_reaches_the_flow_through_the_owner_and_nothing_is_lost(
    stacks: SmallStacks, tmp_path: Path, figures: Figures
) -> None:
    flow = SmallFlow(stacks, tmp_path)
    flow.send(100)
    assert flow.catches_up()
    before = flow.listener()["bootstrapServers"]

    ports = PortBlock.of(stacks.lab.root)
    (key,) = (key for key in ports.assigned() if "kafka-dev" in key and "EXTERNAL" in key)
    address = f"127.0.0.1:{ports.move(key)}"
    assert wait_until(lambda: flow.listener().get("bootstrapServers") == address, within=WITHIN)
    moved = time.monotonic()

    # What is configured is as it was: only a refresh of the owner finds the new address.
    done = stacks.run(engine.up, "dev", refresh=True)
    assert changed(done) == set()
    (change,) = done.changed_outputs
    assert change.path == "sites.dev.listeners.external.bootstrapServers"
    assert (change.before, change.after) == (before, address)

    flow.send(100)
    silent = flow.lag()
    assert silent == 100
    states = flow.states()

    done = stacks.up("stg")
    followed = time.monotonic()
    assert changed(done) == {("update", "KafkaMirrorMaker2/dev-to-stg")}
    (mirror,) = stacks.api("stg").get(STRIMZI, "KafkaMirrorMaker2", "dev-to-stg", "kafka-stg")[
        "spec"
    ]["mirrors"]
    assert mirror["source"]["bootstrapServers"] == address
    assert flow.catches_up()
    found = flow.compared()
    assert found.lost == 0
    figures(
        "A new address of the source (times include the steps between)",
        meanwhile=", ".join(sorted(set(states))),
        waiting=silent,
        until_up=f"{followed - moved:.1f} s",
        until_level=f"{time.monotonic() - followed:.1f} s",
        lost=found.lost,
        duplicated=found.duplicated,
    )
