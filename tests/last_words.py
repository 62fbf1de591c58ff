"""What the processes of a lab wrote last, shown with a test that fails on them: a pytest plugin.

A lab goes with its tests, and its logs with it; what is not shown then is never seen.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest

_LINES, _WIDTH, _TOTAL = 8, 300, 12_000
_TAIL_BYTES = 256_000
_began = pytest.StashKey[float]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    item.stash[_began] = datetime.now(UTC).timestamp()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and (item.get_closest_marker("lab") or item.get_closest_marker("demo")):
        base = item.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        report.sections.append(("The lab's last words", last_words(base, item.stash[_began])))
    return report


def last_words(directory: Path, since: float) -> str:
    """Return the last lines of each log below a directory that was written to since a time, each kind of line once.

    Args:
        directory: The labs are in it.
        since: In seconds since 1970.
    """
    # Unlike a pattern of pathlib's, a walk passes over what goes meanwhile and follows no link.
    logs = [
        Path(place, name)
        for place, _, names in os.walk(directory)
        if Path(place).name == "logs"
        for name in names
        if name.endswith(".log")
    ]
    parts = [f"{log.name}:\n{end}" for log in sorted(logs, key=_order) if (end := _end(log, since))]
    return "\n".join(parts)[:_TOTAL]


def _order(log: Path) -> tuple[bool, Path]:
    """Put control planes last: they say much, and seldom why."""
    return log.name.startswith(("etcd", "kube-apiserver")), log


def _end(log: Path, since: float) -> str:
    try:
        if log.stat().st_mtime < since:
            return ""
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""  # Gone meanwhile, as a lab that ends.
    seen: set[str] = set()
    last: deque[str] = deque()
    for line in reversed(text.splitlines()):
        kind = re.sub(r"\d+", "0", line)
        if kind.strip() and kind not in seen:
            seen.add(kind)
            last.appendleft(f"  {line[:_WIDTH]}")
        if len(last) == _LINES:
            break
    return "\n".join(last)
