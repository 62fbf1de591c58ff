from __future__ import annotations

import hashlib
import http.server
import io
import platform
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.binaries.download import UnavailableError, download_apiserver, download_etcd
from lab.binaries.versions import ETCD, KUBERNETES
from lab.steps import Work

PROGRAM = b"#!/bin/sh\n"
APISERVER = f"/v{KUBERNETES}/bin/linux/amd64/kube-apiserver"
ARCHIVE = f"etcd-v{ETCD}-linux-amd64.tar.gz"


class Releases(http.server.BaseHTTPRequestHandler):
    """Serves what the test puts into ``files``."""

    files: dict[str, bytes]

    def do_GET(self) -> None:
        content = self.files.get(self.path)
        self.send_response(404 if content is None else 200)
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def releases(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, dict[str, bytes]]]:
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")
    files: dict[str, bytes] = {}
    handler = type("Handler", (Releases,), {"files": files})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", files
        server.shutdown()
        thread.join()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def packed(name: str) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(PROGRAM)
        archive.addfile(member, io.BytesIO(PROGRAM))
    return output.getvalue()


def test_a_download_with_the_published_checksum_is_kept(releases, tmp_path):
    url, files = releases
    files |= {APISERVER: PROGRAM, f"{APISERVER}.sha256": f"{sha256(PROGRAM)}\n".encode()}
    list(download_apiserver(Work("x"), tmp_path, releases=url))
    assert (tmp_path / "kube-apiserver").read_bytes() == PROGRAM
    assert (tmp_path / "kube-apiserver").stat().st_mode & 0o777 == 0o700


def test_a_download_with_another_checksum_is_thrown_away(releases, tmp_path):
    url, files = releases
    files |= {APISERVER: b"something else", f"{APISERVER}.sha256": sha256(PROGRAM).encode()}
    with pytest.raises(
        UnavailableError, match=f"the checksum of .* published is {sha256(PROGRAM)}"
    ):
        list(download_apiserver(Work("x"), tmp_path, releases=url))
    assert not list(tmp_path.iterdir())


def test_etcd_is_taken_out_of_its_archive(releases, tmp_path):
    url, files = releases
    content = packed(f"etcd-v{ETCD}-linux-amd64/etcd")
    sums = f"{'0' * 64}  another.tar.gz\n{sha256(content)}  {ARCHIVE}\n"
    files |= {f"/v{ETCD}/{ARCHIVE}": content, f"/v{ETCD}/SHA256SUMS": sums.encode()}
    list(download_etcd(Work("x"), tmp_path, releases=url))
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("etcd", PROGRAM)]


@pytest.mark.parametrize(
    ("fetch", "answers", "reason"),
    [
        pytest.param(download_apiserver, {}, "HTTP 404", id="not published"),
        pytest.param(
            download_apiserver,
            {f"{APISERVER}.sha256": b"<html>log in</html>"},
            "no checksum is published for",
            id="a portal instead of a checksum",
        ),
        pytest.param(
            download_apiserver,
            {f"{APISERVER}.sha256": b""},
            "no checksum is published for",
            id="empty",
        ),
        pytest.param(
            download_etcd,
            {f"/v{ETCD}/SHA256SUMS": b"\n"},
            "no checksum is published for",
            id="not in the list",
        ),
    ],
)
def test_what_cannot_be_had_is_told_in_a_few_words(releases, tmp_path, fetch, answers, reason):
    url, files = releases
    files |= answers
    with pytest.raises(UnavailableError, match=reason):
        list(fetch(Work("x"), tmp_path, releases=url))


def test_no_server_at_all_is_unavailable(tmp_path, monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    with pytest.raises(UnavailableError, match="refused"):
        list(download_apiserver(Work("x"), Path(tmp_path), releases="http://127.0.0.1:9"))


def test_a_machine_for_which_nothing_is_published_asks_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(UnavailableError, match="none is published for linux on riscv64"):
        list(download_apiserver(Work("x"), tmp_path, releases="http://127.0.0.1:9"))
