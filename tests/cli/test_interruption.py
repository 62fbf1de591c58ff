"""Ctrl-C once ends a command in good order; a second one ends it at once."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from kafka_mirror.cli.interruption import ending_once

RUN = """
import signal
from kafka_mirror.cli.interruption import ending_in_order

with ending_in_order():
    try:
        signal.raise_signal(signal.{first})
    except KeyboardInterrupt:
        print("recording", flush=True)
        signal.raise_signal(signal.{second})
    print("recorded", flush=True)
"""
ONCE = """
import signal
from kafka_mirror.cli.interruption import ending_once

try:
    with ending_once():
        signal.raise_signal(signal.{first})
except KeyboardInterrupt:
    for number in (signal.SIGINT, signal.SIGTERM) * 2:
        signal.raise_signal(number)
    print("cleaned up", flush=True)
raise SystemExit(130)
"""
IN_ORDER = "\nStopping: steps that have begun are recorded. Once more ends it at once.\n"
AT_ONCE = "\nEnded at once: the next run finishes what was begun.\n"


@pytest.mark.parametrize(
    ("first", "second", "printed", "said", "code"),
    [
        pytest.param("SIGINT", "SIGINT", "recording\n", IN_ORDER + AT_ONCE, 130, id="twice"),
        pytest.param(
            "SIGTERM", "SIGINT", "recording\n", IN_ORDER + AT_ONCE, 130, id="after a kill"
        ),
        pytest.param("SIGINT", "SIGCONT", "recording\nrecorded\n", IN_ORDER, 0, id="once"),
    ],
)
def test_the_second_ctrl_c_ends_a_command_at_once(
    first: str, second: str, printed: str, said: str, code: int
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", RUN.format(first=first, second=second)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == (printed, said, code)


@pytest.mark.parametrize("first", ["SIGINT", "SIGTERM"])
def test_whoever_is_ended_once_hears_of_no_other_end(first: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", ONCE.format(first=first)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("cleaned up\n", "", 130)


def test_what_was_never_ended_leaves_the_signals_as_they_were() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    with ending_once():
        assert signal.getsignal(signal.SIGTERM) != before[1]

    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
