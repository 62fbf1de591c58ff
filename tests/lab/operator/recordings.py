"""The recorded behaviour of the real operators, read where KAFKA_MIRROR_GOLDEN says it is."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
import yaml

VARIABLE = "KAFKA_MIRROR_GOLDEN"
RELEASE = "strimzi-1.2.0"


def cases(pattern: str, holding: str) -> list[Path]:
    """Return the recorded cases that match and hold a file; none when there are no recordings."""
    root = os.environ.get(VARIABLE)
    if not root:
        return []
    found = sorted(Path(root, RELEASE).glob(f"{pattern}/{holding}"))
    return [path.parent for path in found if path.read_text().strip() != "{}"]


def case(name: str) -> Path:
    """Return one recorded case, or skip the test."""
    root = os.environ.get(VARIABLE)
    if not root:
        pytest.skip(f"{VARIABLE} does not say where the recorded operator behaviour is")
    return Path(root, RELEASE, name)


def parameters(pattern: str, holding: str, *, without: Collection[str] = ()) -> list[Any]:
    """Return one pytest parameter per case whose file is not empty, or one that skips."""
    found = [path for path in cases(pattern, holding) if path.name not in without]
    if found:
        return [pytest.param(path, id=path.name) for path in found]
    skip = pytest.mark.skip(f"{VARIABLE} does not say where the recorded operator behaviour is")
    return [pytest.param(None, marks=skip, id="no recordings")]


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
