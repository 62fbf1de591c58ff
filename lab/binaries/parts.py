"""Where kube-apiserver and etcd come from.

In this order: ``KUBEBUILDER_ASSETS`` (taken as it is), PATH (if the version fits), the user cache, the official download
(its checksum verified; skipped when it cannot be reached), a build from the Go module proxy.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.binaries import cache, download
from lab.binaries.go_build import build_apiserver, build_etcd
from lab.binaries.versions import ETCD, KUBERNETES
from lab.errors import LabError
from lab.steps import Steps, Work

ASSETS_VARIABLE = "KUBEBUILDER_ASSETS"
_VERSION = re.compile(r"v?(\d+\.\d+)\.\d+")
_ASK_TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Part:
    """A program of the control plane.

    Attributes:
        name: Of its executable.
        version: The one that is fetched or built.
        build_cost: What a build takes, as told to the user.
        download: Fetches it into a directory; raises ``UnavailableError`` if it cannot be had.
        build: Builds it into a directory, in a scratch directory.
    """

    name: str
    version: str
    build_cost: str
    download: Callable[[Work, Path], Steps]
    build: Callable[[Work, Path, Path], Steps]

    @property
    def entry(self) -> str:
        """Return its name in the cache."""
        return f"{self.name}-{self.version}-{sys.platform}-{platform.machine()}"


@dataclass(frozen=True, slots=True)
class Located:
    """An executable, and in words where it was found."""

    path: Path
    origin: str


APISERVER = Part(
    "kube-apiserver", KUBERNETES, "about 7 min", download.download_apiserver, build_apiserver
)
ETCD_SERVER = Part("etcd", ETCD, "about 40 s", download.download_etcd, build_etcd)


def locate(part: Part) -> Located | None:
    """Return a part that is on this machine already."""
    assets = os.environ.get(ASSETS_VARIABLE)
    if assets and (path := shutil.which(part.name, path=assets)):
        return Located(Path(path), ASSETS_VARIABLE)
    if (path := shutil.which(part.name)) and _release_of(path) == _release(part.version):
        return Located(Path(path), "PATH")
    cached = cache.entry(part.entry) / part.name
    return Located(cached, "cached") if cached.is_file() else None


def executable(part: Part) -> Path:
    """Return the executable of a part that `ensure` has seen to.

    Raises:
        LabError: If it has disappeared since.
    """
    located = locate(part)
    if located is None:
        raise LabError(
            f"{part.name} {part.version} is not on this machine any more; run 'kafka-mirror lab up' again"
        )
    return located.path


def ensure(part: Part) -> Steps:
    """Fetch or build a part unless it is on this machine.

    Raises:
        UsageError: If it has to be built and Go is missing.
        LabError: If the build fails.
    """
    work = Work(f"{part.name} {part.version}")
    located = locate(part)
    if located is not None:
        yield work.done(located.origin)
        return

    def make(into: Path) -> Steps:
        try:
            yield from part.download(work, into)
        except download.UnavailableError as error:
            yield work.progress(f"no download ({error}); building it: {part.build_cost}, once")
        else:
            yield work.progress("downloaded")
            return
        with tempfile.TemporaryDirectory(prefix="kafka-mirror-") as scratch:
            yield from part.build(work, into, Path(scratch))
        yield work.progress("built")

    cost = f"downloading it, or building it with Go: {part.build_cost}, once"
    yield from cache.ensure(part.entry, work, cost=cost, make=make, tool="go")


def _release_of(path: str) -> str | None:
    try:
        answer = subprocess.run(
            [path, "--version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=_ASK_TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return _release(answer.stdout)


def _release(version: str) -> str | None:
    """Return major and minor: patches of one release are interchangeable here."""
    found = _VERSION.search(version)
    return found[1] if found else None
