"""What a live object has in the places that were declared, and whose hand changed it there.

The API server notes for every field who set it last (``metadata.managedFields``). What was never declared is somebody
else's; but a list that the server treats as one value is declared as a whole, so whatever a hand adds to it is drift too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from engine.diff import Path
from engine.properties import Properties, Secret, plain
from engine.takeover import CREATOR
from kafka_mirror.kubernetes_api import JsonObject

_FIXED: Final = frozenset({"apiVersion", "kind"})


def drifted_inputs(inputs: Properties, live: JsonObject, *, manager: str) -> Properties:
    """Return the inputs with the values that the live object has now in the places they declare.

    What only the server or an operator has written is not drift; a field that was declared and is gone is.

    Args:
        inputs: As they were applied last.
        live: The object with its managed fields.
        manager: The field manager it was applied with.
    """
    ours = [
        _fields(entry) for entry in _entries(live) if entry.get("manager") in {manager, CREATOR}
    ]
    comparison = _Comparison([fields for fields in ours if fields])
    result = {
        key: value if key in _FIXED else comparison.now(value, live.get(key), (key,))
        for key, value in inputs.items()
    }
    return {key: value for key, value in result.items() if value is not None}


def changed_by(live: JsonObject, paths: Iterable[Path], *, manager: str) -> tuple[str, ...]:
    """Return the other field managers that have set any of these fields; empty if they are gone."""
    paths = list(paths)
    return tuple(
        sorted(
            {
                str(entry.get("manager"))
                for entry in _entries(live)
                if entry.get("manager") not in {manager, CREATOR}
                and any(_owns(_fields(entry), path) for path in paths)
            }
        )
    )


class _Comparison:
    """One object; `ours` are the sets of fields that it was applied with."""

    def __init__(self, ours: list[JsonObject]) -> None:
        self._ours = ours

    def now(self, declared: Any, live: Any, path: Path) -> Any:
        """Return the live value in the shape that was declared."""
        if isinstance(declared, Secret):
            return Secret(self.now(declared.value, plain(live), path))
        if isinstance(declared, dict) and isinstance(live, dict):
            return {
                key: self.now(value, live[key], (*path, key))
                for key, value in declared.items()
                if key in live
            }
        is_comparable = (
            isinstance(declared, list) and isinstance(live, list) and len(declared) == len(live)
        )
        if is_comparable and self._is_ours(path):
            return [
                self.now(before, now, (*path, index))
                for index, (before, now) in enumerate(zip(declared, live, strict=True))
            ]
        return live

    def _is_ours(self, path: Path) -> bool:
        # Where nothing is noted of us, nothing can be told.
        return not self._ours or any(_owns(fields, path) for fields in self._ours)


def _entries(live: JsonObject) -> list[JsonObject]:
    """Return who manages what of the object itself; its status has managers of its own."""
    entries = live["metadata"].get("managedFields") or []
    return [entry for entry in entries if entry.get("subresource", "") == ""]


def _fields(entry: JsonObject) -> JsonObject:
    fields: JsonObject = entry.get("fieldsV1") or {}
    return fields


def _owns(fields: JsonObject, path: Path) -> bool:
    """Tell whether a set of fields, which is a tree of keys, has the field at a path."""
    here: JsonObject | None = fields
    if not here:
        return False
    for part in path:
        # A leaf is one value, with everything in it. Items of other lists are told apart by their keys, not by
        # their place: it is one of them.
        if here is None or not here.keys() - {"."} or isinstance(part, int):
            break
        here = here.get(f"f:{part}")
    return here is not None
