"""Runs the small program on a disk that fills up: ``full_disk_run.py <project> <root>``, in a mount namespace of its own.

Prints one JSON object per amount of free space: what was told, and what is left. ``77`` if no disk can be mounted here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import engine
import engine.encryption
from engine.encryption import PassphraseCrypter
from engine.state import StateDirectory, StateFile
from kafka_mirror.errors import KafkaMirrorError
from tests.engine.conftest import PASSPHRASE
from tests.engine.fake_cluster import FakeCluster
from tests.warm_starts import use_warm_starts

CANNOT_MOUNT = 77
_PAGE = 4096
_DISK_BYTES = 128 * 1024


def main() -> int:
    """Walk from a full disk to one that has room for all but the last checkpoint."""
    project, root = engine.Project.load(sys.argv[1]), Path(sys.argv[2])
    engine.encryption._ITERATIONS = 1000  # type: ignore[misc]  # final but for tests
    use_warm_starts()
    disk = root / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "none", str(disk)]
    if subprocess.run(mount, check=False, stderr=subprocess.DEVNULL).returncode != 0:
        return CANNOT_MOUNT
    for free_pages in (0, 1, 2, 4, 9):
        sys.stdout.write(json.dumps(_run(project, root, disk, free_pages)) + "\n")
    return 0


def _run(project: engine.Project, root: Path, disk: Path, free_pages: int) -> dict[str, Any]:
    state = disk / f"state-{free_pages}"
    cluster = FakeCluster(root / f"cluster-{free_pages}.json")
    options = engine.Options(state_directory=state, connect=lambda kubeconfig, context: cluster)
    ballast = disk / "ballast"
    with ballast.open("wb") as blocks:
        status = os.statvfs(disk)
        blocks.write(bytes(_PAGE * max(0, status.f_bavail - free_pages)))
    told = _told(lambda: engine.up(project, "dev", options=options))
    file = StateDirectory(state).stack("small", "dev")
    files = sorted(path.name for path in file.file.parent.glob("*")) if state.exists() else []
    unknown = sorted(cluster.objects.keys() - _known(file))
    ballast.unlink()
    again = _told(lambda: engine.up(project, "dev", options=options))
    then = engine.preview(project, "dev", options=options)
    shutil.rmtree(state)
    return {
        "freePages": free_pages,
        "told": told,
        "files": files,
        "unknown": unknown,
        "again": again,
        "unchanged": [step.urn for step in then.changed],
        "objects": sorted(cluster.objects),
        "directory": str(file.file.parent),
    }


def _known(file: StateFile) -> set[str]:
    """Return the objects that state and journal know of, those that were only begun too."""
    if not file.exists:
        return set()
    crypter = PassphraseCrypter(PASSPHRASE, file.read_salt(), stack="dev")
    deployment = file.load(crypter)
    resources = [*deployment.resources, *(item.resource for item in deployment.pending)]
    return {
        f"{one.inputs['kind']} {_place(one.inputs['metadata'])}"
        for one in resources
        if one.type.startswith("kubernetes:")
    }


def _place(metadata: dict[str, str]) -> str:
    return "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))


def _told(run: Callable[[], object]) -> str:
    try:
        run()
    except KafkaMirrorError as error:
        return f"{error.exit_code}: {error}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
