"""Configuration paths as ``pulumi config set --path`` takes them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def path(*parts: str | int) -> str:
    """Join keys and indexes: ``flows["dev-to-stg"].topics[1].pattern``."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f'["{part}"]'
    return text


def nearest(name: str, names: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the closest of the valid names, or nothing."""

    close = difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.6)
    return f" Did you mean {close[0]!r}?" if close else ""


def listed(names: Iterable[str]) -> str:
    """Return the valid names for a message, sorted; ``none`` when there are none."""
    return ", ".join(sorted(names)) or "none"
