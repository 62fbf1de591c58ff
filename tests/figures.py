"""What tests measure, kept and shown as tables: a pytest plugin with the fixture ``figures``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

Row = Mapping[str, object]
Figures = Callable[..., None]

_tables = pytest.StashKey[dict[str, list[Row]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    help_ = "put what was measured as tables into a Markdown document"
    parser.addoption("--figures", metavar="FILE", help=help_)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_tables] = {}


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> Figures:
    """Return a function that adds one row to a table: ``figures("Title", column=value, …)``."""
    tables = request.config.stash[_tables]

    def add(title: str, /, **columns: object) -> None:
        tables.setdefault(title, []).append(columns)

    return add


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    tables = config.stash[_tables]
    for title, rows in tables.items():
        terminalreporter.section(title)
        for line in _lines(rows):
            terminalreporter.write_line(line)
    file = config.getoption("--figures")
    if file and tables:
        _write(Path(file), {title: "\n".join(_lines(rows)) for title, rows in tables.items()})


def _write(file: Path, measured: Mapping[str, str]) -> None:
    """Put tables under their titles into a document, in place of older ones; whatever else it says stays."""
    text = file.read_text() if file.exists() else ""
    preface, *sections = re.split(r"^## ", text, flags=re.MULTILINE)
    kept = dict(section.split("\n\n", 1) for section in sections)
    parts = [f"## {title}\n\n{table.strip()}" for title, table in {**kept, **measured}.items()]
    file.write_text("\n\n".join([preface.strip(), *parts]).strip() + "\n")


def _lines(rows: Sequence[Row]) -> list[str]:
    """Return rows of the same columns as the lines of a Markdown table."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = [columns] + [[str(row.get(column, "")) for column in columns] for row in rows]
    widths = [max(len(line[at]) for line in cells) for at in range(len(columns))]
    table = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |"
        for line in cells
    ]
    return [table[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *table[1:]]
