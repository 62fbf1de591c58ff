"""Collects what a run has to say: one stream of events for the listener, and lists for the outcome."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from engine.diff import PropertyChange
from engine.events import (
    Diagnostic,
    Event,
    Listener,
    Op,
    Phase,
    PhaseStarted,
    PolicyViolation,
    Severity,
    Step,
    StepDone,
    StepProgress,
    StepStarted,
)
from engine.properties import Properties, shown
from engine.redaction import Redactor
from engine.urns import name_of, type_of


class Reporter:
    """What is told and noted during one phase; thread-safe, and no secret passes."""

    def __init__(
        self,
        phase: Phase,
        stack: str,
        listener: Listener,
        *,
        redactor: Redactor,
        told: frozenset[Event] = frozenset(),
    ) -> None:
        """Begin a phase.

        Args:
            phase: What is run.
            stack: The stack it is run on.
            listener: Who is told; one event at a time.
            redactor: The secrets to hide.
            told: What earlier phases of the same operation have said: it is noted, and not said again.
        """
        self.phase = phase
        self.redactor = redactor
        self.steps: list[Step] = []
        self.diagnostics: list[Diagnostic] = []
        self.violations: list[PolicyViolation] = []
        self._listener = listener
        self._told = told
        self._lock = threading.Lock()
        self._tell(PhaseStarted(phase, stack))

    def diagnostic(self, severity: Severity, message: str, urn: str = "") -> None:
        """Tell something."""
        found = Diagnostic(severity, self.redactor.masked(message), urn)
        with self._lock:
            self.diagnostics.append(found)
        self._tell_once(found)

    def violation(self, violation: PolicyViolation) -> None:
        """Tell a violation, once."""
        violation = replace(violation, message=self.redactor.masked(violation.message))
        with self._lock:
            if violation in self.violations:
                return
            self.violations.append(violation)
        self._tell_once(violation)

    def step(
        self,
        op: Op,
        urn: str,
        *,
        changes: Iterable[PropertyChange] = (),
        reason: str = "",
        before: Properties | None = None,
        after: Properties | None = None,
    ) -> RunningStep:
        """Begin a step. Of the inputs before and after only what a user may see goes along."""
        step = Step(
            op=op,
            urn=urn,
            type=type_of(urn),
            name=name_of(urn),
            changes=tuple(changes),
            reason=reason,
            before=shown(before or {}),
            after=shown(after or {}),
        )
        if op not in {Op.SAME, Op.READ}:
            self._tell(StepStarted(self.phase, step))
        return RunningStep(self, step)

    def progress(self, step: Step, message: str) -> None:
        """Tell what a step waits for."""
        self._tell(StepProgress(step, self.redactor.masked(message)))

    def done(self, step: Step, elapsed: timedelta, error: str) -> None:
        """Note the end of a step."""
        with self._lock:
            self.steps.append(step)
        self._tell(StepDone(self.phase, step, elapsed, self.redactor.masked(error)))

    @property
    def mandatory(self) -> tuple[PolicyViolation, ...]:
        """The violations that stop a run."""
        with self._lock:
            return tuple(sorted(item for item in self.violations if item.is_mandatory))

    def _tell_once(self, event: Event) -> None:
        if event not in self._told:
            self._tell(event)

    def _tell(self, event: Event) -> None:
        with self._lock:
            self._listener(event)


class RunningStep:
    """One step while it goes on."""

    def __init__(self, reporter: Reporter, step: Step) -> None:
        self.step = step
        self._reporter = reporter
        self._started = time.monotonic()

    def progress(self, message: str) -> None:
        """Tell what it still waits for."""
        self._reporter.progress(self.step, message)

    def done(self, error: str = "") -> None:
        """End it."""
        elapsed = timedelta(seconds=time.monotonic() - self._started)
        self._reporter.done(self.step, elapsed, error)
