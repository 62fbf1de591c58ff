"""Kafka resources that break no rule, and small ways to spoil them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from mirror_policies import RULES, Finding, check
from mirror_policies.fields import ABSENT

IDENTITY = "org.apache.kafka.connect.mirror.IdentityReplicationPolicy"

LICENCE = {
    "eventstreams.production.type": "CloudPakForIntegrationNonProduction",
    "productID": "2a79e49111f44ec3acd89608e56138f5",
    "productName": "IBM Event Streams for Non Production",
    "productVersion": "12.0.0",
    "productMetric": "VIRTUAL_PROCESSOR_CORE",
    "productChargedContainers": "dev-to-stg-mirrormaker2",
    "productCloudpakRatio": "2:1",
}

Resource = dict[str, Any]
Change = tuple[tuple[str | int, ...], Any]


def mirror_maker(*changes: Change) -> Resource:
    """Make a valid KafkaMirrorMaker2 in the layout of v1, then apply the changes."""
    return changed(
        {
            "apiVersion": "kafka.strimzi.io/v1",
            "kind": "KafkaMirrorMaker2",
            "metadata": {"name": "dev-to-stg", "namespace": "stg"},
            "spec": {
                "replicas": 1,
                "target": {
                    **_cluster("stg"),
                    "groupId": "mm2",
                    "configStorageTopic": "__mm2-configs",
                    "offsetStorageTopic": "__mm2-offsets",
                    "statusStorageTopic": "__mm2-status",
                    "config": {
                        "config.storage.replication.factor": 3,
                        "offset.storage.replication.factor": 3,
                        "status.storage.replication.factor": 3,
                    },
                },
                "mirrors": [{"source": _cluster("dev"), **_connectors()}],
            },
        },
        *changes,
    )


def old_mirror_maker(*changes: Change) -> Resource:
    """Make the same in the layout of v1beta2, then apply the changes."""
    source, target = _cluster("dev"), mirror_maker()["spec"]["target"]
    target["config"] |= {
        "group.id": target.pop("groupId"),
        "config.storage.topic": target.pop("configStorageTopic"),
        "offset.storage.topic": target.pop("offsetStorageTopic"),
        "status.storage.topic": target.pop("statusStorageTopic"),
    }
    return changed(
        {
            "apiVersion": "eventstreams.ibm.com/v1beta2",
            "kind": "KafkaMirrorMaker2",
            "metadata": {"name": "dev-to-stg", "namespace": "stg"},
            "spec": {
                "replicas": 1,
                "connectCluster": "stg",
                "template": {"pod": {"metadata": {"annotations": dict(LICENCE)}}},
                "clusters": [source, target],
                "mirrors": [{"sourceCluster": "dev", "targetCluster": "stg", **_connectors()}],
            },
        },
        *changes,
    )


def kafka(*changes: Change, name: str = "stg") -> Resource:
    """Make a valid Kafka, then apply the changes."""
    return changed(
        {
            "apiVersion": "kafka.strimzi.io/v1",
            "kind": "Kafka",
            "metadata": {"name": name, "namespace": "stg"},
            "spec": {
                "kafka": {
                    "config": {
                        "default.replication.factor": 3,
                        "min.insync.replicas": 2,
                        "offsets.topic.replication.factor": 3,
                        "transaction.state.log.replication.factor": 3,
                        "transaction.state.log.min.isr": 2,
                    }
                }
            },
        },
        *changes,
    )


def node_pool(
    replicas: object = 3, *, name: str = "broker", of: str = "stg", roles: object = ("broker",)
) -> Resource:
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaNodePool",
        "metadata": {"name": name, "namespace": "stg", "labels": {"strimzi.io/cluster": of}},
        "spec": {"replicas": replicas, "roles": list(roles) if isinstance(roles, tuple) else roles},
    }


def topic(replicas: object = 3) -> Resource:
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaTopic",
        "metadata": {"name": "items", "namespace": "stg", "labels": {"strimzi.io/cluster": "stg"}},
        "spec": {"partitions": 3, "replicas": replicas},
    }


def changed(resource: Resource, *changes: Change) -> Resource:
    """Return a copy with a value put at each path, or removed from it."""
    result = copy.deepcopy(resource)
    for (*above, last), value in changes:
        place: Any = result
        for step in above:
            place = place[step]
        if value is ABSENT:
            del place[last]
        else:
            place[last] = value
    return result


def at(path: str, *more: str) -> tuple[str | int, ...]:
    """Split ``spec.mirrors.0.source`` into steps; `more` holds keys that have dots."""
    steps = tuple(int(part) if part.isdigit() else part for part in path.split("."))
    return (*steps, *more)


def source_config(key: str) -> tuple[str | int, ...]:
    return at("spec.mirrors.0.sourceConnector.config", key)


def checkpoint_config(key: str) -> tuple[str | int, ...]:
    return at("spec.mirrors.0.checkpointConnector.config", key)


def target_config(key: str) -> tuple[str | int, ...]:
    return at("spec.target.config", key)


def said(*resources: Resource, only: str | None = None) -> list[tuple[str, str, str]]:
    """Return rule, path and message of what the rules find; see `found`."""
    return [(f.rule, f.path, f.message) for f in found(*resources) if only in (None, f.rule)]


def found(*resources: Any) -> tuple[Finding, ...]:
    """Return what the rules find in resources that stand alone.

    That the older layout is an older one, and that a source is not shown, goes without saying here.
    """
    unsaid = {"api-version-is-current", "source-site-shown", "target-site-shown"}
    return check(list(resources), rules=[rule for rule in RULES if rule.id not in unsaid])


def only(
    *rules: str,
) -> tuple[Callable[..., list[tuple[str, str, str]]], Callable[..., tuple[Finding, ...]]]:
    """Return `said` and `found` for some rules alone."""

    def found_of(*resources: Any) -> tuple[Finding, ...]:
        return tuple(f for f in found(*resources) if f.rule in rules)

    def said_of(*resources: Any) -> list[tuple[str, str, str]]:
        return [(f.rule, f.path, f.message) for f in found_of(*resources)]

    return said_of, found_of


def _cluster(alias: str) -> Resource:
    return {
        "alias": alias,
        "bootstrapServers": f"{alias}-kafka-bootstrap.{alias}.svc:9093",
        "tls": {"trustedCertificates": [{"secretName": f"{alias}-ca", "pattern": "*.crt"}]},
        "authentication": {
            "type": "scram-sha-512",
            "username": f"{alias}-mm2",
            "passwordSecret": {"secretName": f"{alias}-mm2", "password": "password"},
        },
    }


def _connectors() -> Resource:
    return {
        "sourceConnector": {
            "tasksMax": 1,
            "autoRestart": {"enabled": True},
            "config": {
                "sync.topic.acls.enabled": False,
                "replication.factor": 3,
                "offset-syncs.topic.replication.factor": 3,
                "offset-syncs.topic.location": "target",
                "replication.policy.class": IDENTITY,
            },
        },
        "checkpointConnector": {
            "tasksMax": 1,
            "autoRestart": {"enabled": True},
            "config": {
                "sync.group.offsets.enabled": True,
                "checkpoints.topic.replication.factor": 3,
                "offset-syncs.topic.location": "target",
                "replication.policy.class": IDENTITY,
            },
        },
        "topicsPattern": "items",
    }


LAYOUTS: tuple[Callable[..., Resource], ...] = (mirror_maker, old_mirror_maker)
