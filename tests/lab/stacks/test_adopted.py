"""Kafka clusters of others: a stack beside theirs mirrors between them, and takes only its own with it when it goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
import yaml

import engine
from lab.demo.applications import Application
from lab.demo.comparison import compare
from lab.demo.reading import end_offsets, read_topic
from lab.demo.samples import send
from lab.waiting import wait_until
from tests.lab.stacks.load import WITHIN
from tests.lab.stacks.small import SmallStacks, changed

pytestmark = pytest.mark.lab

STACK, TOPIC, GROUP = "beside", "borrowed", "Borrower"
COUNT: Final = 300
SITES: Final = {"old": "dev", "new": "stg"}
"""Of this stack, by what those who made them call their Kafka and its place."""

_API: Final = "kafka.strimzi.io/v1"


def adopted(theirs: str) -> dict[str, Any]:
    """Return a site that is how its makers have it, in stacks of their own."""
    listeners = [
        {"name": "tls", "port": 9093, "type": "internal"},
        {"name": "external", "port": 9094, "type": "nodeport"},
    ]
    kafka = {"name": theirs, "adopt": True, "nodes": {"replicas": 1}, "listeners": listeners}
    return {"kubernetes": {"context": theirs, "namespace": f"kafka-{theirs}"}, "kafka": kafka}


CONFIGURATION: Final = {
    "sites": {site: adopted(theirs) for site, theirs in SITES.items()},
    "topics": {TOPIC: {"sites": ["old"], "partitions": 2}},
    "users": {
        "beside-reader": {
            "sites": ["old"],
            "access": [{"role": "mirror-source", "topics": [TOPIC], "groups": [GROUP]}],
        },
        "beside-writer": {
            "sites": ["new"],
            "access": [{"role": "mirror-target", "flow": "borrowing"}],
        },
        "borrower": {
            "sites": ["old"],
            "shared": True,
            "access": [
                {"role": "producer", "topics": [TOPIC]},
                {"role": "consumer", "topics": [TOPIC], "groups": [GROUP]},
            ],
        },
    },
    "flows": {
        "borrowing": {
            "source": {"site": "old", "user": "beside-reader"},
            "target": {"site": "new", "user": "beside-writer"},
            "naming": "identity",
            "topics": [TOPIC],
            "groups": [GROUP],
            "replicatedUsers": ["borrower"],
            "objectives": {"duplicateWindow": "5s", "discovery": "2s"},
        }
    },
}


def test_a_flow_between_adopted_sites_mirrors_and_leaves_what_others_made(
    stacks: SmallStacks, tmp_path: Path
) -> None:
    before = [as_declared(stacks, theirs) for theirs in SITES.values()]
    written: dict[str, Any] = {f"kafka-mirror:{key}": value for key, value in CONFIGURATION.items()}
    written["pulumi:disable-default-providers"] = ["kubernetes"]
    file = stacks.directory / f"Pulumi.{STACK}.yaml"
    file.write_text(yaml.safe_dump({"config": written}))
    try:
        made = stacks.up(STACK)
        again = changed(stacks.up(STACK))
        source, target = (application(stacks, site, tmp_path) for site in SITES)
        send(source, TOPIC, COUNT, start=0, printed=tmp_path / "sent.txt")
        expected = end_offsets(source, TOPIC)
        is_there = wait_until(lambda: end_offsets(target, TOPIC) == expected, within=WITHIN)
        found = compare(TOPIC, read_topic(source, TOPIC), read_topic(target, TOPIC))
    finally:
        stacks.destroy(STACK)
        file.unlink()

    assert engine.Op.CREATE in made.changes
    assert again == set()
    assert is_there
    assert found.is_equal
    assert found.at_target == COUNT
    assert [as_declared(stacks, theirs) for theirs in SITES.values()] == before
    assert stacks.api("dev").find(_API, "KafkaTopic", TOPIC, "kafka-dev") is None
    assert stacks.api("stg").find(_API, "KafkaMirrorMaker2", "borrowing", "kafka-stg") is None
    for theirs in SITES.values():
        assert stacks.api(theirs).find(_API, "KafkaUser", "borrower", f"kafka-{theirs}") is None


def application(stacks: SmallStacks, site: str, directory: Path) -> Application:
    outputs = stacks.outputs(STACK)
    return Application.at(
        site,
        "borrower",
        sites=outputs["sites"],
        passwords=outputs["credentials"],
        directory=directory,
        group=GROUP,
    )


def as_declared(stacks: SmallStacks, theirs: str) -> dict[str, Any]:
    """Return what was declared of a Kafka, its nodes and its namespace."""
    api, namespace = stacks.api(theirs), f"kafka-{theirs}"
    objects = [
        api.get(_API, "Kafka", theirs, namespace),
        *api.list_objects(_API, "KafkaNodePool", namespace)["items"],
        api.get("v1", "Namespace", namespace),
    ]
    return {
        f"{one['kind']} {one['metadata']['name']}": (_marks(one["metadata"]), one["spec"])
        for one in objects
    }


def _marks(metadata: dict[str, Any]) -> dict[str, Any]:
    return {key: metadata.get(key) for key in ("uid", "generation", "labels", "annotations")}
