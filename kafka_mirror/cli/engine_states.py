"""The public outputs of stacks the embedded engine has deployed, read without a passphrase."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.project import Project
from engine.public_outputs import public_outputs as outputs_of


def public_outputs(project: Path, stack: str) -> Mapping[str, Any]:
    """Return the outputs of a stack that are not secret; empty if it was never deployed from here.

    Raises:
        UsageError: If its state cannot be read.
    """
    return outputs_of(Project.load(project), stack)
