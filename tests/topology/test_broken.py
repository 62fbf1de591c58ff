"""Every broken configuration of the table is refused with exactly what the table says, and with nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

import kafka_mirror
from tests.topology.broken_rows import Row, rows, told_by, valid_stacks
from tests.topology.refusals import lines_run, places

PACKAGE = Path(kafka_mirror.__file__).parent
REFUSING = [
    *sorted(PACKAGE.glob("topology/*.py")),
    *sorted(PACKAGE.glob("planning/*.py")),
    PACKAGE / "mirrormaker" / "patterns.py",
    PACKAGE / "cli" / "offline.py",
    PACKAGE / "yaml_text.py",
]
TOLD_ELSEWHERE = {
    "raise UndescribedError(": "of the models, not of a configuration: tests/topology/test_documentation.py",
    "raise UsageError(": "a file that is not there: tests/cli/test_offline.py",
    'raise NotYamlError("it is nested': "a table of YAML cannot hold it: tests/topology/test_stack_file.py",
    'return ( f"the trust of flow': "a finding of a check: tests/planning/test_expiry.py",
    "raise ConfigurationError(unknown)": "a caller's mistake: tests/planning/test_allowed.py",
    'Problem( path("sites", name, "stack"), "nothing is known': "the same",
    'raise ValueError("a rate cannot': "a caller's mistake: tests/planning/test_windows.py",
    'raise PatternError(f"cannot be checked': "every pattern that gets so far can be read; see patterns.check",
}
"""How places begin that no configuration leads to, and why."""


@pytest.mark.parametrize("row", [pytest.param(row, id=f"{row.theme}: {row.id}") for row in rows()])
def test_a_broken_configuration_is_told_in_these_words(row: Row, tmp_path: Path) -> None:
    assert told_by(row, tmp_path) == row.told


@pytest.mark.parametrize("name", valid_stacks())
def test_what_rows_start_from_is_right(name: str, tmp_path: Path) -> None:
    assert told_by(valid_stacks()[name], tmp_path) == []


def test_every_refusal_there_is_has_a_row() -> None:
    def everything() -> None:
        for row in rows():
            with tempfile.TemporaryDirectory() as project:
                told_by(row, Path(project))

    run = lines_run(everything, frozenset(map(str, REFUSING)))

    missed = [
        f"{Path(place.file).name}:{place.first} {place.text}"
        for file in REFUSING
        for place in places(file)
        if not place.text.startswith(tuple(TOLD_ELSEWHERE))
        and run.isdisjoint((place.file, line) for line in range(place.first, place.last + 1))
    ]
    assert not missed, "\n".join(missed)
