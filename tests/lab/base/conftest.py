"""Fixtures of the lab's base: directories of their own, and labs of control planes alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import lab
from kafka_mirror.errors import UsageError
from lab.binaries import ensure_everything

REQUIRED = "KAFKA_MIRROR_REQUIRE_LAB"


@pytest.fixture(autouse=True)
def _no_settings_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA_MIRROR_LAB", "KUBECONFIG", "PULUMI_CONFIG_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def cache_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("KAFKA_MIRROR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def binaries() -> None:
    """The real parts, fetched or built if they are not there."""
    try:
        for _ in ensure_everything():
            pass
    except UsageError as missing:
        if os.environ.get(REQUIRED):
            raise
        pytest.skip(str(missing))


@pytest.fixture(scope="package")
def control_planes(
    binaries: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[lab.LabDirectory]:
    """A running lab of two sites without an operator, shared by the tests of this directory."""
    root = tmp_path_factory.mktemp("planes") / "lab"
    with lab.running(root, sites=("dev", "stg"), with_operator=False) as directory:
        yield directory
