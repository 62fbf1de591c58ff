"""Every committed stack under the real Pulumi CLI and its Kubernetes provider: its previews are the embedded engine's.

A preview needs no cluster; what is deployed is deployed by the embedded engine into played clusters and handed over.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

import engine
from engine import pulumi_cli
from kafka_mirror.cli.main import app
from tests.components.conftest import CHECKOUT, Estate
from tests.pulumi import PULUMI_ITERATIONS, States, assert_alike, needs_pulumi

pytestmark = needs_pulumi()

PROJECTS = {"committed": CHECKOUT, "small": CHECKOUT / "tests" / "stacks" / "small"}
STACKS = ("dev", "stg")
Configuration = dict[str, Any]
Edit = Callable[[Configuration], None]


class Pair:
    """A copy of a project whose stacks both engines have, the embedded one's clusters being played."""

    def __init__(self, root: Path, source: Path) -> None:
        self.directory = root / "project"
        self.directory.mkdir()
        for file in source.glob("Pulumi.*.yaml"):
            (self.directory / file.name).write_text(file.read_text())
        project = {**yaml.safe_load((source / "Pulumi.yaml").read_text()), "main": str(CHECKOUT)}
        (self.directory / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        self.estate = Estate(root, self.directory)

    def deploy(self, stack: str) -> None:
        """Deploy a stack and hand it over, so that both engines have the same state."""
        self.estate.up(stack)
        States(self._project, self.estate.options).to_pulumi(stack)

    def previews(
        self, stack: str, *, packs: tuple[Path, ...] = (CHECKOUT / "policies",)
    ) -> tuple[engine.Outcome, engine.Outcome]:
        """Return what each engine would do."""
        options = replace(self.estate.options, policy_packs=packs)
        return (
            engine.preview(self._project, stack, options=options),
            pulumi_cli.preview(self._project, stack, options=options),
        )

    def violations(
        self, stack: str, preview: Callable[..., engine.Outcome]
    ) -> set[engine.PolicyViolation]:
        """Return what the pack finds in a stack under the profile `production`."""
        packs, settings = CHECKOUT / "policies", CHECKOUT / "policies/profiles/production.json"
        options = replace(
            self.estate.options,
            policy_packs=(packs,),
            policy_settings=json.loads(settings.read_text()),
        )
        try:
            return set(preview(self._project, stack, options=options).violations)
        except engine.PolicyError as refused:
            return set(refused.outcome.violations)

    def edit(self, stack: str, edit: Edit) -> None:
        """Change a stack's configuration; keys are without their namespace."""
        file = self.directory / f"Pulumi.{stack}.yaml"
        document = yaml.safe_load(file.read_text())
        config = {
            key.removeprefix("kafka-mirror:"): value for key, value in document["config"].items()
        }
        edit(config)
        document["config"] = {
            key if key.startswith("pulumi:") else f"kafka-mirror:{key}": value
            for key, value in config.items()
        }
        file.write_text(yaml.safe_dump(document))

    @property
    def _project(self) -> engine.Project:
        return engine.Project.load(self.directory)


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A passphrase, and a kubeconfig that leads nowhere for the CLI."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.encryption._ITERATIONS", PULUMI_ITERATIONS)
        patch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse battery")
        patch.setenv("KUBECONFIG", str(tmp_path_factory.mktemp("nowhere") / "kubeconfig"))
        for name in ("PULUMI_CONFIG_PASSPHRASE_FILE", "KAFKA_MIRROR_STATE"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module", params=sorted(PROJECTS))
def deployed(
    surroundings: None, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Pair:
    """The stacks of a project, deployed."""
    pair = Pair(tmp_path_factory.mktemp(request.param), PROJECTS[request.param])
    for stack in STACKS:
        pair.deploy(stack)
    return pair


@pytest.mark.parametrize("project", sorted(PROJECTS))
def test_both_engines_preview_a_project_alike_before_and_after_its_first_deployment(
    surroundings: None, tmp_path: Path, project: str
) -> None:
    pair = Pair(tmp_path, PROJECTS[project])
    for stack in STACKS:
        embedded, pulumi = pair.previews(stack)
        assert embedded.changes.keys() == {engine.Op.CREATE} | (
            {engine.Op.READ} if stack == "stg" else set()
        )
        assert_alike(embedded, pulumi)

        pair.deploy(stack)

        embedded, pulumi = pair.previews(stack)
        assert pulumi.changed == ()
        assert_alike(embedded, pulumi)


def _site(configuration: Configuration) -> Any:
    return next(one for one in configuration["sites"].values() if "kafka" in one)


def _change_much_of_a_site(configuration: Configuration) -> None:
    users, topics = configuration["users"], configuration["topics"]
    _site(configuration)["kafka"]["nodes"]["replicas"] = 5
    topics["items"]["partitions"] = 12
    topics["items"]["config"] = {"retention.ms": 60000, "cleanup.policy": "delete"}
    users["guest"] = {"sites": ["dev"]}
    users["item-consumer"]["generation"] = 2
    del users["item-producer"]


def _promote(configuration: Configuration) -> None:
    _site(configuration)["production"] = True
    configuration["topics"]["orders"] = {"sites": ["dev"], "partitions": 6}


def _move_to_another_namespace(configuration: Configuration) -> None:
    _site(configuration)["kubernetes"]["namespace"] = "elsewhere"


def _move_to_another_cluster(configuration: Configuration) -> None:
    _site(configuration)["kubernetes"]["context"] = "elsewhere"


def _rename_the_kafka(configuration: Configuration) -> None:
    _site(configuration)["kafka"]["name"] = "another"


def _change_much_of_a_flow(configuration: Configuration) -> None:
    flow = configuration["flows"]["dev-to-stg"]
    flow["state"] = "paused"
    flow["objectives"] = {"duplicateWindow": "20s"}
    flow["replicatedUsers"].remove("item-producer")
    configuration["users"][flow["target"]["user"]]["generation"] = 2


def _remove_the_flow(configuration: Configuration) -> None:
    del configuration["flows"]["dev-to-stg"]
    for user in configuration["users"].values():
        user["access"] = []


CHANGES: list[Any] = [
    pytest.param("dev", _change_much_of_a_site, "replace", id="brokers, topics, users, passwords"),
    pytest.param("dev", _promote, "create", id="production, and a topic"),
    pytest.param("dev", _move_to_another_namespace, "replace", id="another namespace"),
    pytest.param("dev", _move_to_another_cluster, "update", id="another context"),
    pytest.param("dev", _rename_the_kafka, "replace", id="another name of the Kafka"),
    pytest.param("stg", _change_much_of_a_flow, "replace", id="a flow's state, users, password"),
    pytest.param("stg", _remove_the_flow, "delete", id="no flow any more"),
    pytest.param("stg", _move_to_another_namespace, "replace", id="another namespace of a flow"),
]


@pytest.mark.parametrize(("stack", "change", "expected"), CHANGES)
def test_both_engines_preview_a_change_alike(
    deployed: Pair, stack: str, change: Edit, expected: str
) -> None:
    file = deployed.directory / f"Pulumi.{stack}.yaml"
    before = file.read_text()
    deployed.edit(stack, change)
    try:
        embedded, pulumi = deployed.previews(stack, packs=())
    finally:
        file.write_text(before)
    assert engine.Op(expected) in embedded.changes
    assert_alike(embedded, pulumi)


def _weaken(configuration: Configuration) -> None:
    flow = configuration["flows"]["dev-to-stg"]
    flow["tuning"] = {"replication.factor": 9, "offset.lag.max": 5}


@pytest.mark.parametrize("edit", [None, _weaken], ids=["as it is", "weakened"])
def test_the_policy_pack_finds_the_same_under_both_engines_and_in_a_check(
    deployed: Pair, edit: Edit | None
) -> None:
    file = deployed.directory / "Pulumi.stg.yaml"
    before = file.read_text()
    if edit:
        deployed.edit("stg", edit)
    try:
        embedded, pulumi = (
            deployed.violations("stg", run) for run in (engine.preview, pulumi_cli.preview)
        )
        arguments = ["check", "--stack", "stg", "--project", str(deployed.directory)]
        arguments += ["--profile", "production", "--output", "json"]
        checked = json.loads(CliRunner().invoke(app, arguments).stdout)["findings"]
    finally:
        file.write_text(before)
    # The CLI hands no pack what a StackReference has read (its step executor keeps reads apart), so the source, which
    # is another stack's, is told to be unseen.
    unseen = {one for one in pulumi if one.policy == "source-site-shown"}
    assert len(unseen) == 1
    assert pulumi - unseen == embedded != set()
    # How Pulumi protects an object is not in the object, which is all that a check reads of a stack.
    of_objects = [one for one in embedded if one.policy != "production-protected"]
    assert sorted((one["rule"], one["level"]) for one in checked) == sorted(
        (one.policy, "mandatory" if one.is_mandatory else "advisory") for one in of_objects
    )
    assert any(one.policy == "replication-factor-fits-brokers" for one in embedded) == bool(edit)
