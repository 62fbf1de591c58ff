"""Finds every place in the code where a configuration can be refused, and which of them were come by.

A place is a `Problem` that is made, a `raise`, the reason that a check returns as text (or None), and a sentence
for one of pydantic's errors. Places are found in the source, so that a new refusal without a row of the table of
broken configurations is noticed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Lines of a file that a refusal is made in."""

    file: str
    first: int
    last: int
    text: str


def places(file: Path) -> Iterator[Place]:
    """Yield the places of a module where a configuration is refused."""
    source = file.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        for refusal in _refusals(node):
            text = ast.get_source_segment(source, refusal) or ""
            last = refusal.end_lineno or refusal.lineno
            yield Place(str(file), refusal.lineno, last, " ".join(text.split()))


def _refusals(node: ast.AST) -> Iterator[ast.stmt | ast.expr]:
    if (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem"
    ) or (isinstance(node, ast.Raise) and node.exc is not None):
        yield node
    elif isinstance(node, ast.FunctionDef) and _returns_a_reason(node):
        for inner in ast.walk(node):
            if isinstance(inner, ast.Return) and isinstance(inner.value, ast.JoinedStr):
                yield inner
    elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "_SENTENCES":
        yield from (one.body for one in ast.walk(node) if isinstance(one, ast.Lambda))


def _returns_a_reason(node: ast.FunctionDef) -> bool:
    return node.returns is not None and ast.unparse(node.returns) == "str | None"


def lines_run(work: Callable[[], Any], files: frozenset[str]) -> set[tuple[str, int]]:
    """Return which lines of some files are run by a piece of work."""
    found: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        file = frame.f_code.co_filename
        if file not in files:
            return None
        found.add((file, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return found
