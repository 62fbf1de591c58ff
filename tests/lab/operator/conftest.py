"""One running lab for all live tests of the operator: two sites with a one-broker cluster each, `dev` and `stg`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lab
from lab.directory import LabDirectory
from tests.lab.operator.live import SITES, LivePair, pair_of


@pytest.fixture(scope="package")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabDirectory]:
    with lab.running(tmp_path_factory.mktemp("operator") / "lab", sites=SITES) as directory:
        yield directory


@pytest.fixture(scope="package")
def pair(directory: LabDirectory) -> LivePair:
    return pair_of(directory)
