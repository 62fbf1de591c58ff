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
    assert ["producer", "Write on topic 'items'"] in cells


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
    assert flow["replicatedUsers"]["producer"] == [
        {
            "resource": {"type": "topic", "name": "items", "patternType": "literal"},
            "operations": ["Write"],
        }
    ]


def test_every_problem_is_told_and_leaves_with_2(kafka_mirror: Command, project: Path) -> None:
    broken = changed(two_sites(), "flows", "dev-to-stg", "naming", to="both")
    write_stack(project, "broken", changed(broken, "typo", to={}))

    ended = kafka_mirror("plan", "broken", "--project", project)

    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr.splitlines() == [
        "Error: flows[\"dev-to-stg\"].naming: found 'both', allowed: 'identity' or 'prefix'",
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
        (b"config: {a", "Error: Pulumi.bad.yaml is not YAML: while parsing a flow mapping"),
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
