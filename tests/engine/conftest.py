"""A project copied to a directory of its own, its state and its cluster."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

import engine
from tests.engine.fake_cluster import FakeCluster

HERE = Path(__file__).parent
PASSPHRASE = "correct horse battery"


@dataclass
class Sandbox:
    """A project, and what was told while it was run."""

    project: engine.Project
    options: engine.Options
    cluster: FakeCluster
    events: list[engine.Event] = field(default_factory=list)

    @property
    def state_file(self) -> Path:
        assert self.options.state_directory is not None
        return self.options.state_directory / "stacks" / self.project.name / "dev.json"

    def resources(self) -> dict[str, Any]:
        """The resources in the state, by name."""
        deployment = json.loads(self.state_file.read_text())["deployment"]
        return {item["urn"].split("::")[-1]: item for item in deployment.get("resources", ())}

    def configure(self, stack: str = "dev", **values: Any) -> None:
        """Change the configuration; None takes a key away."""
        file = self.project.directory / f"Pulumi.{stack}.yaml"
        content = yaml.safe_load(file.read_text()) if file.exists() else {}
        config = content.setdefault("config", {})
        for key, value in values.items():
            full = f"{self.project.name}:{key}"
            config.pop(full, None)
            if value is not None:
                config[full] = value
        file.write_text(yaml.safe_dump(content))

    def run(self, operation: Callable[..., engine.Outcome], stack: str = "dev") -> engine.Outcome:
        self.cluster.writes.clear()
        self.cluster.reads.clear()
        self.events.clear()
        return operation(self.project, stack, options=self.options, on_event=self.events.append)

    def preview(self, stack: str = "dev") -> engine.Outcome:
        return self.run(engine.preview, stack)

    def preview_with(self, pack: Path) -> engine.Outcome:
        self.options = replace(self.options, policy_packs=(pack,))
        return self.preview()

    def up(self, stack: str = "dev", **options: Any) -> engine.Outcome:
        before = self.options
        self.options = replace(before, **options)
        try:
            return self.run(engine.up, stack)
        finally:
            self.options = before

    def refresh(self) -> engine.Outcome:
        return self.run(engine.refresh)

    def destroy(self, stack: str = "dev") -> engine.Outcome:
        return self.run(engine.destroy, stack)

    def outputs(self, stack: str = "dev", *, show_secrets: bool = False) -> Mapping[str, Any]:
        return engine.outputs(self.project, stack, options=self.options, show_secrets=show_secrets)


@pytest.fixture(autouse=True)
def _environment(warm_starts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # Deriving a key a million times over is tested once.
    monkeypatch.setattr("engine.encryption._ITERATIONS", 1000)
    # How long a server that is away is waited for, too.
    monkeypatch.setattr("engine.patience._BUSY_SECONDS", 1.5)
    monkeypatch.setattr("engine.patience._AWAY_SECONDS", 1.5)
    monkeypatch.setattr("engine.patience._FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PASSPHRASE)
    for name in ("PULUMI_CONFIG_PASSPHRASE_FILE", "KUBECONFIG", "KAFKA_MIRROR_STATE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def make_sandbox(tmp_path: Path) -> Callable[[str], Sandbox]:
    def make(program: str) -> Sandbox:
        directory = tmp_path / program
        shutil.copytree(HERE / "programs" / program, directory)
        cluster = FakeCluster(tmp_path / f"{program}-cluster.json")
        return Sandbox(
            engine.Project.load(directory),
            engine.Options(
                state_directory=tmp_path / "state", connect=lambda kubeconfig, context: cluster
            ),
            cluster,
        )

    return make


@pytest.fixture
def small(make_sandbox: Callable[[str], Sandbox]) -> Sandbox:
    return make_sandbox("small")


@pytest.fixture
def cases(make_sandbox: Callable[[str], Sandbox]) -> Sandbox:
    return make_sandbox("cases")


@pytest.fixture(scope="session")
def deployed_once(warm_starts: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the small program's state and cluster after one deployment."""
    directory = tmp_path_factory.mktemp("deployed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.encryption._ITERATIONS", 1000)
        patch.setenv("PULUMI_CONFIG_PASSPHRASE", PASSPHRASE)
        cluster = FakeCluster(directory / "small-cluster.json")
        options = engine.Options(
            state_directory=directory / "state", connect=lambda kubeconfig, context: cluster
        )
        engine.up(engine.Project.load(HERE / "programs" / "small"), "dev", options=options)
    return directory


@pytest.fixture
def deployed(small: Sandbox, deployed_once: Path, tmp_path: Path) -> Sandbox:
    shutil.copytree(deployed_once, tmp_path, dirs_exist_ok=True)
    return small


def changed(outcome: engine.Outcome) -> list[str]:
    """What an outcome changes, as ``<op> <name>``."""
    return sorted(f"{step.op} {step.name}" for step in outcome.changed)
