"""Starts the Java processes that stand for Pods, and starts them again when they end or when what they read has changed.

What a process reads is written into its own private directory first: ``<main>.properties``, ``log4j2.properties`` and, under
``secrets``, one file per key of each Secret it names. That directory of secrets is its working directory, so that the
placeholders of the real operators resolve as they are.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from lab.directory import LabDirectory
from lab.files import private_directory, write_text
from lab.operator.jvm import Jvm, archive_path, logging_properties
from lab.operator.work_queue import Key
from lab.processes import ProcessSpec, ProcessTable

_GRACE = timedelta(seconds=15)
_ARCHIVE_GRACE = timedelta(seconds=4)
_BACK_OFF_SECONDS = (0.0, 1.0, 2.0, 5.0, 10.0)
_STABLE_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """One Java process to keep running.

    Attributes:
        owner: The object it is run for.
        name: Of the process in the lab.
        directory: Its own directory.
        main: Its main class, which takes the properties file as its argument.
        properties: That file's text.
        secrets: Its secrets, ``{"<namespace>/<secret>": {key: value}}``.
        heap: The JVM's heap flags.
        archive: Name of the archive of loaded classes it shares with its kind.
        environment: Added to the operator's own.
        ports: What it listens on.
    """

    owner: Key
    name: str
    directory: Path
    main: str
    properties: str
    secrets: Mapping[str, Mapping[str, str]] = field(repr=False)
    heap: tuple[str, ...]
    archive: str
    environment: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Return a digest of all it reads; another one means it has to be started anew."""
        content = [self.main, self.properties, self.heap, {**self.environment}]
        secrets = {name: {**keys} for name, keys in self.secrets.items()}
        return hashlib.sha256(json.dumps([content, secrets], sort_keys=True).encode()).hexdigest()


@dataclass(slots=True)
class _Run:
    owner: Key
    archive: str
    fingerprint: str
    started: float
    failures: int


class Launcher:
    """The Java processes of one lab; safe to use from several threads, one thread per process name."""

    def __init__(
        self,
        lab: LabDirectory,
        jvm: Jvm,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lab = lab
        self._jvm = jvm
        self._clock = clock
        self._table = ProcessTable(lab.processes)
        self._runs: dict[str, _Run] = {}
        self._lock = threading.Lock()

    def is_running(self, name: str) -> bool:
        """Tell whether a process runs."""
        return self._table.is_running(name)

    def is_current(self, launch: Launch) -> bool:
        """Tell whether the process that runs, or ran last, was started from exactly this."""
        run = self._runs.get(launch.name)
        return run is not None and run.fingerprint == launch.fingerprint

    def ensure(self, launch: Launch) -> bool:
        """Start a process unless it runs, whatever it was started from; return whether one was started.

        One that keeps failing is started less and less often, as a kubelet does.
        """
        if self._table.is_running(launch.name):
            return False
        previous = self._runs.get(launch.name)
        failures = 0
        if previous is not None:
            lasted = self._clock() - previous.started
            failures = 0 if lasted > _STABLE_SECONDS else previous.failures + 1
            wait = _BACK_OFF_SECONDS[min(failures, len(_BACK_OFF_SECONDS) - 1)]
            if previous.fingerprint == launch.fingerprint and lasted < wait:
                return False
        self._start(launch, failures=failures)
        return True

    def restart(self, launch: Launch) -> None:
        """End a process if it runs, and start it from what it is to read now."""
        self._table.stop(launch.name, grace=_GRACE)
        self._start(launch, failures=0)

    def stop(self, name: str) -> None:
        """End a process; fine if it does not run."""
        self._table.stop(name, grace=_GRACE)
        with self._lock:
            self._runs.pop(name, None)

    def kill(self, name: str) -> None:
        """End a process whose data goes with it; fine if it does not run."""
        self._table.kill(name)
        with self._lock:
            self._runs.pop(name, None)

    def names_of(self, owner: Key) -> tuple[str, ...]:
        """Return the processes that are to run for an object."""
        with self._lock:
            return tuple(name for name, run in self._runs.items() if run.owner == owner)

    def owners_of_ended(self) -> frozenset[Key]:
        """Return the objects whose processes are to run and do not."""
        with self._lock:
            runs = dict(self._runs)
        return frozenset(
            run.owner for name, run in runs.items() if not self._table.is_running(name)
        )

    def close(self) -> None:
        """End every process at once: they are started again on the same data by the next operator.

        But where the archive of loaded classes of a kind is still missing, one process of that kind ends in an orderly way
        first: that is when the JVM writes it, and it saves every later start a third.
        """
        with self._lock:
            runs = dict(self._runs)
        makers = {
            run.archive: name
            for name, run in runs.items()
            if not archive_path(run.archive).exists()
        }
        for name in makers.values():
            self._table.stop(name, grace=_ARCHIVE_GRACE)
        for name in runs:
            self._table.kill(name)

    def output(self, name: str) -> Path:
        """Return the file that takes what a process writes to its standard output."""
        return self._lab.log(f"{name}.out")

    def _start(self, launch: Launch, *, failures: int) -> None:
        properties, logging = write_files(launch, self._lab.log(launch.name))
        self._table.stop(launch.name, grace=timedelta())
        self._table.start(
            ProcessSpec(
                name=launch.name,
                argv=self._jvm.command(
                    launch.main,
                    str(properties),
                    heap=launch.heap,
                    logging=logging,
                    archive=launch.archive,
                ),
                cwd=launch.directory / "secrets",
                log=self.output(launch.name),
                env={**minimal_environment(), **launch.environment},
                ports=launch.ports,
            )
        )
        with self._lock:
            self._runs[launch.name] = _Run(
                launch.owner, launch.archive, launch.fingerprint, self._clock(), failures
            )


def minimal_environment() -> dict[str, str]:
    """Return the environment of a Java process: nothing of the user's own, which may hold secrets."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}


def write_files(launch: Launch, log: Path) -> tuple[Path, Path]:
    """Write what a process reads and return its properties and its logging file."""
    private_directory(launch.directory)
    secrets = private_directory(launch.directory / "secrets")
    wanted = {
        secrets / name / key: value
        for name, keys in launch.secrets.items()
        for key, value in keys.items()
    }
    for path, value in wanted.items():
        for parent in reversed(path.relative_to(secrets).parents[:-1]):
            private_directory(secrets / parent)
        if not path.exists() or path.read_text() != value:
            write_text(path, value)
    for path in secrets.rglob("*"):
        if path.is_file() and path not in wanted:
            path.unlink()
    private_directory(launch.directory / "plugins")
    properties = launch.directory / "kafka.properties"
    logging = launch.directory / "log4j2.properties"
    write_text(properties, launch.properties)
    write_text(logging, logging_properties(log))
    return properties, logging


def remove_directory(directory: Path) -> None:
    """Delete a process's directory with all its data; fine if it is gone."""
    shutil.rmtree(directory, ignore_errors=True)
