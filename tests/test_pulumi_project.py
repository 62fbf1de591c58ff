"""Pulumi.yaml agrees with the models, and a project made from it as a template works.

What ``pulumi new`` does with it: the files are copied, and each key of ``template.config`` is written into the new stack's
file as a text, by its full name (``pkg/cmd/pulumi/newcmd/config.go``, Pulumi 3.259).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import engine
from kafka_mirror.topology import Topology, load, read_stack_file
from kafka_mirror.topology.documentation import described
from tests.cli.projects import Command

CHECKOUT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = yaml.safe_load((CHECKOUT / "Pulumi.yaml").read_text(encoding="utf-8"))
TEMPLATE: dict[str, Any] = PROJECT["template"]
PRODUCTION = ("--profile", "production")


@pytest.fixture
def kafka_mirror(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A project made from the template, with a stack ``new``."""
    left = {key: value for key, value in PROJECT.items() if key != "template"}
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump({**left, "main": str(CHECKOUT)}))
    config = {key: declared["default"] for key, declared in TEMPLATE["config"].items()}
    (tmp_path / "Pulumi.new.yaml").write_text(yaml.safe_dump({"config": config}))
    return tmp_path


def test_the_keys_of_the_project_are_the_models_with_what_they_say_of_themselves() -> None:
    assert {key: one["description"] for key, one in PROJECT["config"].items()} == described(
        Topology
    )


def test_the_keys_have_no_namespace_for_a_project_made_from_here_may_have_another_name() -> None:
    # Of another namespace Pulumi takes a value alone, no default, and refuses the project.
    assert not any(":" in key for key in PROJECT["config"])


def test_a_stack_without_any_key_has_their_defaults_which_are_those_of_the_models() -> None:
    defaults = {key: one["default"] for key, one in PROJECT["config"].items()}

    assert load(defaults) == load({})


def test_the_template_writes_nothing_over_what_a_committed_stack_says() -> None:
    # `pulumi new` takes the name dev for its stack unless told another, and that has a file here.
    for file in CHECKOUT.glob("Pulumi.*.yaml"):
        config = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]
        written = {key: json.loads(one["default"]) for key, one in TEMPLATE["config"].items()}
        assert {key: config.get(key) for key in written} == written


def test_what_the_template_says_is_what_pulumi_takes() -> None:
    # sdk/go/common/workspace/project.json; a default is a text.
    assert set(TEMPLATE) == {"description", "quickstart", "config"}
    for declared in TEMPLATE["config"].values():
        assert set(declared) == {"description", "default"}
        assert isinstance(declared["default"], str)
    for declared in PROJECT["config"].values():
        assert set(declared) == {"description", "default"}


def test_a_new_project_is_planned_and_previewed_before_anything_is_in_it(
    made: Path, kafka_mirror: Command
) -> None:
    assert kafka_mirror("plan", "new", "--project", made).code == 0
    assert kafka_mirror("check", "--stack", "new", "--project", made, *PRODUCTION).code == 0
    options = engine.Options(
        state_directory=made / "state",
        policy_packs=(CHECKOUT / "policies",),
        environment={"PULUMI_CONFIG_PASSPHRASE": "made up"},
    )

    previewed = engine.preview(engine.Project.load(made), "new", options=options)

    assert [step.type for step in previewed.changed] == ["pulumi:pulumi:Stack"]


def test_what_a_committed_stack_says_goes_on_in_a_new_project(
    made: Path, kafka_mirror: Command
) -> None:
    text = (CHECKOUT / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load((made / "Pulumi.new.yaml").read_text())
    sections = {
        f"kafka-mirror:{key}": value for key, value in read_stack_file(text, name="dev").items()
    }
    document["config"] |= sections
    (made / "Pulumi.new.yaml").write_text(yaml.safe_dump(document))

    ended = kafka_mirror("plan", "new", "--project", made, "--output", "json")

    assert ended.code == 0
    assert list(json.loads(ended.stdout)["sites"]) == ["dev"]
