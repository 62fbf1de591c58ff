"""JSON as a Java program writes it for people: what the real operator puts into a ConfigMap."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_STEP = "  "


def pretty(value: Any, indent: str = "") -> str:
    """Return a value as Jackson's default pretty printer writes it: an object per line, a list in one."""
    if isinstance(value, Mapping):
        inner = indent + _STEP
        entries = [f"{inner}{json.dumps(key)} : {pretty(value[key], inner)}" for key in value]
        return "{\n" + ",\n".join(entries) + f"\n{indent}}}" if entries else "{ }"
    if isinstance(value, list):
        return f"[ {', '.join(pretty(one, indent) for one in value)} ]" if value else "[ ]"
    return json.dumps(value)
