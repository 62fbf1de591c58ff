"""Reads what a deployed stack tells everybody: its outputs without the secret ones, and no passphrase."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.encryption import BlindCrypter
from engine.project import Project
from engine.properties import contains_secret, plain
from engine.references import root_outputs


def public_outputs(
    project: Project, stack: str, *, state_directory: Path | None = None
) -> Mapping[str, Any]:
    """Return the outputs that hold no secret; empty if the stack was never deployed.

    Raises:
        StateError: If its state cannot be read.
    """
    file = project.state_directory(state_directory).stack(project.name, stack)
    outputs = root_outputs(file.load(BlindCrypter()).resources)
    return {name: plain(value) for name, value in outputs.items() if not contains_secret(value)}
