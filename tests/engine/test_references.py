"""Stacks that read each other's outputs."""

from __future__ import annotations

import pytest

import engine
from kafka_mirror.errors import UsageError
from tests.engine.conftest import Sandbox


@pytest.fixture
def pair(cases: Sandbox) -> Sandbox:
    """A stack ``other`` with outputs, and ``dev`` that reads them."""
    cases.configure("other", case="outputs")
    cases.configure("dev", case="references", other="organization/cases/other")
    return cases


def test_outputs_of_another_stack_are_read_and_secrets_stay_secret(pair: Sandbox) -> None:
    pair.up("other")
    expected = {"seen": "127.0.0.1:9092", "is_secret": True, "credentials": "[secret]"}
    assert pair.preview().outputs == expected
    assert pair.up().outputs == expected
    assert pair.outputs(show_secrets=True)["credentials"] == {"password": "tr0ub4dor-and-3"}
    assert "tr0ub4dor" not in pair.state_file.read_text()


@pytest.mark.parametrize("name", ["other", "organization/other", "organization/cases/other"])
def test_a_stack_can_be_named_in_each_of_pulumis_ways(pair: Sandbox, name: str) -> None:
    pair.up("other")
    pair.configure(other=name)
    assert pair.preview().outputs["seen"] == "127.0.0.1:9092"


def test_a_stack_never_deployed_fails_the_program_and_says_what_to_run(pair: Sandbox) -> None:
    with pytest.raises(UsageError) as refused:
        pair.up()
    assert str(refused.value) == (
        "stack 'other' was never deployed: run `kafka-mirror stack up other` first"
    )
    assert not pair.state_file.exists()


def test_a_stack_deployed_but_empty_gives_no_outputs(pair: Sandbox) -> None:
    pair.up("other")
    pair.destroy("other")
    with pytest.raises(engine.ProgramError, match="stack 'other' is deployed but empty"):
        pair.up()


def test_another_passphrase_is_one_clear_message(
    pair: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.up("other")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "another")
    with pytest.raises(engine.PassphraseError) as refused:
        pair.up()
    assert str(refused.value) == (
        "stack 'other' was deployed with another passphrase, so its outputs cannot be read: "
        "stacks that refer to each other need the same PULUMI_CONFIG_PASSPHRASE."
    )


def test_a_name_that_is_none_is_told(pair: Sandbox) -> None:
    pair.configure(case="reference_name", other="acme/cases/other")
    with pytest.raises(UsageError) as refused:
        pair.preview()
    assert str(refused.value) == (
        "'acme/cases/other' does not name a stack. Use <stack> or organization/<project>/<stack>."
    )
