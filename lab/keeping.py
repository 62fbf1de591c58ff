"""Keeps the parts of a lab running: one that ends by itself is started again, as a kubelet does with static Pods.

The first time it is started again at once, then less and less often. A part that ends again and again is a trouble
that ``lab status`` tells; it is tried all the same, since its reason may pass.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lab.processes import ProcessSpec, ProcessTable, RunningProcess

_PAUSES_SECONDS = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
_STABLE_SECONDS = 30.0
_TROUBLE_AFTER = 3
_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class _Part:
    spec: ProcessSpec
    began: float
    starts: int = 1
    failures: int = 0
    due: float | None = None
    trouble: str = ""


class Keeper:
    """The parts that one process keeps running; for one thread."""

    def __init__(
        self, processes: ProcessTable, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._processes = processes
        self._clock = clock
        self._parts: dict[str, _Part] = {}

    def keep(self, spec: ProcessSpec) -> RunningProcess:
        """Start a part, and keep it running from now on."""
        process = self._processes.start(spec)
        self._parts[spec.name] = _Part(spec, self._clock())
        return process

    def look(self) -> None:
        """Start again what has ended by itself and is due."""
        for process in self._processes.ended():
            part = self._parts.get(process.name)
            if part is not None:
                self._revive(part, process)

    @property
    def restarts(self) -> Mapping[str, int]:
        """How often each part was started again; those that never were are left out."""
        return {name: part.starts - 1 for name, part in self._parts.items() if part.starts > 1}

    @property
    def troubles(self) -> tuple[str, ...]:
        """The parts that end again and again, one sentence each."""
        return tuple(self._troubles())

    def _troubles(self) -> Iterator[str]:
        for part in self._parts.values():
            if part.failures >= _TROUBLE_AFTER and not self._is_stable(part):
                yield part.trouble

    def _is_stable(self, part: _Part) -> bool:
        return part.due is None and self._clock() - part.began > _STABLE_SECONDS

    def _revive(self, part: _Part, process: RunningProcess) -> None:
        now = self._clock()
        if part.due is None:
            lasted = now - part.began
            part.failures = 1 if lasted > _STABLE_SECONDS else part.failures + 1
            pause = _PAUSES_SECONDS[min(part.failures, len(_PAUSES_SECONDS)) - 1]
            part.due = now + pause
            part.trouble = (
                f"{process.name} ended by itself {part.failures} times in a row, "
                f"the last time with {process.returncode()}; see {process.log}"
            )
            _LOG.warning(
                "%s ended with %s; it is started again in %g s",
                process.name,
                process.returncode(),
                pause,
            )
        if now >= part.due:
            self._processes.kill(process.name)
            self._processes.start(part.spec)
            part.began, part.due, part.starts = now, None, part.starts + 1
