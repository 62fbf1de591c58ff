"""Runs one operation in a process that kills itself: ``killed_run.py <project> <root> <up|destroy> <moment> <number>``.

The moment is before or after the n-th write to the cluster, or the n-th time that the checkpoint is saved.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import engine
import engine.encryption
import engine.state
from tests.engine.fake_cluster import FakeCluster
from tests.warm_starts import use_warm_starts


def main() -> None:
    project, root, operation, moment, number = sys.argv[1:]
    engine.encryption._ITERATIONS = 1000  # type: ignore[misc]  # final but for tests
    use_warm_starts()
    cluster = FakeCluster(Path(root) / "small-cluster.json")
    writes = 0

    def kill(now: str, verb: str, name: str) -> None:
        nonlocal writes
        if now == moment:
            writes += 1
            if writes == int(number):
                os.kill(os.getpid(), signal.SIGKILL)

    def save(file: Path, content: bytes) -> None:
        kill("save", "", "")
        write(file, content)

    cluster.around_write = kill
    write, engine.state._write_atomically = engine.state._write_atomically, save
    getattr(engine, operation)(
        engine.Project.load(project),
        "dev",
        options=engine.Options(
            state_directory=Path(root) / "state", connect=lambda kubeconfig, context: cluster
        ),
    )


if __name__ == "__main__":
    main()
