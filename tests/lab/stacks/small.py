"""The small stacks in a lab: the project's program, one broker a site, and a configuration that tests may change."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

import engine
from kafka_mirror.kubernetes_api import KubernetesApi
from lab.deployment import engine_options
from lab.directory import LabDirectory

CHECKOUT = Path(__file__).resolve().parents[3]
SMALL = CHECKOUT / "tests" / "stacks" / "small"
Edit = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class SmallStacks:
    """A copy of the small project, or of another one, that deploys into a lab."""

    directory: Path
    lab: LabDirectory

    @classmethod
    def copied(cls, directory: Path, lab: LabDirectory, source: Path = SMALL) -> SmallStacks:
        for file in source.glob("Pulumi.*.yaml"):
            (directory / file.name).write_text(file.read_text())
        project = {**yaml.safe_load((source / "Pulumi.yaml").read_text()), "main": str(CHECKOUT)}
        (directory / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        return cls(directory, lab)

    def edit(self, stack: str, edit: Edit) -> None:
        """Change a stack's configuration; keys are without their namespace."""
        file = self.directory / f"Pulumi.{stack}.yaml"
        document = yaml.safe_load(file.read_text())
        start = "kafka-mirror:"
        ours = {
            k.removeprefix(start): v for k, v in document["config"].items() if k.startswith(start)
        }
        others = {k: v for k, v in document["config"].items() if not k.startswith(start)}
        edit(ours)
        document["config"] = {**others, **{start + key: value for key, value in ours.items()}}
        file.write_text(yaml.safe_dump(document))

    @contextmanager
    def configured(self, stack: str, edit: Edit) -> Iterator[None]:
        """Change a stack's configuration for the length of a block; deploying it is up to the block."""
        file = self.directory / f"Pulumi.{stack}.yaml"
        written = file.read_text()
        self.edit(stack, edit)
        try:
            yield
        finally:
            file.write_text(written)

    def project(self) -> engine.Project:
        return engine.Project.load(self.directory)

    def preview(self, stack: str, **environment: str) -> engine.Outcome:
        return engine.preview(self.project(), stack, options=self._options(environment))

    def up(self, stack: str, **environment: str) -> engine.Outcome:
        return engine.up(self.project(), stack, options=self._options(environment))

    def run(
        self, operation: Callable[..., engine.Outcome], stack: str, **options: Any
    ) -> engine.Outcome:
        """Run an operation of the engine with more options: ``run(engine.up, "dev", refresh=True)``."""
        return operation(self.project(), stack, options=replace(self._options({}), **options))

    def destroy(self, stack: str) -> engine.Outcome:
        return engine.destroy(self.project(), stack, options=self._options({}))

    def outputs(self, stack: str) -> Mapping[str, Any]:
        return engine.outputs(self.project(), stack, options=self._options({}), show_secrets=True)

    def recorded(self, stack: str) -> dict[str, Any]:
        """Return what the state holds of each resource, ciphertexts included."""
        file = self.lab.state / "stacks" / "kafka-mirror" / f"{stack}.json"
        resources = json.loads(file.read_text())["deployment"]["resources"]
        return {one["urn"]: (one.get("inputs"), one.get("outputs")) for one in resources}

    @contextmanager
    def clusters_down(self) -> Iterator[None]:
        """Let nothing answer at the addresses of the kubeconfig."""
        before = self.lab.kubeconfig.read_text()
        self.lab.kubeconfig.write_text(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:1", before))
        try:
            yield
        finally:
            self.lab.kubeconfig.write_text(before)

    def api(self, site: str) -> KubernetesApi:
        return KubernetesApi.connect(kubeconfig=str(self.lab.kubeconfig), context=site)

    def _options(self, environment: Mapping[str, str]) -> engine.Options:
        options = engine_options(self.lab)
        return engine.Options(
            state_directory=options.state_directory,
            policy_packs=options.policy_packs,
            environment={**options.environment, **environment},
        )


def changed(outcome: engine.Outcome) -> set[tuple[str, str]]:
    """Return what was done to which resource, as (operation, kind/name); the stack itself left out."""
    return {
        (str(step.op), f"{step.type.rsplit(':', 1)[-1]}/{step.name}")
        for step in outcome.changed
        if step.type != "pulumi:pulumi:Stack"
    }
