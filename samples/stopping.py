"""Stop when asked, not in the middle of something: Ctrl-C and SIGTERM set a flag."""

from __future__ import annotations

import signal
from types import FrameType


class StopRequest:
    """Whether somebody asked the sample to stop, and with which signal.

    The sample looks at it between records, finishes what it has begun and leaves with `exit_code`,
    128 and the signal's number, as a shell expects it. A second signal stops at once.
    """

    def __init__(self) -> None:
        self.signal = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def __bool__(self) -> bool:
        """Tell whether to stop."""
        return self.signal != 0

    @property
    def exit_code(self) -> int:
        """Return 128 and the number of the signal."""
        return 128 + self.signal

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.signal = number
        for again in (signal.SIGINT, signal.SIGTERM):
            signal.signal(again, signal.SIG_DFL)
