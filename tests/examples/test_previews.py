"""Every example previews and passes the policy pack, with no cluster to be reached."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from kafka_mirror.cli.main import app
from tests.examples.running import EXAMPLES

STACKS = sorted(
    file.name.removeprefix("Pulumi.").removesuffix(".yaml")
    for file in EXAMPLES.glob("Pulumi.*.yaml")
)


@pytest.mark.parametrize("stack", STACKS)
def test_an_example_can_be_planned_rendered_and_drawn(stack: str) -> None:
    for command in ("plan", "render", "graph"):
        result = CliRunner().invoke(app, [command, stack, "--project", str(EXAMPLES)])
        assert (command, result.exit_code, result.exception) == (command, 0, None)


@pytest.mark.parametrize("stack", STACKS)
def test_an_example_passes_the_policy_pack(stack: str) -> None:
    result = CliRunner().invoke(app, ["check", "--stack", stack, "--project", str(EXAMPLES)])

    assert result.exit_code == 0, result.output
