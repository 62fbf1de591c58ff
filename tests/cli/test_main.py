"""Every way the command can end has its exit code, and errors are told without a traceback."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

from kafka_mirror.errors import (
    ConfigurationError,
    KafkaMirrorError,
    Problem,
    RefusedError,
    UnreachableError,
    UsageError,
)
from tests.cli.projects import Command


@pytest.mark.parametrize(
    ("command", "takes"),
    [
        (["plan"], "[OPTIONS] {STACK}"),
        (["check"], "[OPTIONS] [PATH]..."),
        (["stack", "output"], "[OPTIONS] {STACK} [NAME]"),
        (["lab", "deploy"], "[OPTIONS] {STACK}..."),
    ],
)
def test_help_names_arguments_as_the_documents_do(
    kafka_mirror: Command, command: list[str], takes: str
) -> None:
    ended = kafka_mirror(*command, "--help")

    assert f"kafka-mirror {' '.join(command)} {takes}" in " ".join(ended.stdout.split())


def test_help_names_the_commands(kafka_mirror: Command) -> None:
    ended = kafka_mirror("--help")

    assert ended.code == 0
    for command in ("plan", "render", "stack", "lab"):
        assert command in ended.stdout


def test_the_version_is_shown(kafka_mirror: Command) -> None:
    ended = kafka_mirror("--version")

    assert ended.code == 0
    assert (ended.stdout + ended.stderr).startswith("kafka-mirror ")


def test_an_unknown_command_leaves_with_2(kafka_mirror: Command) -> None:
    ended = kafka_mirror("plam")

    assert (ended.code, ended.stdout) == (2, "")
    assert "No such command 'plam'" in ended.stderr


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        pytest.param(
            ConfigurationError([Problem("a.b", "is wrong"), Problem("", "so is this")]),
            2,
            "Error: a.b: is wrong\nso is this\n",
            id="configuration",
        ),
        pytest.param(UsageError("no such stack"), 2, "Error: no such stack\n", id="usage"),
        pytest.param(
            RefusedError("a policy says no"), 1, "Error: a policy says no\n", id="refusal"
        ),
        pytest.param(
            UnreachableError("site 'stg'", "stg:9094", "no answer"),
            3,
            "Error: site 'stg' at stg:9094: no answer\n",
            id="unreachable",
        ),
        pytest.param(
            UsageError("[items] is no markup"), 2, "Error: [items] is no markup\n", id="brackets"
        ),
        pytest.param(KeyboardInterrupt(), 130, "", id="Ctrl-C"),
    ],
)
def test_an_error_leaves_with_its_code_and_its_message(
    error: BaseException,
    code: int,
    told: str,
    kafka_mirror: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("kafka_mirror.cli.plan.read_stack", fail)

    ended = kafka_mirror("plan", "dev")

    assert (ended.code, ended.stdout, ended.stderr) == (code, "", told)


def test_a_bug_of_ours_shows_its_traceback_and_leaves_with_70(
    kafka_mirror: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("kafka_mirror.cli.plan.read_stack", fail)

    ended = kafka_mirror("plan", "dev")

    assert ended.code == 70
    assert "ZeroDivisionError: oh" in ended.stderr
    assert ended.stderr.endswith(
        "This is a bug of kafka-mirror. Please report it with the lines above.\n"
    )


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOSPC, errno.ENOTDIR])
def test_what_the_machine_refuses_is_told_without_a_traceback(
    number: int, kafka_mirror: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number), "/srv/state")

    monkeypatch.setattr("kafka_mirror.cli.plan.read_stack", fail)

    ended = kafka_mirror("plan", "dev")

    assert (ended.code, ended.stderr) == (2, f"Error: /srv/state: {os.strerror(number)}\n")


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        pytest.param("engine", "kafka-mirror stack runs the project's program", id="no checkout"),
        pytest.param(
            "psutil", "kafka-mirror stack needs the package psutil", id="without the lab's extra"
        ),
    ],
)
@pytest.mark.parametrize("arguments", [[], ["up", "dev"], ["preview", "--output", "json"]])
def test_a_command_that_is_not_installed_says_what_it_needs(
    missing: str,
    message: str,
    arguments: list[str],
    kafka_mirror: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absent(module: str) -> None:
        del module
        raise ModuleNotFoundError(name=missing)

    entry = sys.modules["kafka_mirror.cli.main"]
    only_here = typer.Typer()
    only_here.command("plan")(absent)
    monkeypatch.setattr(entry, "app", only_here)
    monkeypatch.setattr(entry, "importlib", SimpleNamespace(import_module=absent))

    ended = kafka_mirror("stack", *arguments)

    assert ended.code == 2
    assert ended.stderr.startswith(f"Error: {message}")


def test_no_error_of_the_library_leaves_as_a_bug_does() -> None:
    def kinds(of: type[KafkaMirrorError]) -> list[type[KafkaMirrorError]]:
        return [of, *(kind for one in of.__subclasses__() for kind in kinds(one))]

    ours = [
        kind for kind in kinds(KafkaMirrorError)[1:] if kind.__module__.startswith("kafka_mirror.")
    ]

    assert {kind.exit_code for kind in ours} == {1, 2, 3}


def test_a_reader_that_goes_away_is_told_nothing(project: Path) -> None:
    command = [sys.executable, "-c", "from kafka_mirror.cli import main; main()"]
    with subprocess.Popen(
        [*command, "render", "stg", "--project", str(project)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()

    # Click leaves with 1 at a broken pipe, before main() can see it.
    assert (process.returncode, told) == (1, b"")
