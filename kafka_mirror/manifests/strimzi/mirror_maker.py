"""A flow as the spec of a KafkaMirrorMaker2, with the defaults of MirrorMaker that fail silently set otherwise."""

from __future__ import annotations

from typing import Any, Final

from kafka_mirror.manifests.base import Connection
from kafka_mirror.manifests.settings import (
    CHECKPOINT_TASKS,
    checkpoint_settings,
    filters,
    source_settings,
    worker_settings,
)
from kafka_mirror.manifests.strimzi.clients import client_authentication, client_trust
from kafka_mirror.manifests.strimzi.workers import workers
from kafka_mirror.mirrormaker import keys
from kafka_mirror.planning import EndPlan, FlowPlan

_PATTERNS: Final = {
    keys.TOPICS: "topicsPattern",
    keys.TOPICS_EXCLUDE: "topicsExcludePattern",
    keys.GROUPS: "groupsPattern",
    keys.GROUPS_EXCLUDE: "groupsExcludePattern",
}


def mirror_maker_spec(plan: FlowPlan, *, source: Connection, target: Connection) -> dict[str, Any]:
    """Return the spec in the layout of ``v1``: one target, and a source in each mirror."""
    target_side = {
        **cluster(plan.target, target),
        "groupId": plan.names.group,
        "configStorageTopic": plan.names.config_topic,
        "offsetStorageTopic": plan.names.offset_topic,
        "statusStorageTopic": plan.names.status_topic,
        "config": worker_settings(plan),
    }
    mirror = {"source": cluster(plan.source, source), **replication(plan)}
    return {**workers(plan), "target": target_side, "mirrors": [mirror]}


def cluster(end: EndPlan, connection: Connection) -> dict[str, Any]:
    """Return one end of a flow, with whom the worker is there and whom it trusts."""
    said: dict[str, Any] = {
        "alias": end.site,
        "bootstrapServers": connection.bootstrap_servers,
        "authentication": client_authentication(connection.login),
    }
    if connection.trust is not None:
        said["tls"] = client_trust(connection.trust)
    return said


def replication(plan: FlowPlan) -> dict[str, Any]:
    """Return what is mirrored, and the connectors that do it: alike in both layouts of the resource.

    Operators run those whose sections are there.
    """
    said: dict[str, Any] = {
        **{_PATTERNS[key]: patterns for key, patterns in filters(plan).items()},
        "sourceConnector": _connector(plan, "source", plan.tasks, source_settings(plan)),
    }
    if plan.moves_groups:
        said["checkpointConnector"] = _connector(
            plan, "checkpoint", CHECKPOINT_TASKS, checkpoint_settings(plan)
        )
    return said


def _connector(plan: FlowPlan, kind: str, tasks: int, settings: dict[str, Any]) -> dict[str, Any]:
    start = f"{plan.names.resource}-{kind}"
    return {
        "tasksMax": tasks,
        "state": plan.state,
        "autoRestart": {"enabled": True},
        "listOffsets": {"toConfigMap": {"name": f"{start}-offsets"}},
        "alterOffsets": {"fromConfigMap": {"name": f"{start}-offsets-to-set"}},
        "config": settings,
    }
