"""A run that is killed, stopped or met by another one: the next one converges."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

import engine
from tests import warm_starts
from tests.engine.conftest import HERE, Sandbox, changed

OBJECTS = [
    "KafkaTopic shop/items",
    "KafkaTopic shop/prices",
    "Namespace shop",
    "Secret shop/user",
]


def run_killed(sandbox: Sandbox, operation: str, moment: str, number: int) -> None:
    """Run an operation that is killed at its n-th write."""
    root = sandbox.state_file.parents[3]
    script = str(HERE / "killed_run.py")
    arguments = [script, str(sandbox.project.directory), str(root), operation, moment, str(number)]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    assert warm_starts.run(arguments, environment) == -signal.SIGKILL


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_up_killed_at_any_write_is_finished_by_the_next(
    small: Sandbox, moment: str, number: int
) -> None:
    run_killed(small, "up", moment, number)
    small.up()
    assert sorted(small.cluster.objects) == OBJECTS
    assert changed(small.preview()) == []
    assert "pending_operations" not in json.loads(small.state_file.read_text())["deployment"]
    small.destroy()
    assert small.cluster.objects == {}


def test_an_up_killed_at_the_very_end_has_lost_nothing(small: Sandbox) -> None:
    run_killed(small, "up", "save", 2)
    assert changed(small.up()) == []
    # What was only in the journal is in the checkpoint by now.
    assert changed(small.preview()) == []
    small.destroy()
    assert small.cluster.objects == {}


def test_a_destroy_killed_at_the_very_end_has_forgotten_what_is_gone(deployed: Sandbox) -> None:
    run_killed(deployed, "destroy", "save", 1)
    deployed.destroy()
    assert deployed.resources() == {}
    deployed.up()
    assert changed(deployed.preview()) == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_up_killed_at_its_first_write_can_be_destroyed(small: Sandbox, moment: str) -> None:
    run_killed(small, "up", moment, 2)
    small.destroy()
    assert small.cluster.objects == {}
    assert small.resources() == {}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_update_that_was_killed_is_made_again(deployed: Sandbox, moment: str) -> None:
    deployed.configure(topics={"items": 6, "prices": 1})
    run_killed(deployed, "up", moment, 1)
    deployed.configure(topics={"items": 3, "prices": 1})
    assert changed(deployed.up()) == ["update items"]
    assert deployed.cluster.objects["KafkaTopic shop/items"]["spec"] == {"partitions": 3}


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_replacement_killed_at_any_write_is_finished_by_the_next(
    deployed: Sandbox, moment: str, number: int
) -> None:
    rename_topics(deployed)
    run_killed(deployed, "up", moment, number)
    deployed.up()
    assert sorted(deployed.cluster.objects) == [
        "KafkaTopic shop/items-2",
        "KafkaTopic shop/prices-2",
        "Namespace shop",
        "Secret shop/user",
    ]
    assert changed(deployed.preview()) == []


@pytest.mark.parametrize("number", [2, 4])
def test_a_replacement_that_was_killed_can_be_destroyed(deployed: Sandbox, number: int) -> None:
    rename_topics(deployed)
    run_killed(deployed, "up", "after", number)
    deployed.destroy()
    assert deployed.cluster.objects == {}
    assert deployed.resources() == {}


def rename_topics(sandbox: Sandbox) -> None:
    program = sandbox.project.directory / "__main__.py"
    program.write_text(program.read_text().replace('{"name": topic,', '{"name": f"{topic}-2",'))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [1, 3, 4])
def test_a_destroy_that_was_killed_is_finished_by_the_next(
    deployed: Sandbox, moment: str, number: int
) -> None:
    run_killed(deployed, "destroy", moment, number)
    deployed.destroy()
    assert deployed.cluster.objects == {}
    assert deployed.resources() == {}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_destroy_that_was_killed_can_be_taken_back(deployed: Sandbox, moment: str) -> None:
    run_killed(deployed, "destroy", moment, 2)
    deployed.up()
    assert sorted(deployed.cluster.objects) == OBJECTS
    assert changed(deployed.preview()) == []


def test_a_second_run_is_told_who_holds_the_stack(small: Sandbox) -> None:
    failed: list[Exception] = []
    entered, left = threading.Event(), threading.Event()

    def hold(moment: str, verb: str, name: str) -> None:
        entered.set()
        left.wait(30)

    small.cluster.around_write = hold
    first = threading.Thread(target=small.up)
    first.start()
    assert entered.wait(30)
    try:
        engine.up(small.project, "dev", options=small.options)
    except engine.LockedError as error:
        failed.append(error)
    left.set()
    first.join()
    (refusal,) = failed
    assert str(refusal).startswith(f"stack 'dev' is in use by process {os.getpid()} on ")
    assert str(refusal).endswith("Wait for it, or stop it.")


def test_ctrl_c_ends_program_and_pack_and_leaves_a_state_that_can_be_used(
    cold_starts: None, small: Sandbox
) -> None:
    small.cluster.never_ready = {"items"}
    small.configure(timeout=300)
    main = threading.main_thread()

    def interrupt(event: engine.Event) -> None:
        if isinstance(event, engine.StepProgress):
            signal.pthread_kill(main.ident or 0, signal.SIGINT)

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        engine.up(small.project, "dev", options=small.options, on_event=_once(interrupt))
    assert time.monotonic() - begun < 30
    assert psutil.Process().children(recursive=True) == []
    small.cluster.never_ready = set()
    small.configure(timeout=None)
    small.up()
    assert changed(small.preview()) == []


def test_an_event_from_outside_ends_a_run_and_the_next_goes_on(small: Sandbox) -> None:
    small.cluster.never_ready = {"items"}
    small.configure(timeout=300)
    cancelled = threading.Event()

    def stop(event: engine.Event) -> None:
        if isinstance(event, engine.StepProgress):
            cancelled.set()

    options = replace(small.options, cancelled=cancelled)
    with pytest.raises(engine.DeploymentError, match="the run was stopped"):
        engine.up(small.project, "dev", options=options, on_event=stop)
    with pytest.raises(engine.DeploymentError, match="The run was stopped; what was done before"):
        engine.destroy(small.project, "dev", options=options)
    small.destroy()
    assert small.cluster.objects == {}


def test_the_program_dies_with_the_engine(small: Sandbox, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    program = small.project.directory / "__main__.py"
    program.write_text(
        f"import os, time\nopen({str(pids)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)\n"
    )
    engine_process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import engine, sys; engine.preview(engine.Project.load(sys.argv[1]), 'dev')",
            str(small.project.directory),
        ],
        cwd=HERE.parents[1],
    )
    _wait_for(lambda: pids.exists() and pids.read_text() != "")
    child = psutil.Process(int(pids.read_text()))
    engine_process.kill()
    engine_process.wait()
    child.wait(10)


def _once(listener: engine.Listener) -> engine.Listener:
    told = threading.Event()

    def listen(event: engine.Event) -> None:
        if isinstance(event, engine.StepProgress) and not told.is_set():
            told.set()
            listener(event)

    return listen


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)
