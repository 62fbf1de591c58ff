"""A Pulumi project in a directory: its program, its stacks and where their state is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from engine.configuration import StackConfiguration, read_yaml, stack_configuration
from engine.state import StateDirectory
from kafka_mirror.errors import UsageError

STATE_VARIABLE = "KAFKA_MIRROR_STATE"
_DEFAULT_STATE = Path(".kafka-mirror") / "state"


@dataclass(frozen=True, slots=True)
class Project:
    """What Pulumi.yaml says, and the directory it is in."""

    directory: Path
    name: str
    main: Path
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, directory: Path | str = ".") -> Self:
        """Read a project.

        Raises:
            UsageError: If there is no project, or its program is not Python.
        """
        directory = Path(directory).resolve()
        file = directory / "Pulumi.yaml"
        if not file.is_file():
            raise UsageError(f"There is no Pulumi project in {directory} (no Pulumi.yaml).")
        raw = read_yaml(file)
        runtime = raw.get("runtime")
        runtime = runtime.get("name") if isinstance(runtime, dict) else runtime
        if runtime != "python":
            raise UsageError(f"Pulumi.yaml: runtime is '{runtime}'; this engine runs python.")
        if not isinstance(raw.get("name"), str):
            raise UsageError("Pulumi.yaml: the project has no name.")
        return cls(directory, raw["name"], directory / str(raw.get("main") or "."), raw)

    @property
    def stacks(self) -> tuple[str, ...]:
        """The names of the stacks that have a file."""
        return tuple(
            sorted(
                file.name.removeprefix("Pulumi.").removesuffix(".yaml")
                for file in self.directory.glob("Pulumi.*.yaml")
            )
        )

    def configuration(self, stack: str) -> StackConfiguration:
        """Read the configuration of a stack.

        Raises:
            UsageError: If it has no file, or the file cannot be read.
            ConfigurationError: If values are missing.
        """
        file = self.directory / f"Pulumi.{stack}.yaml"
        if not file.is_file():
            raise UsageError(
                f"stack '{stack}' has no file: {file} (stacks here: {', '.join(self.stacks) or 'none'})."
            )
        return stack_configuration(self.name, self.raw, read_yaml(file), name=stack)

    def state_directory(self, chosen: Path | str | None = None) -> StateDirectory:
        """Return where state is kept: the choice, else KAFKA_MIRROR_STATE, else beside the project."""
        root = chosen or os.environ.get(STATE_VARIABLE) or self.directory / _DEFAULT_STATE
        return StateDirectory(Path(root).resolve())
