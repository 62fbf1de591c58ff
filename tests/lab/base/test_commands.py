from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from lab.commands import run, tail
from lab.errors import LabError
from lab.processes import start_time
from lab.waiting import wait_until


def test_the_output_is_in_the_log(tmp_path):
    for _ in run(
        ["sh", "-c", "echo $GREETING"],
        cwd=tmp_path,
        log=tmp_path / "log",
        env={"GREETING": "hello"},
    ):
        pass
    assert (tmp_path / "log").read_text() == "hello\n"


def test_a_command_that_works_on_is_told_with_its_lines(tmp_path):
    log = tmp_path / "log"
    command = "echo 1; echo 2; while [ ! -e go ]; do :; done"
    steps = run(["sh", "-c", command], cwd=tmp_path, log=log)
    assert next(steps) == 2
    (tmp_path / "go").touch()
    list(steps)


def test_a_failure_shows_the_end_of_the_log_and_where_it_is(tmp_path):
    log = tmp_path / "log"
    message = f"sh -c left with 3:\n  no such module\nAll of it is in {log}."
    with pytest.raises(LabError, match=f"^{re.escape(message)}$"):
        list(run(["sh", "-c", "echo no such module; exit 3"], cwd=tmp_path, log=log))


def test_a_command_that_is_given_up_is_killed_with_its_children(tmp_path):
    log = tmp_path / "log"
    steps = run(["sh", "-c", "echo $$; sleep 99"], cwd=tmp_path, log=log)
    next(steps)
    steps.close()
    pid = int(log.read_text())
    assert wait_until(lambda: start_time(pid) is None, within=timedelta(seconds=10))


def test_the_tail_is_the_last_lines(tmp_path):
    log = Path(tmp_path / "log")
    log.write_text("1\n2\n3\n")
    assert tail(log, lines=2) == "  2\n  3"


def test_a_log_that_is_not_there_has_no_tail(tmp_path):
    assert tail(tmp_path / "none") == "  (no log)"
