from __future__ import annotations

import io
from datetime import timedelta

import pytest
from rich.console import Console  # noqa: TID251 - draws with it

from lab.progress import draw, in_words
from lab.steps import Phase, Step


def step(
    phase: Phase, detail: str = "", seconds: float = 0, name: str = "kube-apiserver 1.36.3"
) -> Step:
    return Step(name=name, phase=phase, detail=detail, elapsed=timedelta(seconds=seconds))


def drawn(*steps: Step, force_terminal: bool | None = None, no_color: bool | None = None) -> str:
    output = io.StringIO()
    console = Console(
        file=output,
        width=200,
        highlight=False,
        force_terminal=force_terminal,
        no_color=no_color,
    )
    draw(iter(steps), console)
    return output.getvalue()


BUILD = (
    step(Phase.STARTED, "building it: about 7 min, once"),
    step(Phase.PROGRESS, "12 packages", 2),
    step(Phase.PROGRESS, "400 packages", 31),
    step(Phase.PROGRESS, "410 packages", 33),
    step(Phase.DONE, "1894 packages", 372),
)


def test_off_a_terminal_lines_are_only_added_and_rarely():
    assert drawn(*BUILD) == (
        " … kube-apiserver 1.36.3: building it: about 7 min, once\n"
        " … kube-apiserver 1.36.3: 400 packages, 31.0 s\n"
        " ✓ kube-apiserver 1.36.3 (1894 packages)          6 min 12 s\n"
    )


def test_a_step_without_a_cost_is_one_line():
    told = drawn(
        step(Phase.STARTED, name="Files"), step(Phase.DONE, "nothing is left", 0.2, name="Files")
    )
    assert told == " ✓ Files (nothing is left)                             0.2 s\n"


def test_names_are_not_markup():
    assert "[items]" in drawn(step(Phase.DONE, name="[items]"))


def test_without_colour_a_terminal_gets_plain_lines():
    assert "\x1b" not in drawn(*BUILD, force_terminal=True, no_color=True)


def test_on_a_terminal_the_end_stays():
    told = drawn(*BUILD, force_terminal=True)
    assert "kube-apiserver 1.36.3 (1894 packages)" in told
    assert "\x1b[" in told


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        pytest.param(0.04, "0.0 s", id="nothing"),
        pytest.param(59.94, "59.9 s", id="below a minute"),
        pytest.param(372, "6 min 12 s", id="minutes"),
    ],
)
def test_a_length_of_time_is_told_in_words(seconds, words):
    assert in_words(timedelta(seconds=seconds)) == words
