"""What cannot work is told in one message, and nothing has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from kafka_mirror.cli.stack import app
from kafka_mirror.errors import KafkaMirrorError
from tests.lab.stacks.small import SmallStacks

Configuration = dict[str, Any]
Break = Callable[[Configuration], None]


def _set(*path: str | int, to: Any) -> Break:
    def change(configuration: Configuration) -> None:
        place: Any = configuration
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = to

    return change


REFUSED: list[Any] = [
    pytest.param(
        _set("flows", "dev-to-stg", "source", "site", to="dve"),
        """flows["dev-to-stg"].source.site: no site 'dve' (has dev, stg). Did you mean 'dev'?""",
        id="a missing site",
    ),
    pytest.param(
        _set("flows", "dev-to-stg", "source", "user", to="mirror-writer"),
        """flows["dev-to-stg"].source.user: site 'dev' has no user 'mirror-writer' """
        "(has item-consumer, item-producer, mirror-reader, stranger).",
        id="a user on no site of the flow",
    ),
    pytest.param(
        _set("flow", to={}),
        "flow: unknown key 'flow'. Allowed: flows, sites, topics, users. Did you mean 'flows'?",
        id="an unknown key at the top",
    ),
    pytest.param(
        _set("flows", "dev-to-stg", "objectives", to={"duplicateWindow": "15 sec"}),
        """flows["dev-to-stg"].objectives.duplicateWindow: '15 sec' is not a duration. """
        "Write a whole number and a unit (ms, s, m, h or d), for example 15s",
        id="a wrong duration",
    ),
    pytest.param(
        _set("flows", "dev-to-stg", "topics", to=[{"pattern": "it(.*"}]),
        """flows["dev-to-stg"].topics[0].pattern: 'it(.*' does not compile: missing ), """
        "unterminated subpattern at position 2",
        id="a pattern that does not compile",
    ),
    pytest.param(
        _set("sites", "dev", to={"stack": "dve"}),
        "stack 'dve' was never deployed: run `kafka-mirror stack up dve` first",
        id="a stack that was never deployed",
    ),
]


@pytest.mark.lab
@pytest.mark.parametrize(("spoil", "message"), REFUSED)
def test_a_faulty_configuration_is_told_and_changes_nothing(
    stacks: SmallStacks, spoil: Break, message: str
) -> None:
    file = stacks.directory / "Pulumi.stg.yaml"
    written, before = file.read_text(), stacks.recorded("stg")
    try:
        stacks.edit("stg", spoil)
        with pytest.raises(KafkaMirrorError) as refused:
            stacks.up("stg")
    finally:
        file.write_text(written)
    assert message in str(refused.value)
    assert "Traceback" not in str(refused.value)
    assert refused.value.exit_code == 2
    assert stacks.recorded("stg") == before


@pytest.mark.lab
def test_a_stack_that_is_deployed_but_empty_is_told(stacks: SmallStacks) -> None:
    for name in ("empty", "reader"):
        (stacks.directory / f"Pulumi.{name}.yaml").write_text("config: {}\n")
    stacks.up("empty")
    stacks.edit("reader", _set("sites", to={"dev": {"stack": "empty"}}))
    try:
        with pytest.raises(KafkaMirrorError) as refused:
            stacks.up("reader")
    finally:
        stacks.destroy("empty")
    assert (
        "sites.dev.stack: stack 'empty' is deployed but empty: it describes no site. Declare one there "
        "and deploy it (pulumi up --stack empty, or kafka-mirror stack up empty)"
    ) in str(refused.value)
    assert refused.value.exit_code == 2


@pytest.mark.lab
def test_a_violated_policy_stops_up_before_anything_is_applied(stacks: SmallStacks) -> None:
    file = stacks.directory / "Pulumi.stg.yaml"
    written, before = file.read_text(), stacks.recorded("stg")
    try:
        stacks.edit("stg", _set("flows", "dev-to-stg", "tuning", to={"replication.factor": 3}))
        with pytest.raises(KafkaMirrorError) as refused:
            stacks.up("stg")
    finally:
        file.write_text(written)
    assert "replication-factor-fits-brokers" in str(refused.value)
    assert refused.value.exit_code == 1
    assert stacks.recorded("stg") == before


def test_the_command_leaves_with_2_and_one_message_for_an_unknown_stack() -> None:
    result = CliRunner().invoke(app, ["preview", "nowhere", "--no-policy-pack"])
    assert isinstance(result.exception, KafkaMirrorError)
    assert result.exception.exit_code == 2
