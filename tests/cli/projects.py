"""Projects on disk, and the command run in them as a person runs it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from kafka_mirror.cli import main
from tests.planning.plans import two_stacks
from tests.topology.configurations import Configuration, two_sites


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str


class Command:
    """Runs the ``kafka-mirror`` command in this process."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._patch, self._capture = patch, capture

    def __call__(self, *arguments: str | Path) -> Ended:
        self._patch.setattr(sys, "argv", ["kafka-mirror", *map(str, arguments)])
        self._capture.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Ended(code or 0, *self._capture.readouterr())


def write_stack(project: Path, name: str, configuration: Configuration) -> Path:
    """Write a stack's file."""
    config = {f"kafka-mirror:{section}": entries for section, entries in configuration.items()}
    file = project / f"Pulumi.{name}.yaml"
    file.write_text(yaml.safe_dump({"config": config}, sort_keys=False))
    return file


def write_two_stacks(project: Path) -> None:
    """Write the stacks dev and stg: the two sites, one stack each."""
    here, _ = two_stacks()
    whole = two_sites()
    users = {
        name: {**user, "shared": True} for name, user in whole["users"].items() if name != "writer"
    }
    dev = {"sites": {"dev": whole["sites"]["dev"]}, "topics": whole["topics"], "users": users}
    write_stack(project, "dev", dev)
    write_stack(project, "stg", here)
