"""The command, and a project with the two stacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.projects import Command, write_two_stacks


@pytest.fixture
def kafka_mirror(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: kafka-mirror\nruntime: python\n")
    write_two_stacks(tmp_path)
    return tmp_path
