"""The real Pulumi CLI beside the embedded engine: its backend, and whether both say the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import engine

PULUMI_ITERATIONS = 1_000_000


def needs_pulumi() -> list[pytest.MarkDecorator]:
    """Return the marks of tests that run the real command."""
    is_missing = shutil.which("pulumi") is None
    reason = "the Pulumi CLI is not on PATH (it is in no package registry)"
    return [pytest.mark.pulumi, pytest.mark.skipif(is_missing, reason=reason)]


@dataclass(frozen=True)
class States:
    """The states of the stacks of a project, the embedded engine's and those of ``--engine pulumi``."""

    project: engine.Project
    options: engine.Options

    def to_pulumi(self, stack: str) -> None:
        """Hand a stack over to the CLI."""
        if not (self._backend / "stacks" / self.project.name / f"{stack}.json").exists():
            self._pulumi("stack", "init", stack, "--no-select")
        self._pulumi("stack", "import", "--stack", stack, "--file", str(self._file(stack)))

    def to_embedded(self, stack: str) -> None:
        """Hand a stack over to the embedded engine."""
        self._file(stack).parent.mkdir(parents=True, exist_ok=True)
        self._pulumi("stack", "export", "--stack", stack, "--file", str(self._file(stack)))

    @property
    def _root(self) -> Path:
        assert self.options.state_directory is not None
        return self.options.state_directory

    @property
    def _backend(self) -> Path:
        return self._root / "pulumi" / "backend" / ".pulumi"

    def _file(self, stack: str) -> Path:
        return self._root / "stacks" / self.project.name / f"{stack}.json"

    def _pulumi(self, *arguments: str) -> None:
        self._backend.mkdir(parents=True, exist_ok=True)
        environment = {
            **os.environ,
            **self.options.environment,
            "PULUMI_HOME": str(self._root / "pulumi" / "home"),
            "PULUMI_BACKEND_URL": self._backend.parent.as_uri(),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        with tempfile.TemporaryDirectory() as copy:
            for file in self.project.directory.glob("Pulumi*.yaml"):
                shutil.copy(file, copy)
            command = ["pulumi", *arguments, "--cwd", copy, "--non-interactive"]
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False
            )
        assert done.returncode == 0, done.stderr


def assert_alike(embedded: engine.Outcome, pulumi: engine.Outcome) -> None:
    """Compare two previews operation by operation, and what changes within each update."""
    assert dict(_operations(embedded)) == dict(_operations(pulumi))
    assert _changes(embedded) == _changes(pulumi)
    assert embedded.outputs == pulumi.outputs


def _operations(outcome: engine.Outcome) -> Iterator[tuple[str, str]]:
    return ((step.urn, str(step.op)) for step in outcome.steps)


def _changes(outcome: engine.Outcome) -> Mapping[str, set[engine.PropertyChange]]:
    return {step.urn: set(step.changes) for step in outcome.steps if step.op is engine.Op.UPDATE}
