"""Waits for a condition with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

_POLL = timedelta(milliseconds=50)


def wait_until(is_met: Callable[[], bool], *, within: timedelta, every: timedelta = _POLL) -> bool:
    """Ask until it is met or the time is up, at least once; return whether it was met."""
    deadline = time.monotonic() + within.total_seconds()
    while not is_met():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every.total_seconds())
    return True
