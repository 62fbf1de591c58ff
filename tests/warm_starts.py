"""Starts of programs, packs and runs that cost no import: forked from a process that has imported what they need.

Most tests of the engine are about what a program asks for, not about how it starts, and a start costs ten times what the
rest does. What is forked runs the same script with the same arguments, environment and pipes, and dies with whoever started
it. Tests about starting and ending ask for `cold_starts`; those on real clusters know nothing of this.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Final

import pytest

import engine.child_process
from tests import warm_host

_start = engine.child_process._start
_ADDRESS: Final = "KAFKA_MIRROR_TESTS_WARM_HOST"
# All that a program or a pack of the tests imports, and all that a run of the engine does.
_IMPORTED: Final = (
    *("components", "pulumi_kubernetes.core.v1", "pulumi_policy", "mirror_policies"),
    *("engine", "kafka_mirror.cli", "tests.engine.fake_cluster"),
)
_START_SECONDS: Final = 120.0
_RUN_SECONDS: Final = 60.0


class WarmProcess:
    """What `subprocess.Popen` is, of a process that was forked elsewhere."""

    def __init__(
        self,
        arguments: Sequence[str | None],
        environment: Mapping[str, str],
        *,
        host: str,
        streams: Sequence[int],
    ) -> None:
        """Start a script.

        Args:
            arguments: The script and what it is given; None stands for the id of its parent.
            environment: Of the process.
            host: Where the process listens that is forked.
            streams: Its standard input, output and error.
        """
        self.returncode: int | None = None
        told = {"arguments": arguments, "environment": environment, "directory": str(Path.cwd())}
        payload = json.dumps(told).encode()
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.settimeout(_START_SECONDS)
        self._connection.connect(f"\0{host}")
        header = len(payload).to_bytes(warm_host.HEADER_BYTES, "big")
        socket.send_fds(self._connection, [header], streams)
        self._connection.sendall(payload)
        self.pid = self._told()

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code once it has ended."""
        if self.returncode is None:
            self._connection.settimeout(timeout)
            try:
                self.returncode = self._told()
            except (TimeoutError, BlockingIOError) as error:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0) from error
            self._connection.close()
        return self.returncode

    def kill(self) -> None:
        """End it."""
        if self.returncode is None:
            self._connection.sendall(warm_host.STOP)

    def _told(self) -> int:
        told = self._connection.recv(warm_host.HEADER_BYTES)
        assert told, "the process that is forked for each start has ended"
        return int.from_bytes(told, "big", signed=True)


class _PipedProcess(WarmProcess):
    """One that is written to and read from."""

    def __init__(
        self, arguments: Sequence[str | None], environment: Mapping[str, str], *, host: str
    ) -> None:
        (their_in, our_in), (our_out, their_out), (our_error, their_error) = (
            os.pipe() for _ in range(3)
        )
        self.stdin = _text(our_in, "w")
        self.stdout = _text(our_out, "r")
        self.stderr = _text(our_error, "r")
        streams = (their_in, their_out, their_error)
        super().__init__(arguments, environment, host=host, streams=streams)
        for descriptor in streams:
            os.close(descriptor)


def _text(descriptor: int, mode: str) -> IO[str]:
    return os.fdopen(descriptor, mode, encoding="utf-8", errors="replace")


def use_warm_starts() -> None:
    """Let the engine of this process start all it starts from the warm one, if there is one."""
    host = os.environ.get(_ADDRESS)
    if host is None:
        return

    def start(kind: str, directory: Path, environment: Mapping[str, str]) -> Any:
        script = str(engine.child_process._HOST)
        return _PipedProcess([script, kind, str(directory), None], environment, host=host)

    engine.child_process._start = start


def use_cold_starts() -> None:
    """Let the engine start what it starts as it does for users."""
    engine.child_process._start = _start


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a script to its end and return its exit code."""
    host = os.environ.get(_ADDRESS)
    if host is None:
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=environment, check=False).returncode
    with Path(os.devnull).open() as nothing:
        streams = (nothing.fileno(), 1, 2)
        return WarmProcess(arguments, environment, host=host, streams=streams).wait(_RUN_SECONDS)


@contextmanager
def warm_host_running() -> Iterator[None]:
    """Start the process that is forked, and let the engine use it."""
    if sys.platform != "linux":
        # No abstract socket, no descriptor of a process: everything starts by itself.
        yield
        return
    name = f"kafka-mirror-tests-{os.getpid()}"
    with ExitStack() as cleanup:
        listener = cleanup.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(f"\0{name}")
        listener.listen()
        process = subprocess.Popen(
            [sys.executable, "-u", warm_host.__file__, str(listener.fileno()), *_IMPORTED],
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
        )
        assert process.stdin is not None
        cleanup.callback(process.stdin.close)
        assert process.wait(_START_SECONDS) == 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(_ADDRESS, name)
            use_warm_starts()
            yield
            use_cold_starts()
