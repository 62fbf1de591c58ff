"""Starts the Java processes that stand for Pods, and keeps them running from the files they were started from.

What a process reads is written into its own private directory first: ``kafka.properties``, ``log4j2.properties`` and, under
``secrets``, one file per key of each Secret it names. That directory of secrets is its working directory, so that the placeholders
of the real operators resolve as they are. Beside them stands how it is started. So a process that ends is started again as it was,
as a kubelet would, whatever its resource says meanwhile, and after a crash of the operator so are all of them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path

from lab.directory import LabDirectory
from lab.files import private_directory, write_text
from lab.operator import journal
from lab.operator.jvm import Jvm, logging_properties
from lab.operator.work_queue import Key
from lab.processes import ProcessSpec, ProcessTable

PROPERTIES, LOGGING, SECRETS, START = (
    "kafka.properties",
    "log4j2.properties",
    "secrets",
    "start.json",
)
_GRACE = timedelta(seconds=15)
_BACK_OFF_SECONDS = (0.0, 1.0, 2.0, 5.0, 10.0)
_STABLE_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How a process is started once its files are written; kept beside them, so nothing secret is in it.

    Attributes:
        owner: The object it is run for.
        name: Of the process in the lab.
        directory: Its own directory.
        main: Its main class, which takes the properties file as its argument.
        heap: The JVM's heap flags.
        environment: Of the process, beside the least a JVM needs.
        ports: What it listens on.
        fingerprint: A digest of all that it reads.
    """

    owner: Key
    name: str
    directory: str
    main: str
    heap: tuple[str, ...]
    environment: Mapping[str, str]
    ports: tuple[int, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """One Java process to keep running; see `Start` for what is not said here.

    Attributes:
        properties: The text of its properties file.
        secrets: Its secrets, ``{"<namespace>/<secret>": {key: value}}``.
    """

    owner: Key
    name: str
    directory: Path
    main: str
    properties: str
    secrets: Mapping[str, Mapping[str, str]] = field(repr=False)
    heap: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()

    @property
    def start(self) -> Start:
        """Return how the process is started."""
        return Start(
            owner=self.owner,
            name=self.name,
            directory=str(self.directory),
            main=self.main,
            heap=self.heap,
            environment=dict(self.environment),
            ports=self.ports,
            fingerprint=self._fingerprint(),
        )

    def _fingerprint(self) -> str:
        content = [self.main, self.properties, self.heap, {**self.environment}]
        secrets = {name: {**keys} for name, keys in self.secrets.items()}
        return hashlib.sha256(json.dumps([content, secrets], sort_keys=True).encode()).hexdigest()


@dataclass(slots=True)
class _Run:
    start: Start
    began: float
    failures: int


class Launcher:
    """The Java processes of one lab; safe to use from several threads."""

    def __init__(
        self, lab: LabDirectory, jvm: Jvm, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._lab = lab
        self._jvm = jvm
        self._clock = clock
        self._table = ProcessTable(lab.processes)
        self._runs: dict[str, _Run] = {}
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def is_running(self, name: str) -> bool:
        """Tell whether a process runs."""
        return self._table.is_running(name)

    def is_current(self, launch: Launch) -> bool:
        """Tell whether the process that runs, or ran last, was started from exactly this."""
        run = self._runs.get(launch.name)
        return run is not None and run.start == launch.start

    def ensure(self, launch: Launch) -> bool:
        """Start a process unless it runs, whatever it was started from; return whether one was started."""
        with self._locks[launch.name]:
            run = self._runs.get(launch.name)
            if run is not None and run.start == launch.start:
                return self._revive(run)
            if self._table.is_running(launch.name):
                return False
            self._start_anew(launch)
            return True

    def restart(self, launch: Launch) -> None:
        """End a process if it runs, and start it from what it is to read now."""
        with self._locks[launch.name]:
            self._table.stop(launch.name, grace=_GRACE)
            self._start_anew(launch)

    def stop(self, name: str, *, at_once: bool = False) -> None:
        """End a process for good; fine if it does not run.

        Args:
            name: Of the process.
            at_once: Without giving it time, for one whose data goes with it.
        """
        with self._locks[name]:
            run = self._runs.pop(name, None)
            if run is not None:
                Path(run.start.directory, START).unlink(missing_ok=True)
            self._table.stop(name, grace=timedelta() if at_once else _GRACE)

    def resume(self) -> None:
        """Start every process that an earlier operator of this lab kept running."""
        for file in sorted((self._lab.root / "sites").glob(f"*/*/*/*/*/{START}")):
            start = _read_start(file)
            with self._locks[start.name]:
                self._spawn(start, failures=0)

    def revive_ended(self) -> frozenset[Key]:
        """Start again what has ended by itself, less and less often; return the objects it is run for."""
        revived = set()
        for name, run in tuple(self._runs.items()):
            with self._locks[name]:
                if self._runs.get(name) is run and self._revive(run):
                    revived.add(run.start.owner)
        return frozenset(revived)

    def names_of(self, owner: Key) -> tuple[str, ...]:
        """Return the processes that are to run for an object."""
        return tuple(name for name, run in tuple(self._runs.items()) if run.start.owner == owner)

    def close(self) -> None:
        """End every process at once: they are started again on the same data by the next operator."""
        names = tuple(self._runs)
        self._runs.clear()
        for name in names:
            self._table.kill(name)

    def _start_anew(self, launch: Launch) -> None:
        write_files(launch, self._lab.log(launch.name))
        self._spawn(launch.start, failures=0)

    def _revive(self, run: _Run) -> bool:
        """Start a process again as it was, unless it runs or failed too short a time ago."""
        if self._table.is_running(run.start.name):
            return False
        lasted = self._clock() - run.began
        failures = 0 if lasted > _STABLE_SECONDS else run.failures + 1
        if lasted < _BACK_OFF_SECONDS[min(failures, len(_BACK_OFF_SECONDS) - 1)]:
            return False
        journal.warn("started again", process=run.start.name, failures=failures)
        self._spawn(run.start, failures=failures)
        return True

    def _spawn(self, start: Start, *, failures: int) -> None:
        self._table.stop(start.name, grace=timedelta())
        directory = Path(start.directory)
        self._table.start(
            ProcessSpec(
                name=start.name,
                argv=self._jvm.command(
                    start.main,
                    str(directory / PROPERTIES),
                    heap=start.heap,
                    logging=directory / LOGGING,
                ),
                cwd=directory / SECRETS,
                log=self._lab.log(f"{start.name}.out"),
                env={**minimal_environment(), **start.environment},
                ports=start.ports,
            )
        )
        self._runs[start.name] = _Run(start, self._clock(), failures)


def minimal_environment() -> dict[str, str]:
    """Return the environment of a Java process: nothing of the user's own, which may hold secrets."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}


def write_files(launch: Launch, log: Path) -> None:
    """Write what a process reads; how it is started goes last, so that it stands for complete files."""
    start = launch.directory / START
    start.unlink(missing_ok=True)
    for directory in (launch.directory, launch.directory / "plugins"):
        private_directory(directory)
    _write_secrets(private_directory(launch.directory / SECRETS), launch.secrets)
    write_text(launch.directory / PROPERTIES, launch.properties)
    write_text(launch.directory / LOGGING, logging_properties(log))
    write_text(start, json.dumps(asdict(launch.start)))


def remove_directory(directory: Path) -> None:
    """Delete a directory of processes with all their data, what marks it as one last; fine if it is gone."""
    for path in sorted(directory.glob("*"), key=lambda path: path.is_file()):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    shutil.rmtree(directory, ignore_errors=True)


def _write_secrets(directory: Path, secrets: Mapping[str, Mapping[str, str]]) -> None:
    wanted = dict(_secret_files(directory, secrets))
    for path, value in wanted.items():
        for parent in reversed(path.relative_to(directory).parents[:-1]):
            private_directory(directory / parent)
        if not path.exists() or path.read_text() != value:
            write_text(path, value)
    for path in directory.rglob("*"):
        if path.is_file() and path not in wanted:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()


def _secret_files(
    directory: Path, secrets: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[Path, str]]:
    for name, keys in secrets.items():
        for key, value in keys.items():
            yield directory / name / key, value


def _read_start(file: Path) -> Start:
    content = json.loads(file.read_text())
    return Start(
        **{
            **content,
            "owner": Key(**content["owner"]),
            "heap": tuple(content["heap"]),
            "ports": tuple(content["ports"]),
        }
    )
