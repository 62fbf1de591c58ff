"""Labs that are ended in every way there is."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

import lab
from kafka_mirror.errors import UnreachableError, UsageError
from kafka_mirror.kubernetes_api import ApiError, KubernetesApi
from lab.inspection import inspect
from lab.ports import PortBlock, is_listening
from lab.processes import ProcessRecord, ProcessTable
from lab.steps import Phase
from lab.waiting import wait_until

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("binaries")]

SOON = timedelta(seconds=60)
MAIN = "from kafka_mirror.cli import main; main()"


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "lab"
    list(lab.kill(tmp_path / "lab"))


def up(root: Path) -> tuple[Sequence[ProcessRecord], Sequence[int]]:
    """Start a lab of one site; return what has to be gone after its end."""
    list(lab.up(root, sites=("dev",), with_operator=False))
    records = ProcessTable(lab.LabDirectory(root).processes).records()
    return records, list(PortBlock.of(root).assigned().values())


def assert_nothing_is_left(
    root: Path, records: Sequence[ProcessRecord], ports: Sequence[int]
) -> None:
    assert records
    assert wait_until(lambda: not any(record.is_alive for record in records), within=SOON)
    assert not [port for port in ports if is_listening(port)]
    assert not root.exists()


def test_down_leaves_no_process_port_or_file(root):
    records, ports = up(root)
    assert {record.name for record in records} == {"supervisor", "etcd", "kube-apiserver-dev"}
    list(lab.down(root))
    assert_nothing_is_left(root, records, ports)


def test_kill_leaves_no_process_port_or_file(root):
    records, ports = up(root)
    list(lab.kill(root))
    assert_nothing_is_left(root, records, ports)


def test_down_where_there_is_no_lab_says_so(root):
    assert [step.detail for step in lab.down(root)] == [f"there is none in {root}"]


def test_a_killed_supervisor_takes_all_with_it_and_the_next_up_recovers(root):
    records, _ = up(root)
    supervisor = next(record for record in records if record.name == "supervisor")
    os.kill(supervisor.pid, signal.SIGKILL)
    assert wait_until(lambda: not any(record.is_alive for record in records), within=SOON)
    view = inspect(lab.LabDirectory(root))
    assert (view.state, view.faults[0].part) == ("stale", "supervisor")
    told = [step.name for step in lab.up(root, sites=("dev",), with_operator=False)]
    assert told[0] == "Leftovers of a lab that does not run"
    api = KubernetesApi.connect(kubeconfig=str(root / "kubeconfig"), context="dev")
    assert api.version()["major"] == "1"


@pytest.mark.parametrize("part", ["kube-apiserver-dev", "etcd"])
def test_a_control_plane_that_ends_is_started_again_with_what_it_held(root, part):
    records, _ = up(root)
    directory = lab.LabDirectory(root)
    api = KubernetesApi.connect(kubeconfig=str(directory.kubeconfig), context="dev")
    kept = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kept"}}
    api.apply(kept, field_manager="test")
    os.kill(next(record for record in records if record.name == part).pid, signal.SIGKILL)

    def is_started_again() -> bool:
        return inspect(directory).restarts == {part: 1}

    def has_what_it_held() -> bool:
        try:
            return api.find("v1", "Namespace", "kept") is not None
        except (ApiError, UnreachableError):
            return False

    assert wait_until(is_started_again, within=SOON)
    assert wait_until(has_what_it_held, within=SOON)
    view = inspect(directory)
    assert view.state == "ready"
    assert [(fault.part, fault.message) for fault in view.faults] == [
        (part, "it ended by itself and was started again 1 time(s).")
    ]


def test_a_start_that_is_given_up_leaves_nothing(root):
    steps = lab.up(root, sites=("dev",), with_operator=False)
    for step in steps:
        if step.name.startswith("Control planes") and step.phase is Phase.STARTED:
            break
    records = ProcessTable(lab.LabDirectory(root).processes).records()
    ports = list(PortBlock.of(root).assigned().values())
    steps.close()
    assert_nothing_is_left(root, records, ports)


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param([signal.SIGINT], id="ctrl-c"),
        pytest.param([signal.SIGTERM], id="termination"),
        pytest.param([signal.SIGINT, signal.SIGINT, signal.SIGTERM], id="again while it cleans up"),
    ],
)
def test_an_interrupted_command_leaves_nothing(root, numbers):
    command = [sys.executable, "-c", MAIN, "lab", "up", "--sites", "dev"]
    command += ["--control-planes-only", "--directory", str(root)]
    directory = lab.LabDirectory(root)
    # The output goes to a file: nobody reads a pipe meanwhile.
    with (root.parent / "output").open("w") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        with process:
            assert wait_until(
                lambda: bool(ProcessTable(directory.processes).find("etcd")), within=SOON
            )
            records = ProcessTable(directory.processes).records()
            ports = list(PortBlock.of(root).assigned().values())
            supervisor = next(record for record in records if record.name == "supervisor")
            process.send_signal(numbers[0])
            for number in numbers[1:]:
                assert wait_until(lambda: not supervisor.is_alive, within=SOON)
                process.send_signal(number)
    assert process.returncode == 130
    assert_nothing_is_left(root, records, ports)


def test_a_second_start_of_the_same_lab_is_refused_while_the_first_goes_on(root):
    steps = lab.up(root, sites=("dev",), with_operator=False)
    for step in steps:
        if step.name.startswith("Control planes"):
            break
    with pytest.raises(UsageError, match=f"Another process is starting the lab in {root}"):
        list(lab.up(root, sites=("dev",), with_operator=False))
    steps.close()


def test_two_labs_run_side_by_side(root, tmp_path):
    other = tmp_path / "other"
    with lab.running(other, sites=("dev",), with_operator=False) as directory:
        _, ports = up(root)
        assert not set(ports) & set(PortBlock.of(directory.root).assigned().values())
    assert not other.exists()


def test_an_operator_that_ends_is_started_again_and_counted(root):
    list(lab.up(root, sites=("dev",)))
    directory = lab.LabDirectory(root)
    table = ProcessTable(directory.processes)
    first = table.find("operator")
    assert first is not None
    first.signal(signal.SIGKILL)

    def is_another() -> bool:
        now = table.find("operator")
        return now is not None and now.is_alive and now.pid != first.pid

    assert wait_until(is_another, within=SOON)
    assert wait_until(lambda: bool(inspect(directory).restarts), within=SOON)
    view = inspect(directory)
    assert (view.state, view.restarts) == ("ready", {"operator": 1})
    assert [fault.message for fault in view.faults] == [
        "it ended by itself and was started again 1 time(s)."
    ]
    records, ports = table.records(), list(PortBlock.of(root).assigned().values())
    list(lab.down(root))
    assert_nothing_is_left(root, records, ports)


def test_a_lab_whose_directory_is_deleted_by_hand_ends(root):
    records, ports = up(root)
    shutil.rmtree(root)
    assert_nothing_is_left(root, records, ports)
