"""The recorded behaviour of the real operators, read where KAFKA_MIRROR_GOLDEN says it is."""

from __future__ import annotations

import fnmatch
import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
import yaml

VARIABLE = "KAFKA_MIRROR_GOLDEN"
RELEASE = "strimzi-1.2.0"
MISSING = f"{VARIABLE} does not say where the recorded operator behaviour is"


def case(name: str) -> Path:
    """Return one recorded case, or skip the test."""
    root = os.environ.get(VARIABLE)
    if not root:
        pytest.skip(MISSING)
    return Path(root, RELEASE, name)


def documents(path: Path) -> list[dict[str, Any]]:
    """Return what was applied in a case, with the uid and generation the API server adds."""
    with (path / "input.yaml").open() as stream:
        found = [document for document in yaml.safe_load_all(stream) if document]
    for document in found:
        document["metadata"].setdefault("uid", "00000000-0000-0000-0000-000000000000")
        document["metadata"].setdefault("generation", 1)
    return found


def resource(path: Path, kind: str) -> dict[str, Any]:
    """Return the one object of a kind that was applied in a case."""
    (found,) = [document for document in documents(path) if document["kind"] == kind]
    return found


def yaml_file(path: Path) -> Any:
    with path.open() as stream:
        return yaml.safe_load(stream)


def json_file(path: Path) -> Any:
    return json.loads(path.read_text())


def all_files() -> list[Path]:
    """Return every recorded file but the inputs; none when there are no recordings."""
    root = os.environ.get(VARIABLE)
    found = Path(root, RELEASE).glob("*/*") if root else ()
    return sorted(file for file in found if file.name != "input.yaml")


def files(patterns: Collection[str]) -> list[Any]:
    """Return one pytest parameter per recorded file whose ``<case>/<file>`` matches, or one that skips."""
    found = [
        pytest.param(path, id=f"{path.parent.name}/{path.name}")
        for path in all_files()
        if any(
            fnmatch.fnmatchcase(f"{path.parent.name}/{path.name}", pattern) for pattern in patterns
        )
    ]
    skip = pytest.mark.skip(MISSING)
    return found or [pytest.param(None, marks=skip, id="no recordings")]
