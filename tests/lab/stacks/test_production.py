"""A production site cannot be deleted by mistake, and a topic outlives its line in the configuration."""

from __future__ import annotations

from typing import Any

import pytest

from kafka_mirror.errors import KafkaMirrorError
from tests.lab.stacks.small import SmallStacks, changed

pytestmark = pytest.mark.lab

Configuration = dict[str, Any]


def test_a_production_site_is_protected_and_its_topics_are_kept(stacks: SmallStacks) -> None:
    def promote(configuration: Configuration) -> None:
        configuration["sites"]["dev"]["production"] = True
        configuration["topics"]["ledger"] = {"sites": ["dev"]}

    def forget(configuration: Configuration) -> None:
        del configuration["topics"]["ledger"]

    def relax(configuration: Configuration) -> None:
        configuration["sites"]["dev"]["production"] = False

    api = stacks.api("dev")
    topic = ("kafka.strimzi.io/v1", "KafkaTopic", "ledger", "kafka-dev")
    try:
        stacks.edit("dev", promote)
        assert changed(stacks.up("dev")) >= {("create", "KafkaTopic/dev-ledger")}

        with pytest.raises(KafkaMirrorError, match="protect"):
            stacks.destroy("dev")
        stacks.edit("dev", forget)
        stacks.up("dev")

        assert api.find(*topic) is not None
    finally:
        stacks.edit("dev", relax)
        stacks.up("dev")
        api.delete(*topic)
