"""Which objects wait to be looked at: each at most once, and none by two threads at a time."""

from __future__ import annotations

import heapq
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """One object of one site. The kind may be one of the operator's own, such as a cluster's users as a whole."""

    site: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}({self.site}:{self.namespace}/{self.name})"


class WorkQueue:
    """Keys to work on, now or later; safe to use from several threads."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: OrderedDict[Key, None] = OrderedDict()
        self._in_work: set[Key] = set()
        self._later: list[tuple[float, Key]] = []
        self._closed = False

    def add(self, key: Key) -> None:
        """Ask for a key; one that is in work is worked on again afterwards."""
        with self._changed:
            self._waiting[key] = None
            self._changed.notify_all()

    def offer(self, key: Key) -> None:
        """Ask for a key unless it is in work: not worth interrupting anybody for."""
        with self._changed:
            if key not in self._in_work:
                self._waiting.setdefault(key, None)
                self._changed.notify_all()

    def add_after(self, key: Key, delay: timedelta) -> None:
        """Ask for a key at a later time."""
        with self._changed:
            heapq.heappush(self._later, (self._clock() + delay.total_seconds(), key))
            self._changed.notify_all()

    def take(self) -> Key | None:
        """Wait for a key and take it; None once the queue is closed."""
        with self._changed:
            while True:
                if self._closed:
                    return None
                pause = self._promote()
                for key in self._waiting:
                    if key not in self._in_work:
                        del self._waiting[key]
                        self._in_work.add(key)
                        return key
                self._changed.wait(pause)

    def done(self, key: Key) -> None:
        """Give a key back."""
        with self._changed:
            self._in_work.discard(key)
            self._changed.notify_all()

    def is_asked_again(self, key: Key) -> bool:
        """Tell whether something has asked for a key since it was taken, so that waiting for it makes no sense."""
        with self._changed:
            return self._closed or key in self._waiting

    def close(self) -> None:
        """Let every thread that takes keys end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _promote(self) -> float | None:
        """Move what is due to the waiting keys; return the seconds until the next one is."""
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            self._waiting.setdefault(heapq.heappop(self._later)[1], None)
        return self._later[0][0] - now if self._later else None
