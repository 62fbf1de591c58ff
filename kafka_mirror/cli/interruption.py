"""What Ctrl-C and a termination do to a command that changes something."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from kafka_mirror.cli.exit_codes import INTERRUPTED

_IN_ORDER: Final = "\nStopping: steps that have begun are recorded. Once more ends it at once.\n"
_AT_ONCE: Final = "\nEnded at once: the next run finishes what was begun.\n"
_SHOW_CURSOR: Final = "\x1b[?25h"


@contextmanager
def ending_on_termination() -> Iterator[None]:
    """Let a termination end a command as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def ending_once() -> Iterator[None]:
    """Let the first Ctrl-C or termination end a command, and hear no other: what it has started is being ended by then.

    Nor is one heard between the clean-up and the end of the process, which would then leave with another code.
    """
    numbers = (signal.SIGINT, signal.SIGTERM)
    was_asked = False

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal was_asked
        was_asked = True
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        signal.default_int_handler(number, frame)

    before: list[Any] = [signal.signal(number, end) for number in numbers]
    try:
        yield
    finally:
        if not was_asked:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Let the first Ctrl-C or termination end a command in good order, and the second one at once, as a kill would."""
    was_asked = False

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal was_asked
        if was_asked:
            _say(_AT_ONCE)
            os._exit(INTERRUPTED)
        was_asked = True
        _say(_IN_ORDER)
        signal.default_int_handler(number, frame)

    numbers = (signal.SIGINT, signal.SIGTERM)
    before: list[Any] = [signal.signal(number, end) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _say(text: str) -> None:
    """Write at once, whatever else is being written: a handler runs in the middle of anything."""
    shown = (_SHOW_CURSOR if sys.stderr.isatty() else "") + text
    os.write(2, shown.encode())
