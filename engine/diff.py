"""What differs between the inputs a resource was made with and those it is declared with now."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from engine.properties import UNKNOWN, Properties, Secret, contains_secret, shown

_ABSENT = object()
_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$-]*")
_PATH_PART = re.compile(r"""\[\s*(?:"((?:[^"\\]|\\.)*)"|(\d+)|(\*))\s*\]|\.?([^.\[\]]+)""")
_SHOWN_LENGTH = 120

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One changed property. Both sides are text for a user; None where there is no value."""

    path: str
    before: str | None
    after: str | None


def changes_between(old: Properties, new: Properties) -> tuple[PropertyChange, ...]:
    """Compare property by property; secrets by value, unknowns always differ."""
    return tuple(
        PropertyChange(path_text(path), _text(before), _text(after))
        for path, before, after in sorted(
            _differences(old, new, ()), key=lambda change: path_text(change[0])
        )
    )


def is_same(old: Any, new: Any) -> bool:
    """Compare values, looking through secret marks; an unknown equals nothing."""
    old = old.value if isinstance(old, Secret) else old
    new = new.value if isinstance(new, Secret) else new
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(is_same(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(
            is_same(before, after) for before, after in zip(old, new, strict=True)
        )
    if isinstance(old, bool) or isinstance(new, bool):
        return old is new
    return old is not UNKNOWN and new is not UNKNOWN and bool(old == new)


def keep_old(old: Properties, new: Properties, ignored: Iterable[str]) -> Properties:
    """Return the new inputs with the ignored properties put back to what they were."""
    result: Any = new
    for text in ignored:
        for path in _matching(parse_path(text), old, new):
            result = _with(result, path, _get(old, path))
    return dict(result)


def touches(changed: Iterable[str], selectors: Iterable[str]) -> bool:
    """Tell whether any changed path lies under (or above) one of the selectors."""
    selected = [parse_path(text) for text in selectors]
    return any(_overlap(parse_path(path), selector) for path in changed for selector in selected)


def parse_path(text: str) -> Path:
    """Read a property path such as ``spec.listeners[0]["a.b"]``; ``*`` stands for any key or index."""
    parts: list[str | int] = []
    for quoted, index, star, name in _PATH_PART.findall(text):
        if index:
            parts.append(int(index))
        else:
            parts.append(quoted or star or name)
    return tuple(parts)


def path_text(path: Path) -> str:
    """Write a property path."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{json.dumps(part)}]"
    return text


def _differences(old: Any, new: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old.keys() | new.keys():
            yield from _differences(old.get(key, _ABSENT), new.get(key, _ABSENT), (*path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index, (before, after) in enumerate(zip_longest(old, new, fillvalue=_ABSENT)):
            yield from _differences(before, after, (*path, index))
    elif not is_same(old, new):
        yield path, old, new


def _text(value: Any) -> str | None:
    if value is _ABSENT:
        return None
    visible = "[secret]" if contains_secret(value) else shown(value)
    text = visible if isinstance(visible, str) else json.dumps(visible, ensure_ascii=False)
    return text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 1] + "…"


def _matching(selector: Path, old: Any, new: Any) -> list[Path]:
    """Spell out the stars of a selector with the keys that exist on either side."""
    paths: list[Path] = [()]
    for part in selector:
        if part != "*":
            paths = [(*path, part) for path in paths]
            continue
        paths = [
            (*path, key)
            for path in paths
            for key in sorted({*_keys(_get(old, path)), *_keys(_get(new, path))}, key=str)
        ]
    return paths


def _keys(value: Any) -> list[str | int]:
    if isinstance(value, dict):
        return list(value)
    return list(range(len(value))) if isinstance(value, list) else []


def _get(value: Any, path: Path) -> Any:
    for part in path:
        inner: Any = value.value if isinstance(value, Secret) else value
        has_key = isinstance(inner, dict) and part in inner
        has_index = isinstance(inner, list) and isinstance(part, int) and part < len(inner)
        if not has_key and not has_index:
            return _ABSENT
        value = inner[part]
    return value


def _with(value: Any, path: Path, replacement: Any) -> Any:
    """Return a copy with one place replaced, or removed if it was absent."""
    if not path:
        return replacement
    head, *rest = path
    inner = value.value if isinstance(value, Secret) else value
    if isinstance(inner, list):
        if not isinstance(head, int) or head >= len(inner):
            return value
        copy: Any = list(inner)
        copy[head] = _with(inner[head], tuple(rest), replacement)
    else:
        copy = dict(inner) if isinstance(inner, dict) else {}
        if rest:
            changed = _with(copy.get(str(head), {}), tuple(rest), replacement)
            copy[str(head)] = changed
        elif replacement is _ABSENT:
            copy.pop(str(head), None)
        else:
            copy[str(head)] = replacement
    return Secret(copy) if isinstance(value, Secret) else copy


def _overlap(path: Path, selector: Path) -> bool:
    return all(
        "*" in (left, right) or str(left) == str(right)
        for left, right in zip(path, selector, strict=False)
    )
