"""Follows connectors that have just been changed: their tasks take a moment to get where they are to be."""

from __future__ import annotations

from datetime import timedelta

from lab.operator.work_queue import Key, WorkQueue

_PAUSE = timedelta(seconds=1)
# Then the periodic look is enough: a checkpoint connector without groups has no task for as long as there are none.
_LOOKS = 15


class SecondLooks:
    """Has objects looked at again until their connectors have settled, for a while."""

    def __init__(self, queue: WorkQueue) -> None:
        self._queue = queue
        self._looks: dict[Key, int] = {}

    def after(self, key: Key, *, is_settled: bool) -> None:
        """Note a look at an object, and ask for another one unless its connectors have settled."""
        looks = 0 if is_settled else self._looks.get(key, 0) + 1
        self._looks[key] = looks
        if 0 < looks <= _LOOKS:
            self._queue.add_after(key, _PAUSE)
