"""The per-user cache of binaries, jars and generated resources.

An entry is a directory that appears whole, by one rename, and holds its version in its name: what is there is complete. Two
processes that want the same entry make it once; what a killed one left half-made is thrown away by the next.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import platformdirs

from lab.files import private_directory
from lab.steps import Step, Steps, Work

CACHE_VARIABLE = "KAFKA_MIRROR_CACHE"
_LOCK_POLL_SECONDS = 0.5


def cache_root() -> Path:
    """Return the directory of the cache, which ``KAFKA_MIRROR_CACHE`` may move."""
    override = os.environ.get(CACHE_VARIABLE)
    return Path(override) if override else Path(platformdirs.user_cache_dir("kafka-mirror"))


def entry(name: str) -> Path:
    """Return where an entry is or would be."""
    return cache_root() / name


def ensure(name: str, work: Work, *, cost: str, make: Callable[[Path], Steps], tool: str) -> Steps:
    """Make an entry unless it is there.

    Args:
        name: Of the entry; holds the version of what is in it.
        work: Names the events.
        cost: Said before it is made.
        make: Fills the empty directory it is given, and yields events; its failure leaves no entry.
        tool: What makes it. One process of this user runs it at a time: some (Maven) share files without a lock.
    """
    target = entry(name)
    if target.exists():
        yield work.done("cached")
        return
    with contextlib.ExitStack() as held:
        yield from _locked(tool, work, held)
        if target.exists():
            yield work.done("cached")
            return
        draft = target.with_name(f"{target.name}.partial")
        shutil.rmtree(draft, ignore_errors=True)
        private_directory(draft)
        yield work.started(cost)
        last: Step | None = None
        try:
            for last in make(draft):
                yield last
            draft.rename(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    yield work.done(last.detail if last else "")


def log_file(name: str) -> Path:
    """Return where the log of a tool that makes an entry stays, whatever becomes of the entry."""
    return cache_root() / "logs" / f"{name}.log"


def _locked(tool: str, work: Work, held: contextlib.ExitStack) -> Iterator[Step]:
    """Take the lock of a tool, telling while another process has it; the kernel frees it when its holder dies."""
    locks = private_directory(cache_root() / "locks")
    lock = held.enter_context((locks / f"{tool}.lock").open("w"))
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield work.progress("another process is fetching or building; waiting")
            time.sleep(_LOCK_POLL_SECONDS)
        else:
            return
