"""The demonstration as a user runs it: the committed stacks, three brokers a site, from nothing to nothing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from lab.ports import PortBlock, is_listening
from lab.waiting import wait_until
from tests.pulumi import needs_pulumi

pytestmark = [pytest.mark.lab, pytest.mark.demo]

CHECKOUT = Path(__file__).resolve().parents[2]
LONGEST = 900
TOPICS = ("items", "items.inventory", "store.inventory")


@contextmanager
def _demo(directory: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", "from kafka_mirror.cli import main; main()", "lab", "demo"]
    process = subprocess.Popen(
        [*command, "--directory", str(directory), *options],
        cwd=CHECKOUT,
        env={**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _processes_of(directory: Path) -> list[list[str]]:
    found = []
    for process in psutil.process_iter():
        try:
            command = process.cmdline()
        except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
            continue
        if any(str(directory) in argument for argument in command) and process.pid != os.getpid():
            found.append(command)
    return found


@pytest.mark.parametrize(
    "engine", ["embedded", pytest.param("pulumi", marks=needs_pulumi(), id="the Pulumi CLI")]
)
def test_the_demo_mirrors_record_for_record_and_moves_a_group(tmp_path: Path, engine: str) -> None:
    directory = tmp_path / "lab"

    with _demo(directory, "--engine", engine) as process:
        printed, _ = process.communicate(timeout=LONGEST)

    assert process.returncode == 0, printed
    for topic in TOPICS:
        row = rf"^{re.escape(topic)} +1,000 +1,000 +yes +0 +0 +0 +[\d.]+ s$"
        assert re.search(row, printed, re.MULTILINE), printed
    moved = re.search(
        r"(\d[\d,]*) records re-read, at most (\d[\d,]*) planned for a duplicate window of 15s; 0 skipped",
        printed,
    )
    assert moved, printed
    reread, planned = (int(number.replace(",", "")) for number in moved.groups())
    assert reread <= planned
    assert "Cost: " in printed
    assert not directory.exists()
    assert _processes_of(directory) == []


@pytest.mark.parametrize(
    ("at", "by"),
    [
        pytest.param("Stack dev", signal.SIGINT, id="Ctrl-C while dev is deployed"),
        pytest.param("control planes", signal.SIGTERM, id="ended while the control planes start"),
    ],
)
def test_an_interrupted_demo_leaves_no_process_port_or_file(
    tmp_path: Path, at: str, by: signal.Signals
) -> None:
    directory = tmp_path / "lab"

    with _demo(directory) as process:
        ports = _interrupt(process, directory, at, by)
        printed, _ = process.communicate(timeout=120)

    assert process.returncode == 130, printed
    assert "Traceback" not in printed
    assert not directory.exists()
    assert _processes_of(directory) == []
    assert [port for port in ports if is_listening(port)] == []


def _interrupt(
    process: subprocess.Popen[str], directory: Path, at: str, by: signal.Signals
) -> list[int]:
    """Send the signal once a stage is reached, and return the ports the lab had by then."""
    log = directory / "logs"
    stages = {
        "Stack dev": lambda: any(log.glob("*dual-role*")) or any(log.glob("*broker*")),
        "control planes": lambda: any(log.glob("*apiserver*")),
    }
    assert wait_until(stages[at], within=timedelta(seconds=LONGEST))
    ports = list(PortBlock.of(directory).assigned().values())
    process.send_signal(by)
    return ports
