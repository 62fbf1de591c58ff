from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.processes import ProcessSpec, ProcessTable, start_time
from lab.waiting import wait_until

SOON = timedelta(seconds=10)
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(99)"
# Starts a child through a table and tells its pid, then waits to be killed.
PARENT = """
import pathlib, sys, time
from lab.processes import ProcessSpec, ProcessTable
root = pathlib.Path(sys.argv[1])
table = ProcessTable(root)
child = table.start(ProcessSpec(name="child", argv=("sleep", "99"), cwd=root, log=root / "log"))
print(child.pid, flush=True)
time.sleep(99)
"""


@pytest.fixture
def table(tmp_path: Path) -> Iterator[ProcessTable]:
    table = ProcessTable(tmp_path / "processes")
    yield table
    for record in table.records():
        table.kill(record.name)


def spec(tmp_path: Path, *argv: str, name: str = "sleeper") -> ProcessSpec:
    return ProcessSpec(
        name=name,
        argv=argv or ("sleep", "99"),
        cwd=tmp_path,
        log=tmp_path / f"{name}.log",
        ports=(20_001,),
    )


def test_what_is_started_is_on_disk_and_runs(table, tmp_path):
    process = table.start(spec(tmp_path))
    (record,) = ProcessTable(tmp_path / "processes").records()
    assert (record.name, record.pid, record.argv0, record.ports) == (
        "sleeper",
        process.pid,
        "sleep",
        (20_001,),
    )
    assert record.is_alive


def test_a_record_is_private(table, tmp_path):
    table.start(spec(tmp_path))
    assert (tmp_path / "processes" / "sleeper.json").stat().st_mode & 0o777 == 0o600


def test_the_process_is_the_program_itself_with_its_output_in_the_log(table, tmp_path):
    process = table.start(spec(tmp_path, "sh", "-c", "echo pid $$; echo wrong >&2; exec sleep 99"))
    assert wait_until(lambda: "wrong" in process.log.read_text(), within=SOON)
    assert process.log.read_text() == f"pid {process.pid}\nwrong\n"


def test_two_processes_of_one_name_are_refused(table, tmp_path):
    table.start(spec(tmp_path))
    with pytest.raises(ValueError, match="process 'sleeper' runs already"):
        table.start(spec(tmp_path))


def test_a_stopped_process_is_gone_and_forgotten(table, tmp_path):
    process = table.start(spec(tmp_path))
    table.stop("sleeper", grace=SOON)
    assert start_time(process.pid) is None
    assert not table.records()
    assert not table.is_running("sleeper")


def test_a_process_that_ignores_the_request_is_killed_after_the_grace(table, tmp_path):
    process = table.start(spec(tmp_path, sys.executable, "-c", STUBBORN))
    assert wait_until(lambda: "deaf" in process.log.read_text(), within=SOON)
    table.stop("sleeper", grace=timedelta(milliseconds=100))
    assert process.returncode() == -signal.SIGKILL


def test_a_process_that_cannot_be_ended_is_told_and_stays_on_record(table, tmp_path, monkeypatch):
    process = table.start(spec(tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr("lab.processes.ProcessRecord.signal", lambda record, number: None)
        patch.setattr("lab.processes._KILL_GRACE", timedelta())
        with pytest.raises(LabError) as failed:
            table.kill("sleeper")
    assert str(failed.value) == (
        f"process 'sleeper' ({process.pid}) does not end, not even killed; see {process.log}"
    )
    assert [record.pid for record in table.records()] == [process.pid]
    table.kill("sleeper")
    assert start_time(process.pid) is None


def test_stopping_takes_the_children_of_the_process_along(table, tmp_path):
    process = table.start(spec(tmp_path, "sh", "-c", "sleep 99 & echo $!; wait"))
    assert wait_until(lambda: process.log.read_text().endswith("\n"), within=SOON)
    table.stop("sleeper", grace=SOON)
    grandchild = int(process.log.read_text())
    assert wait_until(lambda: start_time(grandchild) is None, within=SOON)


def test_a_process_that_ended_by_itself_is_told_with_its_exit_code(table, tmp_path):
    table.start(spec(tmp_path, "sh", "-c", "exit 7"))
    assert wait_until(table.ended, within=SOON)
    assert [process.returncode() for process in table.ended()] == [7]
    assert not table.is_running("sleeper")


def test_a_program_that_does_not_exist_is_named_in_the_log(table, tmp_path):
    process = table.start(spec(tmp_path, "/no/such/program"))
    assert wait_until(lambda: process.returncode() is not None, within=SOON)
    assert process.log.read_text() == "/no/such/program: No such file or directory\n"


def test_another_table_can_stop_what_a_crashed_one_left(table, tmp_path):
    process = table.start(spec(tmp_path))
    ProcessTable(tmp_path / "processes").stop("sleeper", grace=SOON)
    assert wait_until(lambda: process.returncode() is not None, within=SOON)


def test_a_stranger_with_the_same_pid_is_never_touched(table, tmp_path):
    stranger = table.start(spec(tmp_path, name="stranger"))
    record = json.loads((tmp_path / "processes" / "stranger.json").read_text())
    record |= {"name": "ours", "started": "another boot:1"}
    (tmp_path / "processes" / "ours.json").write_text(json.dumps(record))
    other = ProcessTable(tmp_path / "processes")
    assert not other.is_running("ours")
    other.kill("ours")
    assert stranger.returncode() is None


def test_a_child_dies_with_its_parent_even_if_that_is_killed(tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent:
        child = int(parent.stdout.readline())
        assert start_time(child)
        parent.kill()
    assert wait_until(lambda: start_time(child) is None, within=SOON)


def test_a_child_outlives_the_thread_that_asked_for_it(table, tmp_path):
    thread = threading.Thread(target=table.start, args=(spec(tmp_path),))
    thread.start()
    thread.join()
    # The kernel would have sent the signal at the thread's end, which is over.
    assert not wait_until(
        lambda: not table.is_running("sleeper"), within=timedelta(milliseconds=300)
    )


def test_a_detached_process_is_nobodys_child(table, tmp_path):
    record = table.start_detached(spec(tmp_path, "/bin/sleep", "99"))
    assert record.is_alive
    assert os.getsid(record.pid) == record.pid
    with pytest.raises(ChildProcessError):
        os.waitpid(record.pid, os.WNOHANG)


def test_no_such_process_has_a_start_time():
    assert start_time(2**22 + 1) is None
