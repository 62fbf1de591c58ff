"""A disk that is full: whatever cannot be recorded is not begun, one message says so, and the next run goes on."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import engine
from engine import StateError
from engine.checkpoint import Deployment
from engine.encryption import PassphraseCrypter
from engine.stack_state import StackState
from engine.state import StateDirectory
from tests.engine import full_disk_run
from tests.engine.conftest import HERE, Sandbox, changed
from tests.engine.test_state import STACK, TOPIC

OBJECTS = ["KafkaTopic shop/items", "KafkaTopic shop/prices", "Namespace shop", "Secret shop/user"]
NOTHING = "Nothing was changed."
RECORDED = (
    "No further object is changed; what was done before is recorded in {directory}/dev.journal."
)
MEND = "Free some space there and run the same command again."


def test_an_up_on_a_disk_that_fills_up_is_finished_by_the_next(
    small: Sandbox, tmp_path: Path
) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("no unshare here, so no disk of its own")
    ended = subprocess.run(
        [
            *("unshare", "--map-root-user", "--mount"),
            *(sys.executable, str(HERE / "full_disk_run.py")),
            *(str(small.project.directory), str(tmp_path)),
        ],
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
        stdout=subprocess.PIPE,
        timeout=600,
        check=False,
        text=True,
    )
    if ended.returncode in {1, full_disk_run.CANNOT_MOUNT} and not ended.stdout:
        pytest.skip("no disk can be mounted here")
    runs = [json.loads(line) for line in ended.stdout.splitlines()]
    for run in runs:
        assert run["unknown"] == [], run
        assert set(run["files"]) <= {"dev.json", "dev.json.bak", "dev.journal", "dev.lock"}, run
        assert (run["again"], run["unchanged"], run["objects"]) == ("", [], OBJECTS), run
    told = [run["told"].replace(run["directory"], "{directory}") for run in runs]
    told = [re.sub(r" \([\d,]+ bytes are needed\)", "", message) for message in told]
    start = "2: the state of stack 'dev' cannot be written to {directory}/dev"
    full = "No space left on device."
    assert list(dict.fromkeys(told)) == [
        f"{start}.lock: {full} {NOTHING} {MEND}",
        f"{start}.json: {full} {NOTHING} {MEND}",
        f"{start}.journal: {full} {NOTHING} {MEND}",
        f"{start}.json: {full} {RECORDED} {MEND}",
    ]


@pytest.mark.parametrize("number", [1, 2, 5, 9])
def test_what_cannot_be_recorded_is_not_begun(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The same by a fault at the n-th line of the journal, wherever no disk can be mounted."""
    write, count = os.write, 0

    def full(descriptor: int, data: bytes) -> int:
        nonlocal count
        count += bytes(data[:14]) == b'{"operation":' + data[13:14]
        if count >= number:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data)

    with monkeypatch.context() as patch:
        patch.setattr("os.write", full)
        with pytest.raises(StateError) as failed:
            small.up()
    directory = small.state_file.parent
    assert re.sub(r"[\d,]+ bytes", "N bytes", str(failed.value)) == (
        f"the state of stack 'dev' cannot be written to {directory}/dev.journal: No space left on device "
        f"(N bytes are needed). {RECORDED.format(directory=directory)} {MEND}"
    )
    assert failed.value.exit_code == 2
    small.up()
    assert sorted(small.cluster.objects) == OBJECTS
    assert changed(small.preview()) == []


def test_a_destroy_that_cannot_be_recorded_deletes_nothing_more(
    deployed: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if b'"begin"' in bytes(data):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data)

    objects = deployed.cluster.objects
    with monkeypatch.context() as patch:
        patch.setattr("os.write", full)
        with pytest.raises(StateError, match="cannot be written"):
            deployed.destroy()
    assert deployed.cluster.objects == objects
    deployed.destroy()
    assert deployed.cluster.objects == {}


def test_a_checkpoint_that_cannot_be_written_leaves_the_old_one_and_the_journal(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, count = Path.replace, 0

    def full(path: Path, target: Path) -> Path:
        nonlocal count
        if target == small.state_file:
            count += 1
            if count > 1:
                raise OSError(errno.ENOSPC, "No space left on device")
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.replace", full)
        with pytest.raises(
            StateError, match=r"dev\.json: No space left on device \([\d,]+ bytes"
        ) as failed:
            small.up()
    assert "is recorded in" in str(failed.value)
    assert sorted(path.name for path in small.state_file.parent.iterdir()) == [
        "dev.journal", "dev.json", "dev.json.bak", "dev.lock",
    ]  # fmt: skip
    assert changed(small.up()) == []
    assert changed(small.preview()) == []
    assert sorted(small.cluster.objects) == OBJECTS


def test_a_line_that_was_cut_short_by_a_full_disk_is_not_in_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = StateDirectory(tmp_path / "state").stack("p", "dev")
    crypter = PassphraseCrypter.create("p", stack="dev")
    file.write(Deployment(resources=(STACK,)), crypter)
    state = StackState(file.load(crypter), journal=file.open_journal(), crypter=crypter)
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) < 100:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data[:100])

    with monkeypatch.context() as patch:
        patch.setattr("os.write", full)
        with pytest.raises(StateError):
            state.begin("creating", TOPIC)
    state.end(None, put=[TOPIC])
    assert len(file.load(crypter).resources) == 2


def test_what_comes_after_a_run_was_cut_off_is_told_that_it_is_over(tmp_path: Path) -> None:
    file = StateDirectory(tmp_path / "state").stack("p", "dev")
    crypter = PassphraseCrypter.create("p", stack="dev")
    file.write(Deployment(resources=(STACK,)), crypter)
    journal = file.open_journal()
    state = StackState(file.load(crypter), journal=journal, crypter=crypter)
    journal.close()
    with pytest.raises(engine.StateError, match="Bad file descriptor"):
        state.begin("creating", TOPIC)
