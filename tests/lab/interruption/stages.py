"""The stages of a deployment, told by the engine's own events: a step on an object of some kind has begun, or is done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import engine


class Moment(StrEnum):
    """Which end of a step."""

    STARTED = "started"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Stage:
    """The first step of an operation on an object of a kind, at its beginning or its end."""

    kind: str
    moment: Moment

    def __str__(self) -> str:
        """Return it as a table shows it."""
        return f"{self.kind} {self.moment}"

    def is_reached(self, event: engine.Event) -> bool:
        """Tell whether an event of the operation itself, not of the preview before it, is this stage."""
        if not isinstance(event, engine.StepStarted | engine.StepDone):
            return False
        is_done = isinstance(event, engine.StepDone)
        return (
            event.phase in {engine.Phase.UPDATE, engine.Phase.DESTROY}
            and event.step.type.rsplit(":", 1)[-1] == self.kind
            and is_done == (self.moment is Moment.DONE)
        )


class Once:
    """Listens to an operation, and acts when a stage is reached for the first time, beside the operation."""

    def __init__(self, stage: Stage, act: Callable[[], None]) -> None:
        self._stage = stage
        self._act = act
        self._thread: threading.Thread | None = None
        # Steps are taken side by side, each in a thread of its own.
        self._lock = threading.Lock()

    def __call__(self, event: engine.Event) -> None:
        with self._lock:
            if self._thread is not None or not self._stage.is_reached(event):
                return
            self._thread = threading.Thread(target=self._act)
            self._thread.start()
        # What is there dies before the operation takes its next step.
        self._thread.join(0.5)

    @property
    def was_reached(self) -> bool:
        """Tell whether the stage has come, and wait for what was done then."""
        if self._thread is not None:
            self._thread.join()
        return self._thread is not None
