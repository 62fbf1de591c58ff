"""How a run ends: the problems found, and whether more resources are taken."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import NoReturn

from engine.cancellation import Cancellation
from kafka_mirror.errors import KafkaMirrorError


class StoppedError(Exception):
    """The run is ending: nothing more is registered."""


class Ending:
    """Why a run cannot succeed, in the order found; thread-safe.

    Attributes:
        errors: What ended the run with a message and exit code of its own.
        inputs: What is wrong with the program, one sentence each.
        steps: Steps that failed, one sentence each.
        bugs: Mistakes of the engine itself.
        program: What the program said when it failed, which may follow from the above.
        is_program_broken: The program ended with a traceback, not with a message for its user.
    """

    def __init__(self, cancelled: Cancellation, *, is_preview: bool) -> None:
        self.cancelled = cancelled
        self.errors: list[KafkaMirrorError] = []
        self.inputs: list[str] = []
        self.steps: list[str] = []
        self.bugs: list[Exception] = []
        self.program: list[str] = []
        self.is_program_broken = False
        self._is_preview = is_preview
        self._is_closed = False
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        """Tell whether there is any problem on this side of the program."""
        return bool(self.errors or self.inputs or self.steps or self.bugs)

    @property
    def is_closed(self) -> bool:
        """Tell whether no more resources are taken."""
        return self._is_closed or self.cancelled.is_set()

    def close(self) -> None:
        """Take no more resources; what is under way goes on."""
        with self._lock:
            self._is_closed = True

    def refuse(self, error: KafkaMirrorError) -> None:
        """Note why the run cannot go on, and end it."""
        with self._lock:
            self.errors.append(error)
        self._end()

    def fail(self, bug: Exception) -> None:
        """Note a mistake of the engine itself, and end the run."""
        with self._lock:
            self.bugs.append(bug)
        self._end()

    def note_unserved(self, messages: Sequence[str]) -> None:
        """Note what the program uses that is not served; a preview goes on to find the rest."""
        with self._lock:
            self.inputs.extend(messages)

    def note_input(self, message: str) -> None:
        """Note a mistake of the program; a preview goes on to find the rest.

        Raises:
            StoppedError: If this is no preview.
        """
        with self._lock:
            self.inputs.append(message)
        if not self._is_preview:
            self.stop()

    def note_failed_step(self, message: str, error: Exception) -> None:
        """Note a step that failed; the run goes on."""
        with self._lock:
            if isinstance(error, KafkaMirrorError):
                self.errors.append(error)
            else:
                self.steps.append(message)

    def step_failed(self, message: str, error: Exception) -> NoReturn:
        """Note a step that failed, and end the run.

        Raises:
            StoppedError: Always.
        """
        with self._lock:
            is_consequence = self._is_closed and self.cancelled.is_set()
        if isinstance(error, KafkaMirrorError) or not is_consequence:
            # What is only given up because of an earlier failure is not a failure of its own.
            self.note_failed_step(message, error)
        self.stop()

    def stop(self) -> NoReturn:
        """End the run.

        Raises:
            StoppedError: Always.
        """
        self._end()
        raise StoppedError

    def program_failed(self, *, is_broken: bool, message: str) -> None:
        """Note how the program ended; the message serves if it gave none itself."""
        with self._lock:
            self.is_program_broken = is_broken
            if not self.program:
                self.program.append(message)

    def program_said(self, message: str) -> None:
        """Note an error the program tells."""
        with self._lock:
            self.program.append(message)

    def _end(self) -> None:
        self.close()
        self.cancelled.set()
