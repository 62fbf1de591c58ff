"""The pack on the project's own stacks: they pass, and a single wrong field does not."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from kafka_mirror.cli.check_sources import of_stack
from tests.policies.resources import found

ROOT = Path(__file__).parents[2]
STACKS = [
    pytest.param(path.parent, path.name.split(".")[1], id=str(path.relative_to(ROOT)))
    for directory in (ROOT, ROOT / "tests" / "stacks" / "small")
    for path in sorted(directory.glob("Pulumi.*.yaml"))
]


def objects_of(project: Path, stack: str) -> list[dict[str, Any]]:
    """Return the objects as a first preview shows them, before a listener has an address."""
    data: list[Any] = [found.data for found in of_stack(project, stack).objects]
    return data


def mirror_makers(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [found for found in objects if found["kind"] == "KafkaMirrorMaker2"]


def with_addresses(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the objects as they are once every listener has an address."""
    changed = copy.deepcopy(objects)
    for maker in mirror_makers(changed):
        for end in (maker["spec"]["target"], *(m["source"] for m in maker["spec"]["mirrors"])):
            end["bootstrapServers"] = f"bootstrap-{end['alias']}.example.com:443"
    return changed


@pytest.mark.parametrize(("project", "stack"), STACKS)
def test_a_committed_stack_breaks_no_rule_before_and_after_deployment(project, stack):
    objects = objects_of(project, stack)
    assert [f for f in found(*objects) if f.stops] == []
    assert [f for f in found(*with_addresses(objects)) if f.stops] == []


def test_too_many_copies_are_found_before_the_target_has_an_address():
    objects = objects_of(ROOT, "stg")
    (maker,) = mirror_makers(objects)
    maker["spec"]["mirrors"][0]["sourceConnector"]["config"]["replication.factor"] = 7
    (finding,) = (one for one in found(*objects) if one.is_decided)
    assert finding.rule == "replication-factor-fits-brokers"
    assert finding.message.startswith(
        "replication.factor is 7, Kafka rt-inventory-stg/rt-inventory-stg has 3 brokers ("
    )
