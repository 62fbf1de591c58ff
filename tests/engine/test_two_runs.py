"""Two runs of one stack, a run that was killed, and Ctrl-C once and twice: in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

import engine
from lab.waiting import wait_until
from tests.engine.conftest import HERE, Sandbox, changed

SOON = timedelta(seconds=300)
# Runs an up of a stack as the command does; a topic is never ready, and the program says when it has come so far.
RUN = """
import sys
from dataclasses import replace
from pathlib import Path

import engine.encryption
from kafka_mirror.cli import main, stack
from tests.engine.fake_cluster import FakeCluster

engine.encryption._ITERATIONS = 1000
cluster = FakeCluster(Path(sys.argv.pop(1)))
cluster.never_ready = {"items"}
options = stack._options
stack._options = lambda *given, **named: replace(
    options(*given, **named), connect=lambda kubeconfig, context: cluster
)
main()
"""


@pytest.fixture
def started(small: Sandbox, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start ``kafka-mirror stack up`` on the small program, which waits for a topic for ever."""
    processes = []
    small.configure(timeout=600)

    def start() -> subprocess.Popen[str]:
        arguments = ["stack", "up", "dev", "--project", str(small.project.directory)]
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", RUN, str(tmp_path / "small-cluster.json"), *arguments),
                *("--state-dir", str(small.options.state_directory), "--no-policy-pack"),
            ],
            env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def _is_waiting(small: Sandbox) -> bool:
    journal = small.state_file.with_suffix(".journal")
    lines = journal.read_text().splitlines() if journal.exists() else []
    return any('"begin"' in line and "KafkaTopic::items" in line for line in lines)


def _goes_on(small: Sandbox) -> None:
    """Check that the next run finishes what was begun."""
    small.configure(timeout=None)
    small.up()
    assert changed(small.up()) == []
    assert len(small.cluster.objects) == 4


def test_a_second_up_is_told_who_holds_the_stack_and_since_when(
    small: Sandbox, started: Callable[[], subprocess.Popen[str]]
) -> None:
    first = started()
    assert wait_until(lambda: _is_waiting(small), within=SOON)
    second = started()
    _, said = second.communicate(timeout=SOON.total_seconds())
    holder = json.loads(small.state_file.with_suffix(".lock").read_text())
    assert said == (
        f"Error: stack 'dev' is in use by process {first.pid} on {holder['host']}, which runs `up` since "
        f"{holder['since']}. Wait for it, or stop it.\n"
    )
    assert second.returncode == 2
    first.kill()
    first.wait()
    _goes_on(small)


def test_of_two_first_ups_one_deploys_and_both_have_the_same_secrets(small: Sandbox) -> None:
    """The second reads the state only once it holds the stack: the salt may be new by then."""
    options = small.options
    session = engine.operations._session(small.project, "dev", options, lambda event: None)
    with session as early:
        small.up()
        with early.file.lock("up"):
            assert changed(early.preview()) == []
            assert changed(early.update()) == []
    assert changed(small.up()) == []


def test_the_lock_of_a_killed_run_holds_nobody_up(
    small: Sandbox, started: Callable[[], subprocess.Popen[str]]
) -> None:
    first = started()
    assert wait_until(lambda: _is_waiting(small), within=SOON)
    first.kill()
    first.wait()
    assert json.loads(small.state_file.with_suffix(".lock").read_text())["pid"] == first.pid
    _goes_on(small)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        pytest.param(
            [signal.SIGINT],
            "Stopping: steps that have begun are recorded. Once more ends it at once.",
            id="once",
        ),
        pytest.param(
            [signal.SIGTERM],
            "Stopping: steps that have begun are recorded. Once more ends it at once.",
            id="a termination",
        ),
        pytest.param(
            [signal.SIGINT, signal.SIGINT],
            "Stopping: steps that have begun are recorded. Once more ends it at once.",
            id="twice",
        ),
    ],
)
def test_ctrl_c_ends_an_up_and_the_next_goes_on(
    small: Sandbox, started: Callable[[], subprocess.Popen[str]], numbers: list[int], said: str
) -> None:
    process = started()
    assert wait_until(lambda: _is_waiting(small), within=SOON)
    children = psutil.Process(process.pid).children(recursive=True)
    for number in numbers:
        process.send_signal(number)
    _, told = process.communicate(timeout=SOON.total_seconds())
    assert process.returncode == 130
    assert said in told
    assert "Traceback" not in told
    assert wait_until(lambda: not any(child.is_running() for child in children), within=SOON)
    _goes_on(small)
