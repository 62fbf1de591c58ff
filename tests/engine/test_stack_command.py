"""``kafka-mirror stack``: what it prints where, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import engine
from kafka_mirror.cli.stack import app
from kafka_mirror.errors import UsageError
from tests.engine.conftest import HERE, Sandbox

Run = Callable[..., Result]


@pytest.fixture
def run(cases: Sandbox) -> Run:
    """Run a command on the program of cases."""

    def invoke(command: str, stack: str = "dev", *arguments: str, ok: bool = True) -> Result:
        state = str(cases.options.state_directory)
        result = CliRunner().invoke(
            app,
            [
                command,
                stack,
                "--project",
                str(cases.project.directory),
                "--state-dir",
                state,
                *arguments,
            ],
        )
        if ok and result.exception is not None:
            raise result.exception
        return result

    return invoke


def test_a_preview_is_a_result_and_its_progress_is_not(cases: Sandbox, run: Run) -> None:
    cases.configure(case="topic")
    result = run("preview")
    lines = result.stdout.splitlines()
    assert lines[:3] == [" + Stack cases-dev", " + kubernetes cluster", " + KafkaTopic items"]
    assert lines[3].startswith("3 to create in ")
    assert result.stderr == "Preview of stack dev\n"


def test_up_draws_its_steps_and_ends_with_outputs_and_a_summary(cases: Sandbox, run: Run) -> None:
    cases.configure(case="outputs")
    result = run("up")
    credentials, sites, summary = result.stdout.splitlines()
    assert credentials.split() == ["credentials", "[secret]"]
    assert sites.split(maxsplit=1) == ["sites", '{"dev": "127.0.0.1:9092"}']
    assert summary.startswith("1 created in ")
    assert " ✓ Stack cases-dev created" in result.stderr
    assert run("up").stdout.splitlines()[-1].startswith("1 unchanged in ")


def test_output_hides_secrets_unless_they_are_asked_for(cases: Sandbox, run: Run) -> None:
    cases.configure(case="outputs")
    run("up")
    assert run("output").stdout.splitlines()[0] == "credentials  [secret]"
    shown = run("output", "dev", "--show-secrets", "--output", "json").stdout
    assert json.loads(shown)["outputs"]["credentials"] == {"password": "tr0ub4dor-and-3"}
    assert run("output", "dev", "sites").stdout == 'sites  {"dev": "127.0.0.1:9092"}\n'
    with pytest.raises(UsageError) as refused:
        run("output", "dev", "site")
    assert str(refused.value) == "stack 'dev' has no output 'site' (has credentials, sites)."


def test_json_tells_the_changes_and_the_findings(cases: Sandbox, run: Run) -> None:
    cases.configure(case="topic", size=2)
    pack = ("--policy-pack", str(HERE / "packs" / "names"), "--output", "json")
    document: dict[str, Any] = json.loads(run("preview", "dev", *pack).stdout)
    assert (document["schema"], document["phase"]) == (1, "preview")
    assert document["changes"] == {"create": 3}
    assert document["findings"] == []
    assert document["impacts"] == []
    cases.configure(case="topic", size=7)
    result = run("preview", "dev", *pack, ok=False)
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    (finding,) = document["findings"]
    assert (finding["rule"], finding["level"]) == ("few-partitions", "mandatory")
    assert "7 partitions, at most 6" in document["error"]


def test_destroy_ends_with_what_it_deleted(cases: Sandbox, run: Run) -> None:
    cases.configure(case="outputs")
    run("up")
    assert run("destroy").stdout.startswith("1 deleted in ")


def test_a_violation_is_the_error_that_ends_it(cases: Sandbox, run: Run) -> None:
    cases.configure(case="topic", size=7)
    with pytest.raises(engine.PolicyError, match="7 partitions, at most 6"):
        run("up", "dev", "--policy-pack", str(HERE / "packs" / "names"))


def test_settings_for_the_pack_come_from_a_file(cases: Sandbox, run: Run) -> None:
    cases.configure(case="topic", size=7)
    settings = cases.project.directory / "settings.yaml"
    settings.write_text("few-partitions: {most: 9}\n")
    pack = ("--policy-pack", str(HERE / "packs" / "names"))
    run("preview", "dev", *pack, "--policy-pack-config", str(settings))
    settings.write_text("- few\n")
    with pytest.raises(UsageError, match="a mapping by policy name is expected"):
        run("preview", "dev", *pack, "--policy-pack-config", str(settings))


@pytest.mark.parametrize("content", [b"few: [", b"few: \xff"], ids=["no YAML", "no text"])
def test_settings_that_cannot_be_read_are_told(cases: Sandbox, run: Run, content: bytes) -> None:
    settings = cases.project.directory / "settings.yaml"
    settings.write_bytes(content)
    with pytest.raises(UsageError) as refused:
        run("preview", "dev", "--policy-pack-config", str(settings))
    assert str(refused.value) == f"{settings} cannot be read as JSON or YAML."


def test_a_stack_never_deployed_has_no_outputs(run: Run) -> None:
    with pytest.raises(
        UsageError, match="stack 'dev' was never deployed: run `kafka-mirror stack up dev`"
    ):
        run("output")
