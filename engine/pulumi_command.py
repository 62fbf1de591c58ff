"""Running the ``pulumi`` command: which one, in which surroundings, and following it to its end."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

from engine.pulumi_events import EventLog
from engine.pulumi_failures import missing_plugin, refusal
from kafka_mirror.errors import UsageError

# Older ones keep the states of a directory in another layout.
_OLDEST: Final = (3, 257)
_INSTALL: Final = (
    "Install the Pulumi CLI, 3.257 or newer (https://www.pulumi.com/docs/install/), or leave --engine away: "
    "the embedded engine needs nothing else."
)
_LEASH: Final = Path(__file__).with_name("leash.py")
_ENVIRONMENT: Final = {
    # --event-log is hidden without it.
    "PULUMI_DEBUG_COMMANDS": "true",
    "PULUMI_PYTHON_CMD": sys.executable,
    "PULUMI_SKIP_UPDATE_CHECK": "true",
}
_LOOK_SECONDS: Final = 0.1
_GRACE_SECONDS: Final = 10.0


class PulumiCommand:
    """The command on one stack of the project in a directory."""

    def __init__(self, directory: Path, stack: str, environment: Mapping[str, str]) -> None:
        """Find it.

        Raises:
            UsageError: If it is not on PATH, or too old.
        """
        self._directory = directory
        self._stack = stack
        self._environment = {**os.environ, **environment, **_ENVIRONMENT}
        executable = shutil.which("pulumi", path=self._environment.get("PATH"))
        if executable is None:
            raise UsageError(f"--engine pulumi needs the command 'pulumi' on PATH. {_INSTALL}")
        self._executable = executable
        self._require_new_enough()

    @property
    def home(self) -> str:
        """Where it keeps its plugins."""
        return self._environment["PULUMI_HOME"]

    def call(self, *arguments: str) -> str:
        """Run a short command and return what it prints.

        Raises:
            UsageError: If it fails; the message says why.
        """
        with self._started(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            printed, said = process.communicate()
        if process.returncode != 0:
            missing = missing_plugin(said, home=self.home)
            raise missing or refusal(said, stack=self._stack)
        return str(printed)

    def follow(
        self, arguments: Sequence[str], log: EventLog, *, cancelled: threading.Event
    ) -> tuple[int, str]:
        """Run an operation and hand its events on; returns its exit code and its complaints.

        An interruption, or `cancelled`, asks it once to end in good order: steps that have begun are recorded. A second
        interruption ends it at once. Whatever way it ends, it leaves no process behind.
        """
        events, complaints = self._directory / "events.jsonl", self._directory / "stderr.txt"
        # It may be that of the command before; this one empties it only when it comes to it.
        events.write_text("")
        with (
            events.open(encoding="utf-8") as lines,
            complaints.open("w+", encoding="utf-8") as said,
            self._started(
                [*arguments, "--event-log", str(events)], stdout=subprocess.DEVNULL, stderr=said
            ) as process,
        ):
            try:
                _follow(process, lines, log, cancelled)
            except KeyboardInterrupt:
                _stop(process, lines, log)
                raise
            finally:
                _end_session(process.pid)
            said.seek(0)
            return process.returncode, said.read()

    def _require_new_enough(self) -> None:
        shown = subprocess.run(
            [self._executable, "version"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            umask=0o077,
            check=False,
        ).stdout.strip()
        found = re.match(r"v?(\d+)\.(\d+)\.", shown)
        # One that was built from source may not know its version.
        if found and (int(found[1]), int(found[2])) < _OLDEST:
            raise UsageError(f"{self._executable} is version {shown.removeprefix('v')}. {_INSTALL}")

    def _started(self, arguments: Sequence[str], **streams: Any) -> subprocess.Popen[str]:
        where = ["--stack", self._stack, "--cwd", str(self._directory)]
        leash = [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid())]
        return subprocess.Popen(
            [*leash, self._executable, *arguments, *where, "--non-interactive", "--color", "never"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            text=True,
            umask=0o077,
            # Ctrl-C reaches it through this process alone, which also finds all of its children by the session.
            start_new_session=True,
            **streams,
        )


def _follow(
    process: subprocess.Popen[str], lines: TextIO, log: EventLog, cancelled: threading.Event
) -> None:
    is_over = was_asked = False
    while not is_over:
        try:
            process.wait(_LOOK_SECONDS)
            is_over = True
        except subprocess.TimeoutExpired:
            if cancelled.is_set() and not was_asked:
                process.send_signal(signal.SIGINT)
                was_asked = True
        log.feed(lines.read())


def _stop(process: subprocess.Popen[str], lines: TextIO, log: EventLog) -> None:
    """Let it end in good order; asked once more, at once."""
    process.send_signal(signal.SIGINT)
    try:
        _follow(process, lines, log, threading.Event())
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_GRACE_SECONDS)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.kill()


def _end_session(leader: int) -> None:
    """End what is left of the session of a process: plugins of a command that was killed live on for minutes."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(entry.name)) == leader:
                os.kill(int(entry.name), signal.SIGKILL)
        except OSError:
            # It has ended meanwhile, or is somebody else's.
            continue
