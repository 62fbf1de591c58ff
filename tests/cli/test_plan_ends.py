"""``kafka-mirror plan`` and ``check`` on sites that are others', and on what users of theirs need."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.projects import Command, write_stack
from tests.topology.configurations import Configuration, two_sites, with_certificates, with_cloud

NO_DEFAULT_PROVIDERS = "pulumi:disable-default-providers: [kubernetes]"


def from_cloud() -> Configuration:
    """Return the cloud service as a source; its user logs in under a name of its own."""
    configuration = with_cloud()
    configuration["flows"]["up"] |= {
        "source": {"site": "cloud", "user": "key"},
        "target": {"site": "stg", "user": "writer"},
    }
    access = {"role": "mirror-target", "flow": "up"}
    configuration["users"]["writer"]["access"].append(access)
    return configuration


def test_what_to_ask_the_owner_of_a_site_for_is_told(kafka_mirror: Command, tmp_path: Path) -> None:
    write_stack(tmp_path, "up", with_cloud())

    ended = kafka_mirror("plan", "up", "--project", tmp_path)

    assert (ended.code, ended.stderr) == (0, "")
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in ended.stdout.splitlines()]
    assert [
        "needs at cloud",
        "Read on every group",
        "ask its owner: nothing here grants rights there",
    ] in cells
    assert [
        "logs in at cloud",
        "as token (plain), password in Secret cloud-key",
        "there already, or made by others",
    ] in cells
    copies = "what the brokers of site cloud do by default"
    assert ["replication factor", "-1", copies] in cells


def test_a_program_reads_how_each_end_is_reached(kafka_mirror: Command, tmp_path: Path) -> None:
    write_stack(tmp_path, "up", with_cloud())

    ended = kafka_mirror("plan", "up", "--project", tmp_path, "--output", "json")

    ends = json.loads(ended.stdout)["flows"]["up"]["ends"]
    assert ends["target"]["login"] == {
        "mechanism": "plain",
        "username": "token",
        "secret": "cloud-key",
        "key": "api-key",
    }
    assert ends["target"]["trust"] == {"secret": None, "key": None}
    assert ends["source"]["trust"] == {"secret": "k-dev-cluster-ca-cert", "key": "*.crt"}
    assert {"Read"} in [set(one["operations"]) for one in ends["target"]["asks"]]


def test_an_adopted_kafka_is_told_and_not_rendered(kafka_mirror: Command, tmp_path: Path) -> None:
    configuration = two_sites()
    configuration["sites"]["dev"]["kafka"] |= {"adopt": True, "nodes": {"replicas": 3}}
    write_stack(tmp_path, "both", configuration)

    plan = kafka_mirror("plan", "both", "--project", tmp_path)
    render = kafka_mirror("render", "both", "--project", tmp_path)

    told = (
        "Kafka k-dev of site dev is adopted: read at each deployment, which needs its cluster, "
        "and never changed"
    )
    assert told in plan.stdout.splitlines()
    assert "name: k-stg" in render.stdout
    assert "kind: Kafka\nmetadata:\n  name: k-dev" not in render.stdout
    assert "strimzi.io/cluster: k-dev" in render.stdout


@pytest.mark.parametrize("profile", ["development", "production"])
@pytest.mark.parametrize(
    "configuration",
    [
        pytest.param(with_cloud(tls={"secret": "corp-ca"}), id="a cloud service"),
        pytest.param(from_cloud(), id="a cloud service as source"),
        pytest.param(with_certificates(), id="users with certificates"),
    ],
)
def test_the_policy_pack_finds_nothing_that_must_not_be(
    kafka_mirror: Command, tmp_path: Path, configuration: Configuration, profile: str
) -> None:
    file = write_stack(tmp_path, "up", configuration)
    text = file.read_text()
    file.write_text(text.replace("config:\n", f"config:\n  {NO_DEFAULT_PROVIDERS}\n", 1))

    ended = kafka_mirror(
        "check", "--stack", "up", "--project", tmp_path, "--profile", profile, "--output", "json"
    )

    findings = json.loads(ended.stdout)["findings"]
    assert [one for one in findings if one["level"] == "mandatory"] == []
    assert ended.code == 0
