"""Downloads kube-apiserver and etcd from where their projects publish them, and verifies the published checksum.

Only Linux: the projects publish no kube-apiserver for other systems.
"""

from __future__ import annotations

import hashlib
import http.client
import platform
import re
import sys
import tarfile
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

from lab.binaries.versions import ETCD, KUBERNETES
from lab.steps import Steps, Work

KUBERNETES_RELEASES = "https://dl.k8s.io/release"
ETCD_RELEASES = "https://github.com/etcd-io/etcd/releases/download"
# A machine without a way out must not wait long before it builds instead.
_TIMEOUT = timedelta(seconds=5)
_CHUNK_BYTES = 1 << 20
_MEGABYTE = 1 << 20
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


class UnavailableError(Exception):
    """The official download cannot be used here; the reason in a few words."""


def download_apiserver(work: Work, into: Path, *, releases: str = KUBERNETES_RELEASES) -> Steps:
    """Download kube-apiserver into a directory.

    Raises:
        UnavailableError: If it cannot be reached, is not published for this machine, or its checksum differs.
    """
    url = f"{releases}/v{KUBERNETES}/bin/linux/{_architecture()}/kube-apiserver"
    checksum = _read(f"{url}.sha256").strip()
    target = into / "kube-apiserver"
    yield from _download(url, target, checksum, work)
    target.chmod(0o700)


def download_etcd(work: Work, into: Path, *, releases: str = ETCD_RELEASES) -> Steps:
    """Download etcd into a directory; raises as `download_apiserver`."""
    archive = f"etcd-v{ETCD}-linux-{_architecture()}.tar.gz"
    release = f"{releases}/v{ETCD}"
    lines = [line.split() for line in _read(f"{release}/SHA256SUMS").splitlines()]
    sums = {line[-1]: line[0] for line in lines if line}
    packed = into / archive
    yield from _download(f"{release}/{archive}", packed, sums.get(archive, ""), work)
    member = f"{archive.removesuffix('.tar.gz')}/etcd"
    with tarfile.open(packed) as content:
        source = content.extractfile(member)
        if source is None:
            raise UnavailableError(f"{archive} holds no {member}")
        (into / "etcd").write_bytes(source.read())
    (into / "etcd").chmod(0o700)
    packed.unlink()


def _architecture() -> str:
    found = _ARCHITECTURES.get(platform.machine())
    if sys.platform != "linux" or found is None:
        raise UnavailableError(f"none is published for {sys.platform} on {platform.machine()}")
    return found


def _download(url: str, target: Path, checksum: str, work: Work) -> Steps:
    if not _SHA256.match(checksum):
        raise UnavailableError(f"no checksum is published for {url}")
    digest = hashlib.sha256()
    try:
        with _open(url) as answer, target.open("wb") as output:
            while chunk := answer.read(_CHUNK_BYTES):
                output.write(chunk)
                digest.update(chunk)
                yield work.progress(f"{output.tell() // _MEGABYTE} MB")
    except (OSError, http.client.HTTPException) as error:
        target.unlink(missing_ok=True)
        raise UnavailableError(_reason(error)) from error
    if digest.hexdigest() != checksum:
        target.unlink()
        raise UnavailableError(
            f"the checksum of {url} is {digest.hexdigest()}, published is {checksum}"
        )


def _read(url: str) -> str:
    try:
        with _open(url) as answer:
            content: bytes = answer.read(_CHUNK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise UnavailableError(_reason(error)) from error
    return content.decode("ascii", "replace")


def _open(url: str) -> http.client.HTTPResponse:
    answer: http.client.HTTPResponse = urllib.request.urlopen(  # noqa: S310 - a constant https address
        url, timeout=_TIMEOUT.total_seconds()
    )
    return answer


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"HTTP {error.code}"
    return str(getattr(error, "reason", None) or error)
