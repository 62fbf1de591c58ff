"""Reads what other stacks' states say of their sites, where the embedded engine keeps such states."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def sites_of_other_stacks(project: Path, stack: str) -> dict[str, Mapping[str, Any]]:
    """Return the ``sites`` output of each stack that `stack` reads and that was deployed from here."""
    return {}
