"""Any valid topology previews, and deploying it twice changes nothing the second time."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

import engine
from tests.components.conftest import Estate
from tests.strategies import Stack, stacks


@pytest.mark.usefixtures("_quick_passphrase")
@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(stack=stacks(least_flows=1).filter(lambda one: not one.elsewhere))
def test_any_topology_of_own_sites_deploys_and_then_stays(stack: Stack) -> None:
    root = Path(tempfile.mkdtemp())
    try:
        (root / "project").mkdir()
        # The pack would rightly refuse a topology that a strategy drew without TLS.
        estate = Estate(root, root / "project", packs=())
        estate.write("any", stack.configuration)

        previewed, deployed = estate.preview("any"), estate.up("any")

        assert [step.op for step in previewed.steps] == [step.op for step in deployed.steps]
        assert estate.up("any").changes.keys() <= {engine.Op.SAME, engine.Op.READ}
    finally:
        shutil.rmtree(root)
