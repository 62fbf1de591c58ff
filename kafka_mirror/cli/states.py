"""Reads what other stacks' states say of their sites, where the embedded engine keeps such states."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kafka_mirror.cli.offline import stacks_read_by


def sites_of_other_stacks(project: Path, stack: str) -> dict[str, Mapping[str, Any]]:
    """Return the ``sites`` output of each stack that `stack` reads and that was deployed from here.

    Raises:
        UsageError: If a state is there and cannot be read.
    """
    if find_spec("engine") is None:
        return {}
    from engine.project import Project  # noqa: PLC0415 - a checkout's part
    from engine.public_outputs import public_outputs  # noqa: PLC0415

    read = stacks_read_by(project, stack)
    if not read:
        return {}
    loaded = Project.load(project)
    found = {other: public_outputs(loaded, other) for other in read}
    return {other: outputs["sites"] for other, outputs in found.items() if "sites" in outputs}
