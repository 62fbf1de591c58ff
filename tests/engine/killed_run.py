"""Runs one operation in a process that kills itself at a given write: ``killed_run.py <project> <root> <up|destroy> <moment> <number>``."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import engine
import engine.encryption
from tests.engine.fake_cluster import FakeCluster


def main() -> None:
    project, root, operation, moment, number = sys.argv[1:]
    engine.encryption._ITERATIONS = 1000
    cluster = FakeCluster(Path(root) / "small-cluster.json")
    writes = 0

    def kill(now: str, verb: str, name: str) -> None:
        nonlocal writes
        if now == moment:
            writes += 1
            if writes == int(number):
                os.kill(os.getpid(), signal.SIGKILL)

    cluster.around_write = kill
    getattr(engine, operation)(
        engine.Project.load(project),
        "dev",
        options=engine.Options(
            state_directory=Path(root) / "state", connect=lambda kubeconfig, context: cluster
        ),
    )


if __name__ == "__main__":
    main()
