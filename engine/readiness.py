"""When an object counts as ready: the annotations that say so, and whether an object fulfils them.

``pulumi.com/waitFor`` holds ``condition=<type>[=<status>]``, ``jsonpath={<path>}[=<value>]`` or a JSON list of these.
A condition counts only if it was observed for the object's present generation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.properties import plain

JsonObject = Mapping[str, Any]

WAIT_FOR = "pulumi.com/waitFor"
SKIP_AWAIT = "pulumi.com/skipAwait"
TIMEOUT_SECONDS = "pulumi.com/timeoutSeconds"
_JSONPATH = re.compile(r"jsonpath=\{(?P<path>[^}]+)\}(?:=(?P<value>.*))?", re.DOTALL)
_PART = re.compile(
    r"""\.(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]|\[(?P<quote>['"])(?P<key>.+?)(?P=quote)\]"""
    r"""|\[\?\(@\.(?P<field>[\w.-]+)\s*==\s*(?P<mark>['"])(?P<wanted>.*?)(?P=mark)\)\]"""
)


class WaitForError(ValueError):
    """The annotation cannot be read; the message says what it may hold."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A status condition with a certain status."""

    type: str
    status: str

    def is_met(self, obj: JsonObject) -> bool:
        """Tell whether the object reports it for its present generation."""
        status = obj.get("status") or {}
        generation = (obj.get("metadata") or {}).get("generation")
        for condition in status.get("conditions") or ():
            if condition.get("type") == self.type and condition.get("status") == self.status:
                observed = condition.get("observedGeneration", status.get("observedGeneration"))
                return observed is None or generation is None or observed >= generation
        return False

    def __str__(self) -> str:
        """Return it as a message says it."""
        return f"condition {self.type}" + ("" if self.status == "True" else f"={self.status}")


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A value at a place in the object; without a value it only has to be there."""

    path: str
    value: str | None

    def is_met(self, obj: JsonObject) -> bool:
        """Tell whether the object has the value there."""
        found = values_at(obj, self.path)
        if self.value is None:
            return bool(found)
        return any(_text(item) == self.value for item in found)

    def __str__(self) -> str:
        """Return it as a message says it."""
        return f"{self.path}" + ("" if self.value is None else f"={self.value}")


@dataclass(frozen=True, slots=True)
class Readiness:
    """What an object must fulfil, all of it, within a time."""

    expectations: tuple[Condition | JsonPath, ...]
    timeout: timedelta | None

    def is_met(self, obj: JsonObject) -> bool:
        """Tell whether the object is ready."""
        return all(expectation.is_met(obj) for expectation in self.expectations)

    def missing(self, obj: JsonObject) -> str:
        """Say what is still waited for, in the operator's own words where it gives any."""
        unmet = ", ".join(str(item) for item in self.expectations if not item.is_met(obj))
        said = last_condition_message(obj)
        return f"waiting for {unmet}" + (f": {said}" if said else "")


def readiness_of(inputs: Mapping[str, Any]) -> Readiness:
    """Read what the annotations of an object ask for.

    Raises:
        WaitForError: If an annotation cannot be read.
    """
    annotations = (plain(inputs.get("metadata")) or {}).get("annotations") or {}
    timeout = annotations.get(TIMEOUT_SECONDS)
    if timeout is not None and not str(timeout).isdecimal():
        raise WaitForError(f"{TIMEOUT_SECONDS}: '{timeout}' is not a number of seconds")
    skipped = str(annotations.get(SKIP_AWAIT)).lower() == "true"
    wanted = None if skipped else annotations.get(WAIT_FOR)
    return Readiness(
        expectations=() if wanted is None else parse_wait_for(str(wanted)),
        timeout=timedelta(seconds=int(timeout)) if timeout is not None else None,
    )


def parse_wait_for(text: str) -> tuple[Condition | JsonPath, ...]:
    """Read a ``pulumi.com/waitFor`` annotation.

    Raises:
        WaitForError: If it is none of the forms that are served.
    """
    if text.lstrip().startswith("["):
        try:
            items = json.loads(text)
        except ValueError:
            items = None
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise WaitForError(f"{WAIT_FOR}: '{text}' is not a JSON list of texts")
        return tuple(_parse_one(item) for item in items)
    return (_parse_one(text),)


def values_at(obj: object, path: str) -> Sequence[object]:
    """Return what a JSON path such as ``.status.listeners[0].name`` leads to."""
    found: list[Any] = [obj]
    for match in _PART.finditer(path):
        name = match["name"] or match["key"]
        if name is not None:
            found = [item[name] for item in found if isinstance(item, dict) and name in item]
        elif match["index"] is not None:
            index = int(match["index"])
            found = [item[index] for item in found if isinstance(item, list) and index < len(item)]
        else:
            found = [
                element
                for item in found
                for element in (item if isinstance(item, list) else ())
                if match["wanted"] in {_text(v) for v in values_at(element, f".{match['field']}")}
            ]
    return found


def last_condition_message(obj: JsonObject) -> str:
    """Return what the operator says is wrong or going on, from the newest condition that says anything."""
    conditions = [
        condition
        for condition in (obj.get("status") or {}).get("conditions") or ()
        if condition.get("message")
    ]
    if not conditions:
        return ""
    newest = max(conditions, key=lambda condition: str(condition.get("lastTransitionTime") or ""))
    reason = newest.get("reason")
    return f"{reason}: {newest['message']}" if reason else str(newest["message"])


def _parse_one(text: str) -> Condition | JsonPath:
    if text.startswith("condition="):
        type_, _, status = text.removeprefix("condition=").partition("=")
        if type_:
            return Condition(type_, status or "True")
    match = _JSONPATH.fullmatch(text)
    if match and "".join(part[0] for part in _PART.finditer(match["path"])) == match["path"]:
        return JsonPath(match["path"], match["value"])
    raise WaitForError(
        f"{WAIT_FOR}: '{text}' is not served. Use condition=<type>, condition=<type>=<status>, "
        "jsonpath={.path}=<value>, or a JSON list of these"
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
