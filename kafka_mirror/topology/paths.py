"""How a message says where something is and what was found there.

A path reads as ``pulumi config set --path`` takes it.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PRIVATE: Final = re.compile(r"PRIVATE KEY|://[^/\s@]*:[^/\s@]*@|password\s*=", re.IGNORECASE)
"""What no message repeats, wherever it was written by mistake: a key in PEM, an address or a login with a password."""
_LONGEST_SHOWN: Final = 80
_LONGEST_NAME: Final = 255
_MOST_LISTED: Final = 30


def path(*parts: str | int) -> str:
    """Join keys and indexes: ``flows["dev-to-stg"].topics[1].pattern``."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN.fullmatch(part) and len(part) <= _LONGEST_NAME:
            text += f".{part}" if text else part
        else:
            known = _shortened(part)
            quoted = json.dumps(known, ensure_ascii=not known.isprintable())
            text += f"[{quoted}]"
    return text


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_SHOWN]}…"


def nearest(name: str, names: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the closest of the valid names, or nothing."""
    close = closest(name, names)
    return "" if close is None else f" Did you mean {close!r}?"


def closest(name: str, names: Iterable[str]) -> str | None:
    """Return the valid name that this one is likely to be a misspelling of."""
    found = difflib.get_close_matches(name[:_LONGEST_SHOWN], sorted(names), n=1, cutoff=0.65)
    return found[0] if found else None


def listed(names: Iterable[str]) -> str:
    """Return the valid names for a message, sorted, the first thirty; ``none`` when there are none."""
    ordered = sorted(names)
    more = len(ordered) - _MOST_LISTED
    told = [_shortened(name) for name in ordered[:_MOST_LISTED]]
    return ", ".join([*told, f"and {more} more"] if more > 0 else told) or "none"


def shown(found: Any) -> str:
    """Return what was found for a message: never more than a line, however much was written."""
    if found is None:
        return "nothing"
    if isinstance(found, Mapping):
        return "a map"
    if isinstance(found, (list, tuple)):
        return "a list"
    if isinstance(found, bool):
        return str(found).lower()
    return _shown_text(found) if isinstance(found, str) else repr(found)


def _shown_text(found: str) -> str:
    if _PRIVATE.search(found):
        return "a text that holds a key or a password, which is not shown"
    if len(found) > _LONGEST_SHOWN:
        return f"{found[:_LONGEST_SHOWN]!r}… ({len(found)} characters)"
    return repr(found)
