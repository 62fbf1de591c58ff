"""What ``v1beta2`` says otherwise than ``v1``: the layout of a flow, and how a Kafka without ZooKeeper is asked for.

Served by Strimzi 0.45 to 0.51, AMQ Streams 2.9 and 3.0, and Event Streams 11.8 to 12.3. Their later releases know the newer
layout as well; the older one is understood by all of them.
"""

from __future__ import annotations

from typing import Any, Final

from kafka_mirror.manifests.base import Connection, Leaf
from kafka_mirror.manifests.objects import operator_key
from kafka_mirror.manifests.settings import worker_place, worker_settings
from kafka_mirror.manifests.strimzi import (
    cluster,
    heartbeat_login,
    login_secret,
    replication,
    workers,
)
from kafka_mirror.manifests.strimzi import heartbeat_worker_spec as newer_heartbeat_worker_spec
from kafka_mirror.mirrormaker import keys
from kafka_mirror.planning import FlowPlan
from kafka_mirror.planning.heartbeats import HeartbeatsPlan
from kafka_mirror.topology import Operator

_LOGIN, _TRUST = "login", "trust"
_MOUNTED: Final = "/mnt/kafka-mirror"
"""Operators mount nothing elsewhere than beneath ``/mnt``."""

_DIRECTORIES: Final = {
    "config.providers": "directory",
    "config.providers.directory.class": "org.apache.kafka.common.config.provider.DirectoryConfigProvider",
}


def kafka_annotations(operator: Operator) -> dict[str, str]:
    """Return what asks for node pools and KRaft, which Strimzi took for granted from 0.48 on only."""
    return {
        operator_key(operator, "node-pools"): "enabled",
        operator_key(operator, "kraft"): "enabled",
    }


def mirror_maker_spec(plan: FlowPlan, *, source: Connection, target: Connection) -> dict[str, Any]:
    """Return the spec in the older layout: a list of clusters, to which mirrors refer by their aliases.

    Group and storage topics are settings of the target here. They are always written: without them every flow into a
    site would be part of the one worker group ``mirrormaker2-cluster``.
    """
    here = {
        **cluster(plan.target, target),
        "config": {**worker_place(plan), **worker_settings(plan)},
    }
    mirror = {
        "sourceCluster": plan.source.site,
        "targetCluster": plan.target.site,
        **replication(plan),
    }
    return {
        **workers(plan),
        "connectCluster": plan.target.site,
        "clusters": [cluster(plan.source, source), here],
        "mirrors": [mirror],
    }


def heartbeat_worker_spec(plan: HeartbeatsPlan, *, bootstrap_servers: Leaf) -> dict[str, Any]:
    """Return the spec of the KafkaConnect: its storage as settings, and the connector's Secrets as files.

    Operators before 0.49 give connectors no way to read Secrets through the API.
    """
    spec = newer_heartbeat_worker_spec(plan, bootstrap_servers=bootstrap_servers)
    place = {
        keys.GROUP_ID: spec.pop("groupId"),
        keys.CONFIG_STORAGE_TOPIC: spec.pop("configStorageTopic"),
        keys.OFFSET_STORAGE_TOPIC: spec.pop("offsetStorageTopic"),
        keys.STATUS_STORAGE_TOPIC: spec.pop("statusStorageTopic"),
    }
    secrets = {_LOGIN: login_secret(plan.login)}
    if plan.trust is not None and plan.trust.secret is not None:
        secrets[_TRUST] = plan.trust.secret
    return {
        **spec,
        "config": {**place, **spec["config"], **_DIRECTORIES},
        "template": {
            "pod": {
                "volumes": [
                    {"name": name, "secret": {"secretName": secret}}
                    for name, secret in secrets.items()
                ]
            },
            "connectContainer": {
                "volumeMounts": [
                    {"name": name, "mountPath": f"{_MOUNTED}/{name}"} for name in secrets
                ]
            },
        },
    }


def heartbeat_security(plan: HeartbeatsPlan, *, namespace: str) -> dict[str, str]:  # noqa: ARG001 - as the newer layout's
    """Return how a connector logs in: by the files of its worker.

    It trusts the newest certificate of the authority alone. A file of PEM is one key of a Secret, a mounted Secret is
    not joined, and the names of the older certificates beside it hold dates. That does for what the connector does by
    itself, which is to make the topic at its start: heartbeats are written by the worker, which trusts every certificate
    (`client_trust`). The store that an operator joins for the worker lies where no release promises it, under a password
    of its own, and differs between those that serve this API.
    """
    said = heartbeat_login(plan, lambda key: f"${{directory:{_MOUNTED}/{_LOGIN}:{key}}}")
    if plan.trust is not None:
        said["ssl.truststore.type"] = "PEM"
        said["ssl.truststore.location"] = f"{_MOUNTED}/{_TRUST}/ca.crt"
    return said
