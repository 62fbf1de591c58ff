"""Resources as the operator's own current examples are: they may be deployed, and some are not for production."""

from __future__ import annotations

from typing import Any

import pytest

from mirror_policies import Configuration, Finding, check
from mirror_policies.rule import Profile
from tests.policies.resources import Resource, changed

IDENTITY = "org.apache.kafka.connect.mirror.IdentityReplicationPolicy"


def cluster(name: str, **more: Any) -> list[Resource]:
    """Make a single node in each role, as the examples for MirrorMaker have it."""
    pool = {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaNodePool",
        "metadata": {"name": f"nodes-{name}", "labels": {"strimzi.io/cluster": name}},
        "spec": {"replicas": 1, "roles": ["controller", "broker"], "storage": {"type": "jbod"}},
    }
    listeners = [{"name": "tls", "port": 9093, "type": "internal", "tls": True}]
    kafka = {
        "listeners": listeners,
        "config": {
            "offsets.topic.replication.factor": 1,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "default.replication.factor": 1,
            "min.insync.replicas": 1,
        },
    } | more
    return [pool, resource("Kafka", name, {"kafka": kafka, "entityOperator": {"userOperator": {}}})]


def resource(kind: str, name: str, spec: dict[str, Any], *, of: str = "") -> Resource:
    metadata = {"name": name} | ({"labels": {"strimzi.io/cluster": of}} if of else {})
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
    }


def end(alias: str, port: int, **more: Any) -> dict[str, Any]:
    return {"alias": alias, "bootstrapServers": f"{alias}-kafka-bootstrap:{port}"} | more


def trusting(alias: str) -> dict[str, Any]:
    secret = {"secretName": f"{alias}-cluster-ca-cert", "pattern": "*.crt"}
    return {"tls": {"trustedCertificates": [secret]}}


def mirror_maker(source: dict[str, Any], target: dict[str, Any], *, start: str = "") -> Resource:
    """Make the plain MirrorMaker of the examples; `start` is of its storage topics' names."""
    copies = {
        "replication.factor": -1,
        "offset-syncs.topic.replication.factor": -1,
        "sync.topic.acls.enabled": "false",
        "refresh.topics.interval.seconds": 600,
    }
    checkpoints = {
        "checkpoints.topic.replication.factor": -1,
        "sync.group.offsets.enabled": "false",
        "refresh.groups.interval.seconds": 600,
    }
    spec = {
        "version": "4.3.1",
        "replicas": 1,
        "target": {
            **target,
            "groupId": "mirror-group",
            "configStorageTopic": f"{start}mirror-config",
            "offsetStorageTopic": f"{start}mirror-offset",
            "statusStorageTopic": f"{start}mirror-status",
            "config": {
                "config.storage.replication.factor": -1,
                "offset.storage.replication.factor": -1,
                "status.storage.replication.factor": -1,
            },
        },
        "mirrors": [
            {
                "source": source,
                "sourceConnector": {"tasksMax": 1, "config": copies},
                "checkpointConnector": {"tasksMax": 1, "config": checkpoints},
                "topicsPattern": ".*",
                "groupsPattern": ".*",
            }
        ],
    }
    return resource("KafkaMirrorMaker2", "mirror", spec)


def of_mirror(connector: str, key: str) -> tuple[str | int, ...]:
    return ("spec", "mirrors", 0, connector, "config", key)


def plain() -> list[Resource]:
    maker = mirror_maker(end("a", 9092), end("b", 9092), start="__")
    location = "offset-syncs.topic.location"
    maker = changed(
        maker,
        (of_mirror("sourceConnector", location), "target"),
        (of_mirror("checkpointConnector", location), "target"),
    )
    return [*cluster("a"), *cluster("b"), maker]


def identity() -> list[Resource]:
    policy = "replication.policy.class"
    return [
        changed(
            mirror_maker(end("a", 9092), end("b", 9092)),
            (of_mirror("sourceConnector", policy), IDENTITY),
            (of_mirror("checkpointConnector", policy), IDENTITY),
        )
    ]


def tls() -> list[Resource]:
    return [mirror_maker(end("a", 9093, **trusting("a")), end("b", 9093, **trusting("b")))]


def acl(kind: str, name: str | None, *operations: str) -> dict[str, Any]:
    about = {"type": kind} | ({"name": name} if name else {})
    return {"resource": about, "operations": list(operations)}


def secured(kind: str) -> list[Resource]:
    """Make clusters that ask for a login, users with the rights of the examples, and their flow."""
    authentication = {"type": kind}
    listener = {"name": "tls", "port": 9093, "type": "internal", "tls": True}
    asking = {
        "listeners": [{**listener, "authentication": authentication}],
        "authorization": {"type": "simple"},
    }
    own = ("Create", "Describe", "DescribeConfigs", "Read", "Write")
    reader = [
        acl("topic", "mm2-offset-syncs.b.internal", *own),
        acl("topic", "*", "Read", "DescribeConfigs"),
        acl("cluster", None, "Describe"),
        acl("group", "*", "Describe"),
    ]
    writer = [
        acl("group", "mirror-group", "Read"),
        *(acl("topic", f"mirror-{what}", *own) for what in ("config", "status", "offset")),
        acl("topic", "*", "Create", "Alter", "AlterConfigs", "Write", "Read"),
        acl("cluster", None, "Describe"),
        acl("topic", "a.checkpoints.internal", "Create", "Describe", "Write"),
        acl("group", "*", "Read", "Describe"),
    ]
    users = [
        resource(
            "KafkaUser",
            f"{name}-user",
            {
                "authentication": authentication,
                "authorization": {"type": "simple", "acls": acls},
            },
            of=name,
        )
        for name, acls in (("a", reader), ("b", writer))
    ]
    ends = [
        end(alias, 9093, **trusting(alias), authentication=login(kind, f"{alias}-user"))
        for alias in ("a", "b")
    ]
    maker = changed(
        mirror_maker(*ends),
        (of_mirror("checkpointConnector", "sync.group.offsets.enabled"), "true"),
        (of_mirror("checkpointConnector", "emit.checkpoints.interval.seconds"), 60),
        (of_mirror("checkpointConnector", "sync.group.offsets.interval.seconds"), 60),
    )
    return [*cluster("a", **asking), *cluster("b", **asking), *users, maker]


def login(kind: str, user: str) -> dict[str, Any]:
    if kind == "tls":
        pair = {"secretName": user, "certificate": "user.crt", "key": "user.key"}
        return {"type": kind, "certificateAndKey": pair}
    return {
        "type": kind,
        "username": user,
        "passwordSecret": {"secretName": user, "password": "password"},
    }


def without_source_connector() -> list[Resource]:
    *others, maker = secured("tls")
    del maker["spec"]["mirrors"][0]["sourceConnector"]
    return [*others, maker]


def connect() -> list[Resource]:
    worker = {
        **end("c", 9093, **trusting("c")),
        "replicas": 1,
        "groupId": "connect-group",
        "configStorageTopic": "connect-configs",
        "statusStorageTopic": "connect-status",
        "offsetStorageTopic": "connect-offsets",
        "config": {"config.storage.replication.factor": -1},
    }
    file = {
        "class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "tasksMax": 2,
        "config": {"file": "/opt/kafka/LICENSE", "topic": "lines"},
    }
    return [
        resource("KafkaConnect", "connect", worker),
        resource("KafkaConnector", "lines", file, of="connect"),
    ]


EXAMPLES = {
    "plain": plain(),
    "identity": identity(),
    "tls": tls(),
    "scram": secured("scram-sha-512"),
    "client certificates": secured("tls"),
    "checkpoints only": without_source_connector(),
    "connect": connect(),
    "single node": cluster("one"),
    "topic": [
        resource(
            "KafkaTopic",
            "lines",
            {"partitions": 1, "replicas": 1, "config": {"retention.ms": 7_200_000}},
            of="one",
        )
    ],
}

IN_PRODUCTION = {
    "plain": {
        "cluster-defaults-declared": "One copy of everything is lost with its broker.",
        "tls-on-every-end": "Records cross the network in the clear.",
        "group-offsets-synced": "Group sync is off, so nobody finds its place after a failover.",
    },
    "identity": {
        "tls-on-every-end": "Records cross the network in the clear.",
        "group-offsets-synced": "Group sync is off, so nobody finds its place after a failover.",
        "worker-topics-left-out": "The pattern for every topic takes in the storage topics.",
    },
    "tls": {
        "group-offsets-synced": "Group sync is off, so nobody finds its place after a failover.",
        "worker-topics-left-out": "The pattern for every topic takes in the storage topics.",
    },
    "scram": {
        "cluster-defaults-declared": "One copy of everything is lost with its broker.",
        "worker-topics-left-out": "The pattern for every topic takes in the storage topics.",
    },
    "client certificates": {
        "cluster-defaults-declared": "One copy of everything is lost with its broker.",
        "worker-topics-left-out": "The pattern for every topic takes in the storage topics.",
    },
    "checkpoints only": {
        "cluster-defaults-declared": "One copy of everything is lost with its broker.",
        "source-connector-present": "Without a source connector no record is copied.",
    },
    "connect": {},
    "single node": {"cluster-defaults-declared": "One copy of everything is lost with its broker."},
    "topic": {},
}
"""What keeps an example from production, by rule, and why that is right."""


def stopping(resources: list[Resource], profile: Profile) -> list[Finding]:
    findings = check(resources, configuration=Configuration(profile=profile))
    return [finding for finding in findings if finding.stops]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_nothing_keeps_an_example_from_development(name):
    assert stopping(EXAMPLES[name], Profile.DEVELOPMENT) == []


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_what_keeps_an_example_from_production_is_listed_with_its_reason(name):
    found = {finding.rule for finding in stopping(EXAMPLES[name], Profile.PRODUCTION)}
    assert found == set(IN_PRODUCTION[name])
    assert all(reason.endswith(".") for reason in IN_PRODUCTION[name].values())
