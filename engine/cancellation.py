"""The wish that a run ends: of the run itself, after a failure, or of whoever started it."""

from __future__ import annotations

import threading
import time
from typing import Final

_LOOK_OUTSIDE_SECONDS: Final = 0.1


class Cancellation:
    """Set for one operation; follows an event from outside, which it never sets."""

    def __init__(self, outside: threading.Event) -> None:
        self._outside = outside
        self._inside = threading.Event()

    @property
    def is_wanted_outside(self) -> bool:
        """Tell whether whoever started the operation wants it to end."""
        return self._outside.is_set()

    def set(self) -> None:
        """End this operation."""
        self._inside.set()

    def is_set(self) -> bool:
        """Tell whether the operation is to end."""
        return self._inside.is_set() or self._outside.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until the operation is to end, at most so long; tells whether it is."""
        deadline = time.monotonic() + seconds
        while not self.is_set():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._inside.wait(min(left, _LOOK_OUTSIDE_SECONDS))
        return True
