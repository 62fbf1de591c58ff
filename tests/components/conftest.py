"""The committed stacks, deployed by the engine into played clusters."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import engine
from engine.events import ignore
from tests.components.played_cluster import PlayedCluster

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass
class Estate:
    """Two clusters, the state beside them, and the project that is deployed."""

    root: Path
    directory: Path
    packs: tuple[Path, ...] = (CHECKOUT / "policies",)

    @classmethod
    def made(cls, root: Path) -> Estate:
        """Nothing yet, in a directory of its own."""
        (root / "project").mkdir()
        return cls(root, root / "project")

    def copied(self, root: Path) -> Estate:
        """Return the same in another directory: what happens there is nothing to the first."""
        shutil.copytree(self.root, root, dirs_exist_ok=True)
        return Estate(root, root / self.directory.relative_to(self.root), self.packs)

    def cluster(self, context: str | None) -> PlayedCluster:
        return PlayedCluster(self.root / f"{context}.json")

    @property
    def options(self) -> engine.Options:
        return engine.Options(
            state_directory=self.root / "state",
            policy_packs=self.packs,
            connect=lambda kubeconfig, context: self.cluster(context),
        )

    def up(self, stack: str, *, on_event: engine.Listener = ignore) -> engine.Outcome:
        project = engine.Project.load(self.directory)
        return engine.up(project, stack, options=self.options, on_event=on_event)

    def destroy(self, stack: str) -> engine.Outcome:
        return engine.destroy(engine.Project.load(self.directory), stack, options=self.options)

    def state(self, stack: str) -> str:
        """Return the state of a stack, as it is written."""
        return (self.root / "state" / "stacks" / "kafka-mirror" / f"{stack}.json").read_text()

    def preview(self, stack: str) -> engine.Outcome:
        return engine.preview(engine.Project.load(self.directory), stack, options=self.options)

    def outputs(self, stack: str) -> Mapping[str, Any]:
        project = engine.Project.load(self.directory)
        return engine.outputs(project, stack, options=self.options, show_secrets=True)

    def write(self, stack: str, configuration: Mapping[str, Any]) -> None:
        """Write a stack of the project's program."""
        keys = {f"kafka-mirror:{key}": value for key, value in configuration.items()}
        project = {"name": "kafka-mirror", "runtime": "python", "main": str(CHECKOUT)}
        (self.directory / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        file = self.directory / f"Pulumi.{stack}.yaml"
        file.write_text(yaml.safe_dump({"config": keys}, sort_keys=False))


@pytest.fixture(scope="session")
def _quick_passphrase(warm_starts: None) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        # Deriving a key a million times over is the engine's own test.
        patch.setattr("engine.encryption._ITERATIONS", 1000)
        patch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse battery")
        for name in ("PULUMI_CONFIG_PASSPHRASE_FILE", "KUBECONFIG", "KAFKA_MIRROR_STATE"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def committed(_quick_passphrase: None, tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """Dev and stg as they are committed, deployed."""
    estate = Estate(tmp_path_factory.mktemp("committed"), CHECKOUT)
    estate.up("dev")
    estate.up("stg")
    return estate


@pytest.fixture
def estate(_quick_passphrase: None, tmp_path: Path) -> Estate:
    """Nothing yet."""
    return Estate.made(tmp_path)
