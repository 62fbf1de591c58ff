"""A command that stands in for the Pulumi CLI: notes how it is called, logs prepared events, ends as it is told.

Its room is the directory in FAKE_PULUMI: ``calls.jsonl`` is written, ``<command>.json`` says what to do (``events``, ``stderr``,
``stdout``, ``code``, ``resources``, ``pending``, ``waits`` for so many interruptions, ``dies`` and leaves a child behind).
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlparse


def main() -> int:
    arguments = sys.argv[1:]
    if arguments == ["version"]:
        sys.stdout.write(os.environ.get("FAKE_PULUMI_VERSION", "v3.259.0"))
        return 0
    count = 2 if arguments[0] == "stack" else 1
    command = "-".join(arguments[:count])
    options = dict(itertools.pairwise(arguments))
    room, directory = Path(os.environ["FAKE_PULUMI"]), Path(options["--cwd"])
    call = {
        "command": command,
        "arguments": arguments[count:],
        "environment": {k: v for k, v in os.environ.items() if k.startswith("PULUMI_")},
        "files": {file.name: file.read_text() for file in directory.glob("[Pp]*")},
    }
    with (room / "calls.jsonl").open("a") as calls:
        print(json.dumps(call), file=calls)
    plan = room / f"{command}.json"
    told = json.loads(plan.read_text()) if plan.exists() else {}
    _keep(command, options, told)
    _log(options.get("--event-log"), told)
    sys.stdout.write(told.get("stdout", ""))
    sys.stderr.write(told.get("stderr", ""))
    return int(told.get("code", 0))


def _keep(command: str, options: dict[str, str], told: dict[str, Any]) -> None:
    """Play the backend."""
    backend = Path(urlparse(os.environ["PULUMI_BACKEND_URL"]).path)
    file = backend / ".pulumi" / "stacks" / "small" / f"{options['--stack']}.json"
    resources, pending = told.get("resources"), told.get("pending")
    if command == "stack-rm":
        file.unlink()
    elif command == "stack-import":
        imported = json.loads(Path(options["--file"]).read_text())
        file.write_text(json.dumps({"checkpoint": {"latest": imported["deployment"]}}))
    elif command == "stack-init" or resources or pending:
        file.parent.mkdir(parents=True, exist_ok=True)
        latest = {
            "resources": resources,
            "pending_operations": pending,
            "secrets_providers": {"type": "passphrase", "state": {"salt": "v1:c2FsdA==:proof"}},
        }
        kept = {"latest": latest} if resources or pending else {}
        file.write_text(json.dumps({"checkpoint": kept}))


def _log(file: str | None, told: dict[str, Any]) -> None:
    if file is None:
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    with Path(file).open("w") as log:
        for event in told.get("events", []):
            print(json.dumps(event), file=log, flush=True)
        for _ in range(int(told.get("waits", 0))):
            signal.sigwait({signal.SIGINT})
        if told.get("dies"):
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            Path(os.environ["FAKE_PULUMI"], "child").write_text(str(child.pid))
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
