"""Starting and ending the processes the engine runs: the program and the policy packs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Final

_HOST: Final = Path(__file__).with_name("host.py")
_NEVER_HANDED_ON: Final = frozenset({"PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"})
_GRACE_SECONDS: Final = 5.0


class ChildProcess:
    """One process that runs a directory's ``__main__.py``; it ends with this one."""

    def __init__(
        self,
        kind: str,
        directory: Path,
        *,
        environment: Mapping[str, str],
        said: Callable[[str], None],
        complained: Callable[[str], None],
        standard_input: str = "",
    ) -> None:
        """Start it.

        Args:
            kind: What it is: a program or a pack.
            directory: Where its ``__main__.py`` is.
            environment: Of the process.
            said: Is handed each line of its standard output, from another thread.
            complained: Is handed each line of its standard error, from another thread.
            standard_input: What it is to read.
        """
        self._process = _start(kind, directory, _handed_on(environment))
        self._readers = [
            threading.Thread(target=_read, args=(_given(stream), listener), daemon=True)
            for stream, listener in (
                (self._process.stdout, said),
                (self._process.stderr, complained),
            )
        ]
        for reader in self._readers:
            reader.start()
        stdin = _given(self._process.stdin)
        try:
            stdin.write(standard_input)
            stdin.close()
        except BrokenPipeError:
            # It ended at once; its exit code and messages tell why.
            pass

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait until it ends and all it said was handed over.

        Returns:
            Its exit code, or None if it still runs after so many seconds.
        """
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        for reader in self._readers:
            reader.join()
        self._close()
        return code

    def stop(self) -> None:
        """End it now."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(_GRACE_SECONDS)
        for reader in self._readers:
            reader.join(_GRACE_SECONDS)
        self._close()

    def _close(self) -> None:
        for stream in (self._process.stdout, self._process.stderr):
            _given(stream).close()


def _start(kind: str, directory: Path, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", str(_HOST), kind, str(directory), str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        encoding="utf-8",
        errors="replace",
    )


def _handed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a child: no passphrase, and no proxy between it and the engine."""
    kept = {key: value for key, value in environment.items() if key not in _NEVER_HANDED_ON}
    return {**kept, "no_grpc_proxy": "127.0.0.1"}


def _given(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise AssertionError
    return stream


def _read(stream: IO[str], listener: Callable[[str], None]) -> None:
    for line in stream:
        listener(line.rstrip("\n"))
