"""The committed stacks, deployed by the engine into played clusters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

import engine
from tests.components.played_cluster import PlayedCluster

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass
class Estate:
    """Two clusters, the state beside them, and the project that is deployed."""

    root: Path
    directory: Path
    packs: tuple[Path, ...] = (CHECKOUT / "policies",)

    def cluster(self, context: str | None) -> PlayedCluster:
        return PlayedCluster(self.root / f"{context}.json")

    @property
    def options(self) -> engine.Options:
        return engine.Options(
            state_directory=self.root / "state",
            policy_packs=self.packs,
            connect=lambda kubeconfig, context: self.cluster(context),
        )

    def up(self, stack: str) -> engine.Outcome:
        return engine.up(engine.Project.load(self.directory), stack, options=self.options)

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
def _quick_passphrase() -> Any:
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
    (tmp_path / "project").mkdir()
    return Estate(tmp_path, tmp_path / "project")
