"""The committed stacks under the real Pulumi CLI and its Kubernetes provider, which need no cluster for a preview."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import engine
from engine import pulumi_cli
from tests.components.conftest import CHECKOUT, Estate
from tests.pulumi import PULUMI_ITERATIONS, States, assert_alike, needs_pulumi

pytestmark = needs_pulumi()

COMMITTED = sorted(file.name.split(".")[1] for file in CHECKOUT.glob("Pulumi.*.yaml"))


@pytest.fixture
def estate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Estate:
    """Played clusters, and a kubeconfig that leads nowhere for the CLI."""
    monkeypatch.setattr("engine.encryption._ITERATIONS", PULUMI_ITERATIONS)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse battery")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    for name in ("PULUMI_CONFIG_PASSPHRASE_FILE", "KAFKA_MIRROR_STATE"):
        monkeypatch.delenv(name, raising=False)
    return Estate(tmp_path, CHECKOUT)


def test_both_engines_preview_every_committed_stack_alike(estate: Estate) -> None:
    project = engine.Project.load(CHECKOUT)
    states = States(project, estate.options)
    for stack in COMMITTED:
        assert_alike(
            estate.preview(stack), pulumi_cli.preview(project, stack, options=estate.options)
        )

        estate.up(stack)
        states.to_pulumi(stack)

        moved = pulumi_cli.preview(project, stack, options=estate.options)
        assert moved.changed == ()
        assert_alike(estate.preview(stack), moved)


def test_a_stack_of_more_brokers_updates_alike(estate: Estate, tmp_path: Path) -> None:
    estate.up("dev")
    directory = tmp_path / "project"
    directory.mkdir()
    for file in CHECKOUT.glob("Pulumi*.yaml"):
        text = file.read_text().replace("replicas: 3", "replicas: 5")
        (directory / file.name).write_text(text)
    with (directory / "Pulumi.yaml").open("a") as file:
        file.write(f"main: {CHECKOUT}\n")
    project = engine.Project.load(directory)
    States(project, estate.options).to_pulumi("dev")
    options = replace(estate.options, policy_packs=())

    embedded = engine.preview(project, "dev", options=options)
    assert embedded.changes[engine.Op.UPDATE] >= 1
    assert_alike(embedded, pulumi_cli.preview(project, "dev", options=options))
