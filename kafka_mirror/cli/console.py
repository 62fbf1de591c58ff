"""Consoles: results go to stdout, progress and errors to stderr; names are never taken for markup."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, TextIO

from rich.console import Console

_WIDE: Final = 10_000


class OutputFormat(StrEnum):
    """How a command prints its result."""

    TEXT = "text"
    JSON = "json"


def results() -> Console:
    """Return the console of stdout."""
    return _console(sys.stdout)


def errors() -> Console:
    """Return the console of stderr."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    # Off a terminal rich would cut lines at 80 columns.
    width = None if stream.isatty() else _WIDE
    return Console(file=stream, width=width, markup=False, highlight=False, soft_wrap=True)


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document to stdout."""
    sys.stdout.write(
        json.dumps({"schema": 1, "findings": [], **document}, indent=2, default=str) + "\n"
    )
