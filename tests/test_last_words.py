"""What is shown of a lab's logs with a test that fails."""

from __future__ import annotations

import os
from pathlib import Path

from tests.last_words import last_words


def logs_of(directory: Path) -> Path:
    logs = directory / "operator0" / "lab" / "logs"
    logs.mkdir(parents=True)
    return logs


def test_last_lines_of_each_log_are_shown_and_each_kind_of_line_once(tmp_path: Path) -> None:
    logs = logs_of(tmp_path)
    flood = "".join(f"12:00:{second:02} WARN retry {second}\n" for second in range(60))
    (logs / "broker.log").write_text("old\n" * 20 + f"12:00:00 WARN started\n{flood}")
    (logs / "worker.log").write_text("x" * 1000)

    shown = last_words(tmp_path, since=0)

    assert shown.splitlines() == [
        "broker.log:",
        "  old",
        "  12:00:00 WARN started",
        "  12:00:59 WARN retry 59",
        "worker.log:",
        "  " + "x" * 300,
    ]


def test_log_that_was_not_written_to_meanwhile_is_left_out(tmp_path: Path) -> None:
    logs = logs_of(tmp_path)
    for name, time in (("before.log", 1000), ("during.log", 2000)):
        (logs / name).write_text("something\n")
        os.utime(logs / name, (time, time))

    assert last_words(tmp_path, since=1500) == "during.log:\n  something"


def test_linked_directory_is_shown_once_and_control_planes_come_last(tmp_path: Path) -> None:
    logs = logs_of(tmp_path)
    for name in ("kube-apiserver-dev.log", "worker.log"):
        (logs / name).write_text("something\n")
    (tmp_path / "operatorcurrent").symlink_to(tmp_path / "operator0")

    shown = last_words(tmp_path, since=0)

    assert shown.split(":\n  something") == ["worker.log", "\nkube-apiserver-dev.log", ""]
