"""What the commands print and leave with."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import lab
from kafka_mirror.cli.lab import app
from kafka_mirror.errors import UsageError
from kafka_mirror.kubernetes_api import KubernetesApi
from lab.processes import ProcessSpec, ProcessTable
from lab.supervision import LabState, Supervision
from lab.waiting import wait_until


def call(directory: Path, *arguments: str) -> Result:
    command, *options = arguments
    return CliRunner().invoke(app, [command, "--directory", str(directory), *options])


@pytest.fixture
def stale(tmp_path: Path) -> lab.LabDirectory:
    """A lab whose supervisor has ended."""
    directory = lab.LabDirectory(tmp_path / "lab")
    directory.create(["dev"])
    Supervision(state=LabState.READY).write(directory.supervision)
    table = ProcessTable(directory.processes)
    argv = ("/bin/sh", "-c", "exit 0")
    spec = ProcessSpec(name="supervisor", argv=argv, cwd=tmp_path, log=directory.log("supervisor"))
    record = table.start_detached(spec)
    assert wait_until(lambda: not record.is_alive, within=timedelta(seconds=10))
    return directory


@pytest.mark.parametrize("command", ["status", "env"])
def test_asking_about_a_lab_that_is_not_there_is_a_usage_error(tmp_path, command):
    result = call(tmp_path / "none", command)
    assert isinstance(result.exception, UsageError)
    assert (
        str(result.exception)
        == f"There is no lab in {tmp_path / 'none'}. Start one with 'kafka-mirror lab up'."
    )


def test_env_can_be_evaluated_by_a_shell(tmp_path):
    directory = lab.LabDirectory(tmp_path / "my lab")
    directory.create(["dev"])
    assert call(directory.root, "env").stdout == (
        f"export KUBECONFIG='{directory.root}/kubeconfig'\n"
        f"export KAFKA_MIRROR_STATE='{directory.root}/state'\n"
        f"export PULUMI_CONFIG_PASSPHRASE_FILE='{directory.root}/passphrase'\n"
    )


def test_env_takes_a_passphrase_away_that_would_come_before_the_labs(tmp_path, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "of other stacks")
    directory = lab.LabDirectory(tmp_path / "lab")
    directory.create(["dev"])
    told = call(directory.root, "env").stdout
    assert told.startswith("unset PULUMI_CONFIG_PASSPHRASE\nexport ")
    assert "of other stacks" not in told


def test_a_stale_lab_is_a_finding(stale):
    result = call(stale.root, "status")
    assert result.exit_code == 1
    assert f"Lab in {stale.root}: stale, 0 MB in use" in result.stdout
    assert (
        "1 finding\n  supervisor: it does not run, so neither does anything else" in result.stdout
    )


def test_findings_are_data_for_programs(stale):
    result = call(stale.root, "status", "--output", "json")
    (finding,) = json.loads(result.stdout)["findings"]
    assert (finding["rule"], finding["level"], finding["object"], finding["path"]) == (
        "lab-part",
        "error",
        "supervisor",
        str(stale.log("supervisor")),
    )


def test_a_stale_lab_can_be_ended(stale):
    assert call(stale.root, "down").exit_code == 0
    assert not stale.root.exists()


def test_a_wrong_site_name_starts_nothing(tmp_path):
    result = call(tmp_path / "lab", "up", "--sites", "Dev!")
    assert isinstance(result.exception, UsageError)
    assert not (tmp_path / "lab").exists()


@pytest.mark.lab
def test_status_shows_sites_processes_and_what_only_a_lab_has(control_planes):
    result = call(control_planes.root, "status")
    assert result.exit_code == 0, result.stdout
    assert f"Lab in {control_planes.root}: ready" in result.stdout
    for told in ("dev   https://127.0.0.1:", "kube-apiserver-stg", "offsets.topic.num.partitions"):
        assert told in result.stdout


@pytest.mark.lab
def test_status_tells_the_state_of_kafka_resources(control_planes):
    api = KubernetesApi.connect(kubeconfig=str(control_planes.kubeconfig), context="dev")
    worker = {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaConnect",
        "metadata": {"name": "heart", "namespace": "default"},
        "spec": {
            "replicas": 1,
            "bootstrapServers": "127.0.0.1:9092",
            "groupId": "heart",
            "configStorageTopic": "c",
            "offsetStorageTopic": "o",
            "statusStorageTopic": "s",
        },
    }
    api.apply(worker, field_manager="tests")
    document = json.loads(call(control_planes.root, "status", "--output", "json").stdout)
    assert document["sites"]["dev"]["resources"] == {
        "KafkaConnect default/heart": "not reconciled yet"
    }
    assert document["sites"]["stg"]["resources"] == {}
    api.delete("kafka.strimzi.io/v1", "KafkaConnect", "heart", "default")


@pytest.mark.lab
def test_up_on_a_running_lab_names_the_next_command(control_planes):
    result = call(control_planes.root, "up", "--control-planes-only")
    assert result.exit_code == 0
    assert "✓ Lab: sites dev and stg (runs already)" in result.stderr
    assert result.stderr.endswith("Next:  kafka-mirror lab deploy dev stg\n")
    assert result.stdout == ""
