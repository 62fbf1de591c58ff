"""The table of broken configurations: what each changes in a valid one, and the whole of what is told.

A row of ``broken/*.yaml`` has an ``id``; what it changes, by paths as messages write them (``set``, ``remove``), in
the configuration named by ``from``; and ``told``, the message or the messages, in order. A row of two stacks may
change the stack that is read (``there``), or what its state says once it is ``deployed``. A row may be the whole
``text`` of a stack file instead.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from kafka_mirror.cli.offline import read_stack
from kafka_mirror.errors import ConfigurationError
from kafka_mirror.topology import SiteName
from kafka_mirror.yaml_text import read_yaml
from tests.planning.plans import two_stacks
from tests.topology.configurations import Configuration, two_sites

FOLDER: Final = Path(__file__).parent / "broken"
_STEP: Final = re.compile(r'\.?([A-Za-z_][A-Za-z0-9_]*)|\[("(?:[^"\\]|\\.)*")\]|\[([0-9]+)\]')


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One broken configuration."""

    theme: str
    id: str
    document: Mapping[str, Any]

    @property
    def told(self) -> list[str]:
        told = self.document["told"]
        return [told] if isinstance(told, str) else list(told)


@lru_cache
def rows() -> tuple[Row, ...]:
    """Return the whole table, in the order of its files."""
    return tuple(
        Row(theme=file.stem, id=document["id"], document=document)
        for file in sorted(FOLDER.glob("*.yaml"))
        for document in read_yaml(file.read_text(encoding="utf-8"))
    )


def told_by(row: Row, project: Path) -> list[str]:
    """Return what a user is told who plans the stack of a row in an empty project folder."""
    stack, files, outputs = _written(row.document)
    for name, text in files.items():
        (project / f"Pulumi.{name}.yaml").write_text(text, encoding="utf-8")
    try:
        read_stack(project, stack, outputs)
    except ConfigurationError as error:
        return [str(problem) for problem in error.problems]
    return []


def valid_stacks() -> dict[str, Row]:
    """Return a row for each configuration that rows start from, with nothing changed."""
    unchanged: dict[str, dict[str, Any]] = {
        name: {"id": name, "from": name, "told": []} for name in _STARTS
    }
    unchanged["two stacks, one of them deployed"] = {
        **unchanged["two stacks"],
        "deployed": {},
    }
    return {name: Row(theme="", id=name, document=one) for name, one in unchanged.items()}


_STARTS: Final = ("two sites", "two stacks")


def _written(row: Mapping[str, Any]) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Return the stack to read, the texts of the stack files, and the outputs of deployed stacks."""
    if "text" in row:
        return "stg", {"stg": row["text"]}, {}
    if row.get("from", "two sites") == "two sites":
        return "stg", {"stg": _file(_changed(two_sites(), row))}, {}
    here, described = two_stacks()
    files = {"stg": _file(_changed(here, row)), "dev": _file(_changed(_dev(), row.get("there")))}
    if "deployed" not in row:
        return "stg", files, {}
    output = {"dev": described[SiteName("dev")].model_dump(mode="json", by_alias=True)}
    return "stg", files, {"dev": _changed(output, row["deployed"])}


def _dev() -> Configuration:
    """Return the stack that owns dev, with every credential shared."""
    whole = two_sites()
    users = {name: one | {"shared": True} for name, one in whole["users"].items()}
    del users["writer"]
    return {"sites": {"dev": whole["sites"]["dev"]}, "topics": whole["topics"], "users": users}


def _file(configuration: Configuration) -> str:
    # JSON is YAML that says of every text that it is one.
    keys = {f"kafka-mirror:{key}": value for key, value in configuration.items()}
    return json.dumps({"config": keys}, ensure_ascii=False)


def _changed(start: Configuration, changes: Mapping[str, Any] | None) -> Configuration:
    result = copy.deepcopy(start)
    for at in (changes or {}).get("remove", ()):
        parent, last = _parent(result, at)
        del parent[last]
    for at, value in (changes or {}).get("set", {}).items():
        parent, last = _parent(result, at)
        if isinstance(parent, list) and last == len(parent):
            parent.append(value)
        else:
            parent[last] = value
    return result


def _parent(configuration: Configuration, at: str) -> tuple[Any, str | int]:
    steps: list[str | int] = [
        json.loads(quoted) if quoted else int(index) if index else plain
        for plain, quoted, index in _STEP.findall(at)
    ]
    place: Any = configuration
    for step in steps[:-1]:
        place = place[step]
    return place, steps[-1]
