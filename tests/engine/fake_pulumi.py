"""A command that stands in for the Pulumi CLI: notes how it is called, logs prepared events, ends as it is told.

Its room is the directory in FAKE_PULUMI: ``calls.jsonl`` is written, ``<command>.json`` says what to do (``events``, ``stderr``,
``stdout``, ``code``, ``resources``, ``waits``).
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from pathlib import Path
from urllib.parse import urlparse


def main() -> int:
    arguments = sys.argv[1:]
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
    _keep(command, options["--stack"], told.get("resources"))
    _log(options.get("--event-log"), told)
    sys.stdout.write(told.get("stdout", ""))
    sys.stderr.write(told.get("stderr", ""))
    return int(told.get("code", 0))


def _keep(command: str, stack: str, resources: object) -> None:
    """Play the backend."""
    backend = Path(urlparse(os.environ["PULUMI_BACKEND_URL"]).path)
    file = backend / ".pulumi" / "stacks" / "small" / f"{stack}.json"
    if command == "stack-rm":
        file.unlink()
    elif command == "stack-init" or resources:
        file.parent.mkdir(parents=True, exist_ok=True)
        latest = {
            "resources": resources,
            "secrets_providers": {"type": "passphrase", "state": {"salt": "v1:c2FsdA==:proof"}},
        }
        file.write_text(json.dumps({"checkpoint": {"latest": latest} if resources else {}}))


def _log(file: str | None, told: dict[str, object]) -> None:
    if file is None:
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    with Path(file).open("w") as log:
        for event in told.get("events", []):  # type: ignore[attr-defined]
            print(json.dumps(event), file=log, flush=True)
        if told.get("waits"):
            signal.sigwait({signal.SIGINT})


if __name__ == "__main__":
    sys.exit(main())
