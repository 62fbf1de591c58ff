"""A flow as a KafkaMirrorMaker2, with the defaults of MirrorMaker that fail silently set otherwise."""

from __future__ import annotations

from typing import Any

from kafka_mirror.manifests.base import Connection, Leaf, Manifest
from kafka_mirror.manifests.strimzi.objects import CREDENTIAL_VERSION, custom_object
from kafka_mirror.mirrormaker import keys
from kafka_mirror.planning import EndPlan, FlowPlan
from kafka_mirror.planning.names import PASSWORD_KEY


def mirror_maker(
    plan: FlowPlan,
    *,
    namespace: str,
    source: Connection,
    target: Connection,
    credential_version: Leaf = None,
) -> Manifest:
    """Return the KafkaMirrorMaker2 of one flow, for the namespace of its target.

    Args:
        plan: Of the flow.
        namespace: Of the target.
        source: How the worker reaches the source.
        target: How it reaches the target.
        credential_version: Changes with the Secrets the worker reads, once there are some.
    """
    target_side = {
        **_cluster(plan.target, target),
        "groupId": plan.names.group,
        "configStorageTopic": plan.names.config_topic,
        "offsetStorageTopic": plan.names.offset_topic,
        "statusStorageTopic": plan.names.status_topic,
        "config": _worker_settings(plan),
    }
    mirror: dict[str, Any] = {
        "source": _cluster(plan.source, source),
        "topicsPattern": "|".join(plan.topics),
        "groupsPattern": "|".join(plan.groups),
        "sourceConnector": _connector(plan, "source", plan.tasks, _source_settings(plan)),
        "checkpointConnector": _connector(plan, "checkpoint", 1, _checkpoint_settings(plan)),
    }
    # Setting an exclude replaces MirrorMaker's own list, so that list goes along.
    if plan.topics_exclude:
        mirror["topicsExcludePattern"] = "|".join(
            (*keys.DEFAULT_TOPICS_EXCLUDE, *plan.topics_exclude)
        )
    if plan.groups_exclude:
        mirror["groupsExcludePattern"] = "|".join(
            (*keys.DEFAULT_GROUPS_EXCLUDE, *plan.groups_exclude)
        )
    spec = {"replicas": plan.replicas, "target": target_side, "mirrors": [mirror]}
    annotations = None if credential_version is None else {CREDENTIAL_VERSION: credential_version}
    return custom_object("KafkaMirrorMaker2", plan.name, namespace, spec, annotations=annotations)


def _cluster(end: EndPlan, connection: Connection) -> dict[str, Any]:
    cluster: dict[str, Any] = {
        "alias": end.site,
        "bootstrapServers": connection.bootstrap_servers,
        "authentication": {
            "type": "scram-sha-512",
            "username": end.user,
            "passwordSecret": {
                "secretName": connection.credential_secret,
                "password": PASSWORD_KEY,
            },
        },
    }
    if connection.trust_secret is not None:
        # A pattern trusts the old and the new certificate while a CA is replaced; one key would not.
        trusted = {"secretName": connection.trust_secret, "pattern": "*.crt"}
        cluster["tls"] = {"trustedCertificates": [trusted]}
    return cluster


def _connector(plan: FlowPlan, kind: str, tasks: int, settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "tasksMax": tasks,
        "state": plan.state,
        "autoRestart": {"enabled": True},
        "listOffsets": {"toConfigMap": {"name": f"{plan.name}-{kind}-offsets"}},
        "alterOffsets": {"fromConfigMap": {"name": f"{plan.name}-{kind}-offsets-to-set"}},
        "config": settings,
    }


def _shared_settings(plan: FlowPlan) -> dict[str, Any]:
    """Return what both connectors must agree on, or offsets are kept for topics that do not exist."""
    policy = keys.IDENTITY_POLICY if plan.naming == "identity" else keys.DEFAULT_POLICY
    return {keys.REPLICATION_POLICY_CLASS: policy, keys.OFFSET_SYNCS_LOCATION: "target"}


def _source_settings(plan: FlowPlan) -> dict[str, Any]:
    discovery = plan.intervals.discovery.seconds
    return {
        **_shared_settings(plan),
        keys.REPLICATION_FACTOR: plan.replication_factor,
        keys.OFFSET_SYNCS_REPLICATION_FACTOR: plan.replication_factor,
        keys.REFRESH_TOPICS_INTERVAL: discovery,
        keys.SYNC_TOPIC_CONFIGS_INTERVAL: discovery,
        # The User Operator owns every ACL and would take these away again.
        keys.SYNC_TOPIC_ACLS: False,
        # Heartbeats come along whatever the filter says, to a name that the flow's user may not write.
        keys.HEARTBEATS_REPLICATION: False,
        # By default records of transactions that were given up arrive as if they had been committed.
        keys.CONSUMER_ISOLATION: "read_committed",
        **keys.DATA_TUNING,
        **plan.tuning,
    }


def _checkpoint_settings(plan: FlowPlan) -> dict[str, Any]:
    return {
        **_shared_settings(plan),
        keys.CHECKPOINTS_REPLICATION_FACTOR: plan.replication_factor,
        keys.REFRESH_GROUPS_INTERVAL: plan.intervals.discovery.seconds,
        keys.EMIT_CHECKPOINTS_INTERVAL: plan.intervals.checkpoint.seconds,
        keys.SYNC_GROUP_OFFSETS: True,
        keys.SYNC_GROUP_OFFSETS_INTERVAL: plan.intervals.sync.seconds,
    }


def _worker_settings(plan: FlowPlan) -> dict[str, Any]:
    return {
        keys.CONFIG_STORAGE_REPLICATION_FACTOR: plan.replication_factor,
        keys.OFFSET_STORAGE_REPLICATION_FACTOR: plan.replication_factor,
        keys.STATUS_STORAGE_REPLICATION_FACTOR: plan.replication_factor,
        keys.OFFSET_FLUSH_INTERVAL: plan.intervals.flush.seconds * 1000,
        # By default the tasks of a lost worker wait five minutes for it, and no other worker syncs groups.
        keys.REBALANCE_DELAY: 0,
    }
