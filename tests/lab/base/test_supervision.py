from __future__ import annotations

from datetime import timedelta

from lab.steps import Phase, Step
from lab.supervision import LabState, Supervision, read_supervision


def test_what_is_written_is_read_back(tmp_path):
    said = Supervision(
        state=LabState.DEGRADED, message="etcd ended", restarts={"etcd": 2}, has_operator=False
    ).with_step(Step(name="Control planes", phase=Phase.DONE, elapsed=timedelta(seconds=3.5)))
    said.write(tmp_path / "supervisor.json")
    assert read_supervision(tmp_path / "supervisor.json") == said


def test_nothing_written_is_nothing_read(tmp_path):
    assert read_supervision(tmp_path / "supervisor.json") is None
