"""What the supervisor says of the parts that end by themselves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from lab import supervisor
from lab.directory import LabDirectory
from lab.supervision import LabState, read_supervision


def test_every_lost_part_is_told_once(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(supervisor, "load_definitions", list)
    monkeypatch.setattr(supervisor, "_LOOK_EVERY", timedelta(milliseconds=1))
    directory = LabDirectory(tmp_path / "lab")
    directory.create(["dev"])
    watching = supervisor.Supervisor(directory, has_operator=False)
    looks = iter(range(5))

    def ended():
        if next(looks) == 4:
            watching._stop.set()
        return [_ended("etcd"), _ended("kube-apiserver-dev")]

    watching._processes = SimpleNamespace(ended=ended)
    watching._watch()

    said = read_supervision(directory.supervision)
    assert said.state is LabState.DEGRADED
    assert "etcd ended by itself with 1" in said.message
    assert "kube-apiserver-dev ended by itself with 1" in said.message
    assert len(caplog.records) == 1


def _ended(name):
    return SimpleNamespace(name=name, returncode=lambda: 1, log=Path(f"/logs/{name}.log"))
