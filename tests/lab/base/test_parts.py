from __future__ import annotations

from pathlib import Path

import pytest

from kafka_mirror.errors import UsageError
from lab.binaries import cache, parts
from lab.binaries.download import UnavailableError
from lab.binaries.go_build import build_etcd
from lab.binaries.parts import Part, ensure, executable, locate
from lab.errors import LabError
from lab.steps import Steps, Work

pytestmark = pytest.mark.usefixtures("cache_directory")


def make_program(directory: Path, version: str = "1.36.0") -> Path:
    directory.mkdir(parents=True)
    program = directory / "kube-apiserver"
    program.write_text(f"#!/bin/sh\necho Kubernetes v{version}\n")
    program.chmod(0o755)
    return program


def make_part(*, is_published: bool = True) -> Part:
    def download(work: Work, into: Path) -> Steps:
        yield work.progress("asking")
        if not is_published:
            raise UnavailableError("HTTP 404")
        (into / "kube-apiserver").write_text("downloaded")

    def build(work: Work, into: Path, scratch: Path) -> Steps:
        yield work.progress("1 packages")
        assert scratch.is_dir()
        (into / "kube-apiserver").write_text("built")

    return Part("kube-apiserver", "1.36.3", "about 7 min", download, build)


@pytest.fixture(autouse=True)
def _an_empty_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setenv("PATH", "/bin:/usr/bin")


def test_kubebuilder_assets_come_first_whatever_their_version(tmp_path, monkeypatch):
    chosen = make_program(tmp_path / "assets", "1.31.0")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(chosen.parent))
    monkeypatch.setenv("PATH", f"{make_program(tmp_path / 'path').parent}:/bin")
    assert locate(make_part()) == parts.Located(chosen, "KUBEBUILDER_ASSETS")


def test_one_on_the_path_is_taken_if_its_release_fits(tmp_path, monkeypatch):
    chosen = make_program(tmp_path / "path", "1.36.9")
    monkeypatch.setenv("PATH", f"{chosen.parent}:/bin")
    assert locate(make_part()) == parts.Located(chosen, "PATH")


def test_one_on_the_path_of_another_release_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{make_program(tmp_path / 'path', '1.35.3').parent}:/bin")
    assert locate(make_part()) is None


def test_the_download_comes_before_the_build():
    list(ensure(make_part()))
    assert executable(make_part()).read_text() == "downloaded"


def test_without_a_download_it_is_built_and_the_reason_told():
    told = [step.detail for step in ensure(make_part(is_published=False))]
    assert "no download (HTTP 404); building it: about 7 min, once" in told
    assert executable(make_part()).read_text() == "built"


def test_the_cost_is_said_before_anything_happens():
    first = next(iter(ensure(make_part())))
    assert first.detail == "downloading it, or building it with Go: about 7 min, once"


def test_the_cache_is_used_the_second_time():
    list(ensure(make_part()))
    assert [step.detail for step in ensure(make_part(is_published=False))] == ["cached"]


def test_a_part_that_disappeared_is_named():
    with pytest.raises(LabError, match=r"^kube-apiserver 1\.36\.3 is not on this machine any more"):
        executable(make_part())


def test_a_missing_go_is_told_with_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("lab.binaries.go_build.shutil.which", lambda _: None)
    with pytest.raises(
        UsageError, match=r"'go' is not on PATH to build them\. Install Go 1\.26 or later"
    ):
        list(build_etcd(Work("etcd"), tmp_path, tmp_path))
    assert not list(cache.cache_root().glob("*"))
