"""Starts, remembers and ends the processes of a lab.

A process is known by its pid *and* the time the kernel started it, so that a pid that was given to somebody else meanwhile is
never touched. What was started is on disk before anything waits for it: whoever comes after a crash can end it all. A child is
killed by the kernel when the process that started it dies.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path

import psutil

from lab.errors import LabError
from lab.files import write_text
from lab.waiting import wait_until

_CHILD = Path(__file__).with_name("child.py")
_DETACHED = Path(__file__).with_name("detached.py")
_KILL_GRACE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSpec:
    """What to start.

    Attributes:
        name: Unique in the lab; the name of its record and, by convention, of its log.
        argv: The command; never holds a secret.
        cwd: Where it runs.
        env: The whole environment, or None for this process's own.
        log: Takes standard output and error, appended.
        ports: What it listens on, for ``lab status`` and ``lab down``.
    """

    name: str
    argv: tuple[str, ...]
    cwd: Path
    log: Path
    env: Mapping[str, str] | None = None
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRecord:
    """A process as the disk remembers it."""

    name: str
    pid: int
    started: str
    argv0: str
    log: str
    ports: tuple[int, ...] = ()

    @property
    def is_alive(self) -> bool:
        """Tell whether that very process runs; a zombie and a stranger with the same pid do not count."""
        return start_time(self.pid) == self.started

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process's group, if it is still that very process."""
        if not self.is_alive:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A process this Python process has started."""

    record: ProcessRecord
    popen: subprocess.Popen[bytes] = field(repr=False)

    @property
    def name(self) -> str:
        """Return its name in the lab."""
        return self.record.name

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self.record.pid

    @property
    def log(self) -> Path:
        """Return the file that takes its output."""
        return Path(self.record.log)

    def returncode(self) -> int | None:
        """Return what it left with, or None while it runs."""
        return self.popen.poll()


class ProcessTable:
    """The processes of one lab: those on disk, and among them those that this Python process started."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._own: dict[str, RunningProcess] = {}

    def start(self, spec: ProcessSpec) -> RunningProcess:
        """Start a process and record it.

        Raises:
            ValueError: If one of this name runs already.
        """
        if self.is_running(spec.name):
            raise ValueError(f"process {spec.name!r} runs already")
        popen = spawn(spec.argv, cwd=spec.cwd, log=spec.log, env=spec.env)
        record = self._record(spec, popen.pid)
        process = RunningProcess(record, popen)
        self._own[spec.name] = process
        return process

    def start_detached(self, spec: ProcessSpec) -> ProcessRecord:
        """Start a process that outlives this one, and record it."""
        command = [sys.executable, "-I", "-S", str(_DETACHED), str(spec.log), *spec.argv]
        answer = subprocess.run(
            command, cwd=spec.cwd, env=spec.env, check=True, stdout=subprocess.PIPE
        )
        return self._record(spec, int(answer.stdout))

    def stop(self, name: str, *, grace: timedelta = timedelta(seconds=10)) -> None:
        """End a process: SIGTERM, SIGKILL after `grace`, and wait until it is gone. Fine if it is gone already.

        Raises:
            LabError: If it does not end; its record is kept, so that somebody can still end it.
        """
        own = self._own.get(name)
        record = own.record if own else self.find(name)
        if record is not None and not _end(record, own, grace=grace):
            raise LabError(
                f"process {name!r} ({record.pid}) does not end, not even killed; see {record.log}"
            )
        self._own.pop(name, None)
        self._path(name).unlink(missing_ok=True)

    def kill(self, name: str) -> None:
        """End a process at once, and wait until it is gone."""
        self.stop(name, grace=timedelta())

    def find(self, name: str) -> ProcessRecord | None:
        """Return what is recorded under a name, alive or not."""
        return _read(self._path(name))

    def records(self) -> Sequence[ProcessRecord]:
        """Return every record on disk by name, alive or not, whoever started it."""
        found = (_read(path) for path in sorted(self._directory.glob("*.json")))
        return [record for record in found if record is not None]

    def is_running(self, name: str) -> bool:
        """Tell whether the process of that name runs, whoever started it."""
        own = self._own.get(name)
        if own is not None:
            return own.returncode() is None
        record = self.find(name)
        return record is not None and record.is_alive

    def running(self) -> Sequence[RunningProcess]:
        """Return the processes that this Python process started and that still run."""
        return [process for process in self._own.values() if process.returncode() is None]

    def ended(self) -> Sequence[RunningProcess]:
        """Return the processes that this Python process started and that ended without `stop`."""
        return [process for process in self._own.values() if process.returncode() is not None]

    def _record(self, spec: ProcessSpec, pid: int) -> ProcessRecord:
        record = ProcessRecord(
            name=spec.name,
            pid=pid,
            started=start_time(pid) or "",
            argv0=spec.argv[0],
            log=str(spec.log),
            ports=spec.ports,
        )
        write_text(self._path(spec.name), json.dumps(asdict(record)))
        return record

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}.json"


def spawn(
    argv: Sequence[str],
    *,
    cwd: Path,
    log: Path,
    env: Mapping[str, str] | None = None,
    append: bool = True,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own that the kernel kills when this process dies.

    The kernel watches the *thread* that started a child, so every child is started by one thread that lives as long as this
    process.
    """
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    def start() -> subprocess.Popen[bytes]:
        with log.open("ab" if append else "wb") as output:
            return subprocess.Popen(
                [sys.executable, "-I", "-S", str(_CHILD), str(os.getpid()), *argv],
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    return _spawner().submit(start).result()


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a child of this process and everything in its group, and reap it. Fine if it has ended."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def start_time(pid: int) -> str | None:
    """Return when the kernel started a process, as an opaque word, or None if no such process runs."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        if sys.platform != "linux":
            process = psutil.Process(pid)
            return None if process.status() == psutil.STATUS_ZOMBIE else str(process.create_time())
        # The name in parentheses may itself hold spaces and parentheses; state and start time follow the last one.
        fields = stat.read_text().rpartition(")")[2].split()
    except (OSError, psutil.Error):
        return None
    state, started = fields[0], fields[19]
    return None if state in "ZX" else f"{_boot_id()}:{started}"


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _end(record: ProcessRecord, own: RunningProcess | None, *, grace: timedelta) -> bool:
    """Ask a process to end, then make it; tell whether it is gone."""
    record.signal(signal.SIGTERM)
    if wait_until(lambda: _is_gone(record, own), within=grace):
        return True
    record.signal(signal.SIGKILL)
    return wait_until(lambda: _is_gone(record, own), within=_KILL_GRACE)


def _is_gone(record: ProcessRecord, own: RunningProcess | None) -> bool:
    return own.returncode() is not None if own else not record.is_alive


def _read(path: Path) -> ProcessRecord | None:
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return ProcessRecord(**{**content, "ports": tuple(content["ports"])})


_SPAWNERS: list[concurrent.futures.ThreadPoolExecutor] = []


def _spawner() -> concurrent.futures.ThreadPoolExecutor:
    if not _SPAWNERS:
        _SPAWNERS.append(concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="spawner"))
    return _SPAWNERS[0]
