"""The small stacks, deployed once; each test leaves them as it found them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lab
from tests.lab.stacks.small import SmallStacks


@pytest.fixture(scope="package")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallStacks]:
    root = tmp_path_factory.mktemp("stacks")
    with lab.running(root / "lab", sites=("dev", "stg")) as directory:
        (root / "project").mkdir()
        small = SmallStacks.copied(root / "project", directory)
        small.up("dev")
        small.up("stg")
        yield small
