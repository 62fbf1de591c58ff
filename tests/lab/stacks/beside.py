"""A stack beside two Kafka clusters that other stacks have made: it adopts both, and mirrors from one to the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import yaml

from tests.lab.stacks.small import SmallStacks

STACK, FLOW, TOPIC, USER, GROUP = "beside", "borrowing", "borrowed", "borrower", "Borrower"
SITES: Final = {"old": "dev", "new": "stg"}
"""Of this stack, by what those who made them call their Kafka and its place."""

_API: Final = "kafka.strimzi.io/v1"


def _adopted(theirs: str) -> dict[str, Any]:
    """Return a site that is how its makers have it, in stacks of their own."""
    listeners = [
        {"name": "tls", "port": 9093, "type": "internal"},
        {"name": "external", "port": 9094, "type": "nodeport"},
    ]
    kafka = {"name": theirs, "adopt": True, "nodes": {"replicas": 1}, "listeners": listeners}
    return {"kubernetes": {"context": theirs, "namespace": f"kafka-{theirs}"}, "kafka": kafka}


_CONFIGURATION: Final = {
    "sites": {site: _adopted(theirs) for site, theirs in SITES.items()},
    "topics": {TOPIC: {"sites": ["old"], "partitions": 2}},
    "users": {
        "beside-reader": {
            "sites": ["old"],
            "access": [{"role": "mirror-source", "topics": [TOPIC], "groups": [GROUP]}],
        },
        "beside-writer": {
            "sites": ["new"],
            "access": [{"role": "mirror-target", "flow": FLOW}],
        },
        USER: {
            "sites": ["old"],
            "shared": True,
            "access": [
                {"role": "producer", "topics": [TOPIC]},
                {"role": "consumer", "topics": [TOPIC], "groups": [GROUP]},
            ],
        },
    },
    "flows": {
        FLOW: {
            "source": {"site": "old", "user": "beside-reader"},
            "target": {"site": "new", "user": "beside-writer"},
            "naming": "identity",
            "topics": [TOPIC],
            "groups": [GROUP],
            "replicatedUsers": [USER],
            "objectives": {"duplicateWindow": "5s", "discovery": "2s"},
        }
    },
}


@contextmanager
def written(stacks: SmallStacks) -> Iterator[None]:
    """Have the file of the stack for the length of a block."""
    configuration: dict[str, Any] = {
        f"kafka-mirror:{key}": value for key, value in _CONFIGURATION.items()
    }
    configuration["pulumi:disable-default-providers"] = ["kubernetes"]
    file = stacks.directory / f"Pulumi.{STACK}.yaml"
    file.write_text(yaml.safe_dump({"config": configuration}))
    try:
        yield
    finally:
        file.unlink()


def of_others(stacks: SmallStacks) -> list[dict[str, Any]]:
    """Return what was declared of each Kafka, its nodes and its namespace."""
    return [_as_declared(stacks, theirs) for theirs in SITES.values()]


def of_the_stack(stacks: SmallStacks) -> list[str]:
    """Return which of the objects that the stack makes are there."""
    places = [
        ("dev", "KafkaTopic", TOPIC),
        ("dev", "KafkaUser", USER),
        ("stg", "KafkaUser", USER),
        ("stg", "KafkaMirrorMaker2", FLOW),
    ]
    return [
        f"{kind} {name} at {theirs}"
        for theirs, kind, name in places
        if stacks.api(theirs).find(_API, kind, name, f"kafka-{theirs}") is not None
    ]


def _as_declared(stacks: SmallStacks, theirs: str) -> dict[str, Any]:
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
