"""The one form in which what was recorded and what is made can be compared.

What only a run knows (times, uids) is masked here, what is random in the real operator is put in order, and what asks without
changing anything is left out. Nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lab.operator.connectors import normalised

TIME, TOPIC_ID = "<time>", "<topic id>"
_MASKS = {"lastTransitionTime": TIME, "lastRestartTimestamp": TIME, "topicId": TOPIC_ID}
_REPEATED = re.compile(r"\s+\(repeated (several|many) times\)$")
_USERS_OWN = "# User provided configuration\n##########\n"


def text(value: str) -> dict[int, str]:
    """Return a file by its lines."""
    return dict(enumerate(value.splitlines(keepends=True), start=1))


def broker_file(value: str) -> dict[int, str]:
    """Return a broker's file by its lines; the user's settings, of random order, sorted."""
    head, _, own = value.partition(_USERS_OWN)
    return text(head + _USERS_OWN + "".join(f"{line}\n" for line in sorted(own.splitlines())))


def masked(value: Any) -> Any:
    """Return a value with every time and id in it masked."""
    if isinstance(value, Mapping):
        return {key: _MASKS.get(key) or masked(one) for key, one in value.items()}
    if isinstance(value, list):
        return [masked(one) for one in value]
    return value


def connectors(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configurations of connectors; user name and password come in random order within a login."""
    return {
        name: {**entry, "config": _config(entry["config"])} for name, entry in masked(value).items()
    }


def _config(config: Mapping[str, Any]) -> dict[str, Any]:
    # Only tasks.max is sent as a number.
    texts = {key: value for key, value in config.items() if isinstance(value, str)}
    return {**config, **normalised(texts)}


def changes(lines: list[str]) -> list[str]:
    """Return the calls that change something: each once, without the questions between them."""
    calls = [_REPEATED.sub("", line) for line in lines]
    verbs = ("POST ", "PUT ", "PATCH ", "DELETE ")
    return sorted({line for line in calls if line.startswith(verbs)})


def objects(value: list[dict[str, Any]]) -> dict[str, Any]:
    """Return objects by kind and name."""
    return {
        f"{one['kind']} {one['name']}": {
            key: dict.fromkeys(entry, "there") if key == "dataKeys" else entry
            for key, entry in one.items()
        }
        for one in value
    }


def phases(value: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the steps of a case by their names, without what the real operator logged."""
    left_out = ("command", "log", "output", "step")
    return {
        step["step"]: {
            **{key: one for key, one in masked(step).items() if key not in left_out},
            "annotations": step["annotations"] or {},
            "calls": changes(step["calls"]),
        }
        for step in value
    }
