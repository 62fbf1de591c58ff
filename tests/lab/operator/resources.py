"""Custom resources for tests: small, and every part can be overridden."""

from __future__ import annotations

from typing import Any

API = "kafka.strimzi.io/v1"


def make_namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def make_pool(
    cluster: str, namespace: str, *, replicas: int = 1, name: str = "nodes"
) -> dict[str, Any]:
    volume = {"id": 0, "type": "persistent-claim", "size": "1Gi", "kraftMetadata": "shared"}
    return {
        "apiVersion": API,
        "kind": "KafkaNodePool",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"strimzi.io/cluster": cluster},
        },
        "spec": {
            "replicas": replicas,
            "roles": ["controller", "broker"],
            "storage": {"type": "jbod", "volumes": [volume]},
        },
    }


def make_kafka(
    name: str, namespace: str, *, replicas: int = 1, authorization: bool = True, **config: Any
) -> dict[str, Any]:
    kafka: dict[str, Any] = {
        "listeners": [
            {
                "name": "tls",
                "port": 9093,
                "type": "internal",
                "tls": True,
                "authentication": {"type": "scram-sha-512"},
            },
            {
                "name": "mtls",
                "port": 9094,
                "type": "internal",
                "tls": True,
                "authentication": {"type": "tls"},
            },
        ],
        "config": {
            "default.replication.factor": replicas,
            "min.insync.replicas": 1,
            "offsets.topic.replication.factor": replicas,
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": 1,
            "auto.create.topics.enable": False,
            **config,
        },
    }
    if authorization:
        kafka["authorization"] = {"type": "simple"}
    return {
        "apiVersion": API,
        "kind": "Kafka",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"kafka": kafka, "entityOperator": {"topicOperator": {}, "userOperator": {}}},
    }


def make_topic(name: str, cluster: str, namespace: str, **spec: Any) -> dict[str, Any]:
    return _labelled("KafkaTopic", name, cluster, namespace, spec)


def make_user(name: str, cluster: str, namespace: str, **spec: Any) -> dict[str, Any]:
    return _labelled("KafkaUser", name, cluster, namespace, spec)


def scram(acls: list[dict[str, Any]] | None = None, **password: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {"authentication": {"type": "scram-sha-512"}}
    if password:
        spec["authentication"]["password"] = {"valueFrom": {"secretKeyRef": password}}
    if acls is not None:
        spec["authorization"] = {"type": "simple", "acls": acls}
    return spec


def acl(
    resource: str, name: str | None, *operations: str, pattern: str = "literal"
) -> dict[str, Any]:
    if name is None:
        return {"resource": {"type": resource}, "operations": list(operations)}
    return {
        "resource": {"type": resource, "name": name, "patternType": pattern},
        "operations": list(operations),
    }


def make_secret(name: str, namespace: str, **values: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "stringData": {key.replace("_", "."): value for key, value in values.items()},
    }


def make_side(alias: str, bootstrap: str, *, user: str, trust: str) -> dict[str, Any]:
    return {
        "alias": alias,
        "bootstrapServers": bootstrap,
        "tls": {"trustedCertificates": [{"secretName": trust, "pattern": "*.crt"}]},
        "authentication": {
            "type": "scram-sha-512",
            "username": user,
            "passwordSecret": {"secretName": user, "password": "password"},
        },
    }


def make_mirror_maker(
    name: str, namespace: str, *, target: dict[str, Any], source: dict[str, Any], **mirror: Any
) -> dict[str, Any]:
    """Return a flow; a section of the mirror given as None is left out."""
    policy = {
        "replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
        "offset-syncs.topic.location": "target",
    }
    sections = {
        "source": source,
        "topicsPattern": "items.*",
        "groupsPattern": ".*",
        "sourceConnector": {
            "tasksMax": 1,
            "config": {
                **policy,
                "replication.factor": -1,
                "offset-syncs.topic.replication.factor": -1,
                "sync.topic.acls.enabled": False,
                "refresh.topics.interval.seconds": 2,
            },
        },
        "checkpointConnector": {
            "tasksMax": 1,
            "config": {
                **policy,
                "checkpoints.topic.replication.factor": -1,
                "sync.group.offsets.enabled": True,
                "sync.group.offsets.interval.seconds": 1,
                "emit.checkpoints.interval.seconds": 1,
                "refresh.groups.interval.seconds": 1,
            },
        },
        **mirror,
    }
    return {
        "apiVersion": API,
        "kind": "KafkaMirrorMaker2",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": 1,
            "target": {
                "groupId": name,
                "configStorageTopic": f"__{name}-configs",
                "offsetStorageTopic": f"__{name}-offsets",
                "statusStorageTopic": f"__{name}-status",
                "config": {
                    "config.storage.replication.factor": -1,
                    "offset.storage.replication.factor": -1,
                    "status.storage.replication.factor": -1,
                },
                **target,
            },
            "mirrors": [{key: value for key, value in sections.items() if value is not None}],
        },
    }


def _labelled(
    kind: str, name: str, cluster: str, namespace: str, spec: dict[str, Any]
) -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"strimzi.io/cluster": cluster},
        },
        "spec": spec,
    }
