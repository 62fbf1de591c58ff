"""The real Pulumi CLI beside the embedded engine: its backend, and whether both say the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import engine
from engine.encryption import PassphraseCrypter, read_passphrase

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

    def opened(self, stack: str) -> Mapping[str, Any]:
        """Return the resources in the embedded engine's state of a stack, secrets in clear, by URN.

        What the two engines write each in their own way is left out or put in one form: ciphertexts, the order of
        dependencies, fractions of seconds, and the place in the program that only the CLI notes.
        """
        raw = json.loads(self._file(stack).read_text())
        passphrase = read_passphrase({**os.environ, **self.options.environment}, stack=stack)
        salt = raw["deployment"]["secrets_providers"]["state"]["salt"]
        crypter = PassphraseCrypter(passphrase, salt, stack=stack)
        return {
            resource["urn"]: {
                key: _normal(key, value, crypter)
                for key, value in resource.items()
                if key not in {"sourcePosition", "stackTrace"}
            }
            for resource in raw["deployment"]["resources"]
        }

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
                command, env=environment, capture_output=True, text=True, umask=0o077, check=False
            )
        assert done.returncode == 0, done.stderr


def _normal(key: str, value: Any, crypter: PassphraseCrypter) -> Any:
    if key in {"created", "modified"}:
        return datetime.fromisoformat(value)
    if key == "dependencies":
        return sorted(value)
    if key == "propertyDependencies":
        return {name: sorted(urns or ()) for name, urns in value.items()}
    return _open(value, crypter)


def _open(value: Any, crypter: PassphraseCrypter) -> Any:
    if isinstance(value, dict):
        if "ciphertext" in value:
            return {"secret": json.loads(crypter.decrypt(value["ciphertext"]))}
        return {key: _open(item, crypter) for key, item in value.items()}
    return [_open(item, crypter) for item in value] if isinstance(value, list) else value


def assert_alike(embedded: engine.Outcome, pulumi: engine.Outcome) -> None:
    """Compare two previews operation by operation, and what changes within each update."""
    assert dict(_operations(embedded)) == dict(_operations(pulumi))
    assert _changes(embedded) == _changes(pulumi)
    assert embedded.outputs == pulumi.outputs


def _operations(outcome: engine.Outcome) -> Iterator[tuple[str, str]]:
    return ((step.urn, str(step.op)) for step in outcome.steps)


def _changes(outcome: engine.Outcome) -> Mapping[str, set[engine.PropertyChange]]:
    return {step.urn: set(step.changes) for step in outcome.steps if step.op is engine.Op.UPDATE}
