"""Reads the properties of an object that some version of this program has deployed: whatever may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def mapping_in(properties: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """Return the mapping under one key after another; an empty one where there is none, or it is not known yet."""
    found: Any = properties
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
