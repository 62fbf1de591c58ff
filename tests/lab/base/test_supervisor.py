"""What the supervisor says of the parts that end by themselves."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from lab import supervisor
from lab.directory import LabDirectory
from lab.supervision import LabState, read_supervision


def test_parts_that_end_again_and_again_are_told_once(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(supervisor, "load_definitions", list)
    monkeypatch.setattr(supervisor, "_LOOK_EVERY", timedelta(milliseconds=1))
    directory = LabDirectory(tmp_path / "lab")
    directory.create(["dev"])
    watching = supervisor.Supervisor(directory, has_operator=False)
    looks = iter(range(5))

    def look():
        if next(looks) == 4:
            watching._stop.set()

    keeper = SimpleNamespace(
        look=look, troubles=("etcd ended", "kube-apiserver-dev ended"), restarts={"etcd": 3}
    )
    monkeypatch.setattr(watching, "_keeper", keeper)
    watching._watch()

    said = read_supervision(directory.supervision)
    assert said is not None
    assert (said.state, said.restarts) == (LabState.DEGRADED, {"etcd": 3})
    assert said.message == "etcd ended; kube-apiserver-dev ended"
    assert len(caplog.records) == 1
