"""Draws a run of the engine: steps as they end on stderr, what it came to as text."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

import engine
from engine import Op, Phase, Severity

_DONE: Final = {op: op.past for op in (Op.CREATE, Op.UPDATE, Op.REPLACE, Op.DELETE, Op.SAME)}
_PLANNED: Final = {
    Op.CREATE: "to create",
    Op.UPDATE: "to update",
    Op.REPLACE: "to replace",
    Op.DELETE: "to delete",
    Op.SAME: "unchanged",
}
_FOUND: Final = {Op.UPDATE: "drifted", Op.DELETE: "gone", Op.SAME: "as recorded"}
_WORDS: Final = {Phase.PREVIEW: _PLANNED, Phase.REFRESH: _FOUND}
_SIGNS: Final = {Op.CREATE: "+", Op.UPDATE: "~", Op.REPLACE: "±", Op.DELETE: "-"}
_STYLES: Final = {Op.CREATE: "green", Op.UPDATE: "yellow", Op.REPLACE: "magenta", Op.DELETE: "red"}
_NAME_WIDTH: Final = 48
_SIGN_OF_LIFE_SECONDS: Final = 15.0


def summary(outcome: engine.Outcome) -> str:
    """Return the last line: ``3 created, 1 updated, 20 unchanged in 12.3 s``."""
    words = _WORDS.get(outcome.phase, _DONE)
    parts = [
        f"{outcome.changes[op]} {word}" for op, word in words.items() if outcome.changes.get(op)
    ]
    seconds = outcome.elapsed.total_seconds()
    return f"{', '.join(parts) or 'nothing to do'} in {seconds:.1f} s"


def changes_text(outcome: engine.Outcome) -> Text:
    """Return every step that changes something, with the properties that differ."""
    text = Text()
    for step in outcome.changed:
        sign, style = _SIGNS[step.op], _STYLES[step.op]
        text.append(f" {sign} {_name(step)}", style=style)
        text.append(f"  ({step.reason})\n" if step.reason else "\n")
        for change in step.changes:
            before = "(none)" if change.before is None else change.before
            after = "(none)" if change.after is None else change.after
            text.append(f"     {change.path}: {before} -> {after}\n")
    return text


def outputs_text(outputs: Mapping[str, Any], *, longest: int | None = None) -> Text:
    """Return the outputs, one to a line; structures as JSON, cut to a length if one is given."""
    width = max((len(name) for name in outputs), default=0)
    return Text(
        "".join(
            f"{name:<{width}}  {_cut(value if isinstance(value, str) else json.dumps(value), longest)}\n"
            for name, value in outputs.items()
        )
    )


def _cut(text: str, longest: int | None) -> str:
    return text if longest is None or len(text) <= longest else text[: longest - 1] + "…"


@contextmanager
def drawn(console: Console) -> Iterator[engine.Listener]:
    """Draw events while a run goes on: moving lines on a terminal, else lines that are only ever added."""
    if not console.is_terminal or console.no_color:
        yield _Lines(console).on_event
        return
    with Live(console=console, transient=True, refresh_per_second=8) as live:
        yield _Moving(live).on_event


def _name(step: engine.Step) -> str:
    return f"{step.kind} {step.name}"


class _Lines:
    """Adds a line for each thing worth knowing."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[str, float] = {}

    def on_event(self, event: engine.Event) -> None:
        """Draw one event."""
        if isinstance(event, engine.StepStarted):
            self._told[event.step.urn] = time.monotonic()
        elif isinstance(event, engine.StepProgress):
            self.progressed(event)
        else:
            line = _line(event)
            if line is not None:
                self.add(line)

    def progressed(self, event: engine.StepProgress) -> None:
        """Give a sign of life now and then."""
        now = time.monotonic()
        if now - self._told.get(event.step.urn, now) >= _SIGN_OF_LIFE_SECONDS:
            self._told[event.step.urn] = now
            self.add(Text(f" … {_name(event.step)}: {event.message}"))

    def add(self, line: Text) -> None:
        """Add a line."""
        self._console.print(line)


class _Moving(_Lines):
    """Shows what goes on as spinners below the lines."""

    def __init__(self, live: Live) -> None:
        super().__init__(live.console)
        self._live = live
        self._lock = threading.Lock()
        self._running: dict[str, tuple[engine.Step, str]] = {}

    def on_event(self, event: engine.Event) -> None:
        """Draw one event."""
        if isinstance(event, engine.StepStarted):
            self._show(event.step, "")
        elif isinstance(event, engine.StepDone):
            self._running.pop(event.step.urn, None)
        super().on_event(event)
        self._redraw()

    def progressed(self, event: engine.StepProgress) -> None:
        """Show what a step waits for on its own line."""
        self._show(event.step, event.message)

    def _show(self, step: engine.Step, message: str) -> None:
        with self._lock:
            self._running[step.urn] = (step, message)

    def _redraw(self) -> None:
        rows = []
        for step, message in self._running.values():
            row = Table.grid(padding=(0, 1))
            row.add_row("", Spinner("dots"), Text(_name(step)), Text(message, style="dim"))
            rows.append(row)
        self._live.update(Group(*rows))


def _line(event: engine.Event) -> Text | None:
    """Return the line an event adds, if any."""
    if isinstance(event, engine.PhaseStarted):
        return Text(f"{event.phase.value.capitalize()} of stack {event.stack}")
    if isinstance(event, engine.Diagnostic):
        return _diagnostic_line(event)
    if isinstance(event, engine.PolicyViolation):
        # Mandatory ones are the error that ends the run.
        return None if event.is_mandatory else Text(f" ! {event.policy}: {event.message}", "yellow")
    if isinstance(event, engine.StepDone) and event.phase is not Phase.PREVIEW:
        return _error_line(event) or _found_line(event) or _done_line(event)
    return None


def _diagnostic_line(event: engine.Diagnostic) -> Text | None:
    if event.severity is Severity.ERROR:
        return None
    return Text(f"   {event.message}", "yellow" if event.severity is Severity.WARNING else "dim")


def _error_line(event: engine.StepDone) -> Text | None:
    return Text(f" ✗ {_name(event.step)}: {event.error}", "red") if event.error else None


def _found_line(event: engine.StepDone) -> Text | None:
    """Return what a refresh has found of an object: which of its properties have drifted, or that it is gone."""
    step = event.step
    if event.phase is not Phase.REFRESH:
        return None
    if step.op not in _SIGNS:
        return Text(f"   {_name(step)}: {step.reason}") if step.reason else None
    line = Text(f" {_SIGNS[step.op]} {_name(step)} {_FOUND[step.op]}", _STYLES[step.op])
    if step.changes:
        line.append(f": {', '.join(change.path for change in step.changes)}", "default")
        line.append(f"  ({step.reason})" if step.reason else "", "default")
    return line


def _done_line(event: engine.StepDone) -> Text | None:
    if event.phase is Phase.REFRESH or event.step.op not in _SIGNS:
        return None
    name = f"{_name(event.step)} {_DONE[event.step.op]}"
    line = Text(" ✓ ", "green")
    line.append(f"{name:<{_NAME_WIDTH}} {event.elapsed.total_seconds():6.1f} s", "default")
    return line
