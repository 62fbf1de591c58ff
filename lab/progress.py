"""Draws the steps of long work.

On a terminal each piece of work is one line, a spinner until it is a tick. Elsewhere, and with ``NO_COLOR``, lines are only ever
added: what is about to happen if it costs something, a sign of life every half minute, and the end.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from datetime import timedelta

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from lab.steps import Phase, Step

_SIGN_OF_LIFE = timedelta(seconds=30)
_NAME_WIDTH = 44


def draw(steps: Iterator[Step], console: Console) -> None:
    """Run the work and draw it until it ends or fails; work that is interrupted is closed before this returns."""
    try:
        if console.is_terminal and not console.no_color:
            _draw_live(steps, console)
        else:
            _draw_lines(steps, console)
    finally:
        if isinstance(steps, Generator):
            steps.close()


def in_words(elapsed: timedelta) -> str:
    """Return a length of time as ``3.4 s`` or ``6 min 12 s``."""
    minutes, seconds = divmod(elapsed.total_seconds(), 60)
    return f"{minutes:.0f} min {seconds:.0f} s" if minutes else f"{seconds:.1f} s"


def _draw_live(steps: Iterator[Step], console: Console) -> None:
    running: dict[str, _Moving] = {}
    with Live(console=console, transient=True, refresh_per_second=8) as live:
        for step in steps:
            if step.phase is Phase.DONE:
                running.pop(step.name, None)
                live.console.print(_finished(step))
            else:
                running.setdefault(step.name, _Moving(step)).step = step
            live.update(Group(*running.values()))


def _draw_lines(steps: Iterator[Step], console: Console) -> None:
    told: dict[str, timedelta] = {}
    for step in steps:
        if step.phase is Phase.DONE:
            console.print(_finished(step))
        elif step.phase is Phase.STARTED:
            told[step.name] = step.elapsed
            if step.detail:
                console.print(Text(f" … {step.name}: {step.detail}"))
        elif step.elapsed - told.get(step.name, timedelta()) >= _SIGN_OF_LIFE:
            told[step.name] = step.elapsed
            console.print(Text(f" … {step.name}: {step.detail}, {in_words(step.elapsed)}"))


def _finished(step: Step) -> Text:
    what = f"{step.name} ({step.detail})" if step.detail else step.name
    return Text.assemble(
        (" ✓ ", "green"), what.ljust(_NAME_WIDTH), f" {in_words(step.elapsed):>12}"
    )


class _Moving:
    """One line that turns and counts while its work goes on."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self._spinner = Spinner("dots")
        self._began = time.monotonic() - step.elapsed.total_seconds()

    def __rich__(self) -> RenderableType:
        elapsed = in_words(timedelta(seconds=time.monotonic() - self._began))
        step = self.step
        said = f"{step.name}: {step.detail}" if step.detail else step.name
        self._spinner.update(text=Text(f"{said}  {elapsed}"))
        line = Table.grid()
        line.add_row(" ", self._spinner)
        return line
