"""``kafka-mirror plan`` tells what follows from a stack, without a cluster."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.projects import Command, write_stack
from tests.topology.configurations import changed, site, two_sites


def test_a_plan_is_drawn_and_says_where_other_sites_were_read(
    kafka_mirror: Command, project: Path
) -> None:
    ended = kafka_mirror("plan", "stg", "--project", project)

    assert (ended.code, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert lines[0] == "Site dev is described by: Pulumi.dev.yaml (not deployed)"
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if "│" in line]
    assert ["from", "dev, listener external", "as reader"] in cells
    assert ["to", "stg, listener tls", "as writer"] in cells
    assert ["topics", "items", "patterns; a literal name is quoted"] in cells
    assert ["worker group", "mm2-dev-to-stg", "holds the flow's place"] in cells
    assert ["sync groups every", "39s", "a third of 120s less 1.5s of processing"] in cells
    restarted = "groups may be out of sight until the next discovery"
    assert ["after a restart of the source", "3m", restarted] in cells
    assert ["producer", "Write on topic 'items'"] in cells


def test_a_plan_of_a_flow_that_moves_no_groups_tells_of_no_window(
    kafka_mirror: Command, tmp_path: Path
) -> None:
    write_stack(tmp_path, "both", changed(two_sites(), "flows", "dev-to-stg", "groups", to=[]))

    drawn = kafka_mirror("plan", "both", "--project", tmp_path).stdout
    document = kafka_mirror("plan", "both", "--project", tmp_path, "--output", "json").stdout

    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in drawn.splitlines()]
    assert ["groups", "none", "no group finds its place at the target"] in cells
    told = {row[0] for row in cells if row}
    assert told.isdisjoint({"checkpoint every", "sync groups every", "duplicate window"})
    flow = json.loads(document)["flows"]["dev-to-stg"]
    assert (flow["groups"], flow["checkpointsTopic"]) == ([], None)


@pytest.mark.parametrize(("api", "is_noted"), [("v1", False), ("v1beta2", True)])
def test_a_plan_tells_what_writes_heartbeats_and_whom_it_trusts_for_its_topic(
    kafka_mirror: Command, tmp_path: Path, api: str, *, is_noted: bool
) -> None:
    configuration = two_sites()
    configuration["sites"]["dev"] |= {"heartbeats": ["dev-to-stg"], "operator": {"api": api}}
    configuration["users"]["reader"]["access"][0]["topics"].append("heartbeats")
    write_stack(tmp_path, "both", configuration)

    lines = kafka_mirror("plan", "both", "--project", tmp_path).stdout.splitlines()

    written = "Heartbeats of site dev are written by KafkaConnect k-dev-heartbeats, for dev-to-stg"
    note = (
        " ! In v1beta2 its connectors trust ca.crt of k-dev-cluster-ca-cert alone when they make the topic heartbeats. "
        "Started for the first time while that authority is being replaced they may fail to: restart them afterwards. "
        "Heartbeats are written with trust in all of its certificates"
    )
    assert written in lines
    assert (note in lines) == is_noted


def test_a_plan_of_prefix_naming_shows_the_names_that_arrive(
    kafka_mirror: Command, tmp_path: Path
) -> None:
    write_stack(
        tmp_path, "both", changed(two_sites(), "flows", "dev-to-stg", "naming", to="prefix")
    )

    ended = kafka_mirror("plan", "both", "--project", tmp_path)

    assert ended.code == 0
    assert "dev.<topic>" in ended.stdout
    assert "Read on topic 'dev.items'" in ended.stdout


def test_a_user_without_rights_is_shown(kafka_mirror: Command, tmp_path: Path) -> None:
    write_stack(
        tmp_path, "one", {"sites": {"dev": site("dev")}, "users": {"u": {"sites": ["dev"]}}}
    )

    assert "log in, nothing else" in kafka_mirror("plan", "one", "--project", tmp_path).stdout


def test_a_plan_is_one_json_document(kafka_mirror: Command, project: Path) -> None:
    ended = kafka_mirror("plan", "stg", "--project", project, "--output", "json")

    document = json.loads(ended.stdout)
    assert list(document) == ["schema", "findings", "stack", "describedBy", "sites", "flows"]
    assert document["describedBy"] == {"dev": "Pulumi.dev.yaml (not deployed)"}
    assert document["sites"]["stg"]["users"].keys() == {"writer"}
    flow = document["flows"]["dev-to-stg"]
    assert flow["topics"] == ["items"]
    assert flow["topicsExclude"] == [r"mm2.*\.internal", r".*\.replica", "__.*"]
    assert (flow["syncSeconds"], flow["duplicateWindowSeconds"]) == (39, 120)
    assert (flow["discoverySeconds"], flow["windowAfterSourceRestartSeconds"]) == (60, 180)
    assert flow["replicatedUsers"]["producer"] == [
        {
            "resource": {"type": "topic", "name": "items", "patternType": "literal"},
            "operations": ["Write"],
            "type": "allow",
            "host": "*",
        }
    ]


def test_every_problem_is_told_and_leaves_with_2(kafka_mirror: Command, project: Path) -> None:
    broken = changed(two_sites(), "flows", "dev-to-stg", "naming", to="both")
    write_stack(project, "broken", changed(broken, "typo", to={}))

    ended = kafka_mirror("plan", "broken", "--project", project)

    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr.splitlines() == [
        "Error: flows[\"dev-to-stg\"].naming: found 'both', allowed: identity, prefix",
        "typo: unknown key 'typo'. Allowed: flows, sites, topics, users.",
    ]


def test_a_missing_stack_is_told_with_those_there_are(kafka_mirror: Command, project: Path) -> None:
    ended = kafka_mirror("plan", "prod", "--project", project)

    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"Error: no stack 'prod' in {project} (has dev, stg): Pulumi.prod.yaml is missing\n"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"config: {a",
            "Error: Pulumi.bad.yaml is not YAML: line 2, column 1: did not find expected",
        ),
        (b"\xff\xfe", "Pulumi.bad.yaml cannot be read: 'utf-8' codec can't decode byte 0xff"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    content: bytes, message: str, kafka_mirror: Command, project: Path
) -> None:
    (project / "Pulumi.bad.yaml").write_bytes(content)

    ended = kafka_mirror("plan", "bad", "--project", project)

    assert (ended.code, ended.stdout) == (2, "")
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_fenced_user_is_shown_as_one(kafka_mirror: Command, project: Path) -> None:
    configuration = two_sites()
    configuration["users"]["producer"]["fenced"] = True
    configuration["flows"]["dev-to-stg"]["fenced"] = ["consumer"]
    write_stack(project, "fences", configuration)

    text = kafka_mirror("plan", "fences", "--project", project)
    document = json.loads(
        kafka_mirror("plan", "fences", "--project", project, "--output", "json").stdout
    )

    assert text.stdout.count("write nothing: it is fenced") == 2
    assert document["sites"]["dev"]["fenced"] == ["producer"]
    assert document["sites"]["dev"]["users"]["producer"] == []
    assert document["flows"]["dev-to-stg"]["fenced"] == ["consumer"]


def test_own_acls_and_offset_syncs_at_the_source_are_shown(
    kafka_mirror: Command, project: Path
) -> None:
    configuration = two_sites()
    denial = {"resource": {"type": "cluster"}, "operations": ["Alter"], "type": "deny"}
    configuration["users"]["producer"]["acls"] = [{**denial, "host": "10.0.0.1"}]
    configuration["users"]["reader"]["access"][0]["offsetSyncsFor"] = ["stg"]
    configuration["flows"]["dev-to-stg"]["offsetSyncs"] = "source"
    write_stack(project, "both", configuration)

    text = kafka_mirror("plan", "both", "--project", project).stdout
    document = json.loads(
        kafka_mirror("plan", "both", "--project", project, "--output", "json").stdout
    )

    assert text.count("never Alter on the cluster from 10.0.0.1") == 2
    assert "at the source, where reader writes it; replication factor 3" in text
    assert document["sites"]["dev"]["users"]["producer"][1] == {
        "resource": {"type": "cluster", "name": "", "patternType": "literal"},
        "operations": ["Alter"],
        "type": "deny",
        "host": "10.0.0.1",
    }
    flow = document["flows"]["dev-to-stg"]
    assert flow["offsetSyncsTopic"] == "mm2-offset-syncs.stg.internal"
    assert (flow["offsetSyncsAt"], flow["offsetSyncsReplicationFactor"]) == ("source", 3)


def test_what_a_flow_and_its_workers_are_set_to_is_shown_with_its_cost(
    kafka_mirror: Command, tmp_path: Path
) -> None:
    configuration = two_sites()
    configuration["flows"]["dev-to-stg"] |= {
        "start": "latest",
        "exactlyOnce": True,
        "resources": {"requests": {"cpu": "500m"}, "limits": {"memory": "2Gi"}},
        "jvm": {"heap": "1Gi"},
        "version": "4.3.1",
        "tracing": {"endpoint": "http://collector:4317"},
    }
    configuration["users"]["producer"]["quotas"] = {"producerByteRate": "10Mi"}
    write_stack(tmp_path, "both", configuration)

    ended = kafka_mirror("plan", "both", "--project", tmp_path)

    assert (ended.code, ended.stderr) == (0, "")
    cells = [
        [cell.strip() for cell in line.split("│")[1:-1]]
        for line in ended.stdout.splitlines()
        if "│" in line
    ]
    rows = {row[0]: row[1] for row in cells}
    assert rows["start"] == "latest"
    assert rows["records arrive"] == "exactly once"
    assert rows["each worker gets"] == "at least 500m CPU; at most 2Gi of memory"
    assert rows["heap of each worker"] == "1Gi"
    assert rows["runs"] == "Kafka 4.3.1"
    assert rows["traces go to"] == "http://collector:4317"
    assert cells.count(["", "at most 10Mi bytes/s written of each broker"]) == 2


def test_a_program_reads_the_options_of_a_flow_and_the_quotas_of_users(
    kafka_mirror: Command, tmp_path: Path
) -> None:
    configuration = changed(two_sites(), "flows", "dev-to-stg", "exactlyOnce", to="preparing")
    configuration["users"]["producer"]["quotas"] = {"requestPercentage": 50}
    write_stack(tmp_path, "both", configuration)

    ended = kafka_mirror("plan", "both", "--project", tmp_path, "--output", "json")

    document = json.loads(ended.stdout)
    flow = document["flows"]["dev-to-stg"]
    assert (flow["start"], flow["exactlyOnce"]) == ("earliest", "preparing")
    assert flow["workers"] == {
        "replicas": 1,
        "resources": None,
        "heap": None,
        "image": None,
        "version": None,
        "traced": False,
        "collector": None,
    }
    assert flow["quotas"] == {"producer": {"requestPercentage": 50}}
    assert document["sites"]["dev"]["quotas"] == flow["quotas"]


def test_where_a_flow_runs_and_what_it_takes_along_is_shown(
    kafka_mirror: Command, tmp_path: Path
) -> None:
    configuration = changed(two_sites(), "flows", "dev-to-stg", "runsIn", to={"site": "dev"})
    configuration["sites"]["dev"]["heartbeats"] = ["dev-to-stg"]
    configuration["users"]["reader"]["access"][0]["topics"].append("heartbeats")
    write_stack(tmp_path, "both", configuration)

    told = kafka_mirror("plan", "both", "--project", tmp_path)
    document = json.loads(
        kafka_mirror("plan", "both", "--project", tmp_path, "--output", "json").stdout
    )

    assert "namespace kafka-dev of context dev, site dev" in told.stdout
    assert "dev.heartbeats" in told.stdout
    assert "Create, Write on topic 'heartbeats'" in told.stdout
    flow = document["flows"]["dev-to-stg"]
    assert flow["runsIn"] == {"context": "dev", "namespace": "kafka-dev", "site": "dev"}
    assert (flow["heartbeats"], flow["metrics"]) == (True, False)
