"""The launcher with a stand-in for Java that sleeps or fails; the processes are real."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lab.directory import LabDirectory
from lab.operator.jvm import Jvm
from lab.operator.launching import Launch, Launcher, write_files
from lab.operator.work_queue import Key
from tests.lab.operator.live import eventually

OWNER = Key("dev", "Kafka", "ns", "c")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def lab(tmp_path: Path) -> LabDirectory:
    directory = LabDirectory(tmp_path / "lab")
    directory.create(["dev"])
    return directory


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def launcher(lab: LabDirectory, clock: Clock, tmp_path: Path) -> Iterator[Launcher]:
    java = tmp_path / "java"
    # The last argument is the properties file: what it says is what the process does.
    java.write_text('#!/bin/sh\nfor last; do :; done\nexec sh "$last"\n')
    java.chmod(0o700)
    launcher = Launcher(lab, Jvm(java=java, classpath="x"), clock=clock)
    yield launcher
    launcher.close()


def make_launch(lab: LabDirectory, **changes: Any) -> Launch:
    fields: dict[str, Any] = {
        "owner": OWNER,
        "name": "node",
        "directory": lab.site("dev") / "kafka" / "ns" / "c" / "node",
        "main": "Main",
        "properties": "exec sleep 600\n",
        "secrets": {"ns/user": {"password": "made-up"}},
        "heap": (),
    }
    return Launch(**{**fields, **changes})


def test_process_reads_private_files_and_no_leftover_of_an_earlier_start(
    lab: LabDirectory,
) -> None:
    launch = make_launch(lab, secrets={"ns/user": {"password": "a", "old": "b"}})
    write_files(launch, lab.log("node"))

    write_files(make_launch(lab), lab.log("node"))

    secrets = launch.directory / "secrets"
    kept = {path.relative_to(secrets): path for path in secrets.rglob("*") if path.is_file()}
    assert {str(name) for name in kept} == {"ns/user/password"}
    assert kept[Path("ns/user/password")].read_text() == "made-up"
    for path in launch.directory.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_running_process_is_left_alone_and_another_file_makes_it_outdated(
    launcher: Launcher, lab: LabDirectory
) -> None:
    launch = make_launch(lab)
    assert launcher.ensure(launch)
    assert not launcher.ensure(launch)
    assert launcher.is_current(launch)

    changed = make_launch(lab, secrets={"ns/user": {"password": "other"}})

    assert not launcher.ensure(changed)
    assert not launcher.is_current(changed)
    launcher.restart(changed)
    assert launcher.is_current(changed)
    assert launcher.is_running("node")


def test_ended_process_is_started_again_as_it_was_less_and_less_often(
    launcher: Launcher, lab: LabDirectory, clock: Clock
) -> None:
    launch = make_launch(lab, properties="exit 1\n")

    def ended() -> bool:
        return not launcher.is_running("node")

    launcher.ensure(launch)
    eventually(ended)
    assert launcher.revive_ended() == frozenset()
    clock.now += 1.0
    assert launcher.revive_ended() == {OWNER}
    eventually(ended)
    clock.now += 1.0
    assert not launcher.ensure(launch)
    clock.now += 1.0
    assert launcher.ensure(launch)


def test_next_launcher_resumes_what_this_one_kept_running_and_nothing_else(
    launcher: Launcher, lab: LabDirectory, clock: Clock
) -> None:
    kept = make_launch(lab)
    stopped = make_launch(lab, name="stopped", directory=kept.directory.with_name("stopped"))
    launcher.ensure(kept)
    launcher.ensure(stopped)
    launcher.stop("stopped")
    launcher.close()
    assert not launcher.is_running("node")

    launcher.resume()

    assert launcher.is_running("node")
    assert not launcher.is_running("stopped")
    assert launcher.is_current(kept)
    assert launcher.names_of(OWNER) == ("node",)


def test_stopped_process_is_forgotten(launcher: Launcher, lab: LabDirectory) -> None:
    launcher.ensure(make_launch(lab))
    assert launcher.names_of(OWNER) == ("node",)

    launcher.stop("node")

    assert launcher.names_of(OWNER) == ()
    assert launcher.revive_ended() == frozenset()
    assert not launcher.is_running("node")


def test_secret_is_in_no_repr_of_what_is_launched(lab: LabDirectory) -> None:
    assert "made-up" not in repr(make_launch(lab))


def test_closing_ends_every_process_at_once(launcher: Launcher, lab: LabDirectory) -> None:
    launcher.ensure(make_launch(lab))

    launcher.close()

    eventually(lambda: not launcher.is_running("node"), within=timedelta(seconds=1))
