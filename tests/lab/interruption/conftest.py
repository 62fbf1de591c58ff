"""A lab of its own with the small stacks' source: whatever is killed here disturbs nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lab
from tests.lab.interruption.walking import Walker
from tests.lab.stacks.small import SmallStacks


@pytest.fixture(scope="package")
def walker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walker]:
    root = tmp_path_factory.mktemp("interruption")
    with lab.running(root / "lab", sites=("dev", "stg")) as directory:
        (root / "project").mkdir()
        stacks = SmallStacks.copied(root / "project", directory)
        stacks.up("dev")
        yield Walker(stacks)
