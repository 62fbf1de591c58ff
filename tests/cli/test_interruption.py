"""Ctrl-C once ends a command in good order; a second one ends it at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
