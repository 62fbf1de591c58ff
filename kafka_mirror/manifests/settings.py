"""The settings of a flow in Kafka's own keys, which every dialect hands on: connectors, filters and worker."""

from __future__ import annotations

from typing import Any

from kafka_mirror.mirrormaker import keys
from kafka_mirror.planning import FlowPlan

Settings = dict[str, Any]

CHECKPOINT_TASKS = 1
"""Group offsets are few; one task sees to all of them."""


def filters(plan: FlowPlan) -> dict[str, str]:
    """Return what both connectors take in and leave out.

    An empty list of groups is said: left out it would mean all of them (``DefaultGroupFilter``).
    Setting an exclude replaces MirrorMaker's own list, so that list goes along.
    """
    chosen = {keys.TOPICS: plan.topics, keys.GROUPS: plan.groups}
    if plan.topics_exclude:
        chosen[keys.TOPICS_EXCLUDE] = (*keys.DEFAULT_TOPICS_EXCLUDE, *plan.topics_exclude)
    if plan.groups_exclude:
        chosen[keys.GROUPS_EXCLUDE] = (*keys.DEFAULT_GROUPS_EXCLUDE, *plan.groups_exclude)
    return {key: "|".join(patterns) for key, patterns in chosen.items()}


def shared_settings(plan: FlowPlan) -> Settings:
    """Return what both connectors must agree on, or offsets are kept for topics that do not exist."""
    return {
        keys.REPLICATION_POLICY_CLASS: keys.policy_class(plan.naming),
        keys.OFFSET_SYNCS_LOCATION: plan.own_topics.offset_syncs_at,
    }


def source_settings(plan: FlowPlan) -> Settings:
    """Return the settings of the connector that copies records; what the user tunes comes last."""
    discovery = plan.intervals.discovery.seconds
    return {
        **shared_settings(plan),
        keys.REPLICATION_FACTOR: plan.replication_factor,
        keys.OFFSET_SYNCS_REPLICATION_FACTOR: plan.offset_syncs_replication_factor,
        keys.REFRESH_TOPICS_INTERVAL: discovery,
        keys.SYNC_TOPIC_CONFIGS_INTERVAL: discovery,
        # The User Operator owns every ACL and would take these away again.
        keys.SYNC_TOPIC_ACLS: False,
        # By default they come along whatever the filter says, to a name that the flow's user may not write.
        keys.HEARTBEATS_REPLICATION: plan.mirrors_heartbeats,
        # By default records of transactions that were given up arrive as if they had been committed.
        keys.CONSUMER_ISOLATION: "read_committed",
        **_start(plan),
        **_exactly_once(plan),
        **keys.DATA_TUNING,
        **plan.tuning,
    }


def _start(plan: FlowPlan) -> Settings:
    return {} if plan.start == "earliest" else {keys.CONSUMER_START: plan.start}


def _exactly_once(plan: FlowPlan) -> Settings:
    """Return what makes the connector fail at its start, rather than go on with less, if workers offer no transactions."""
    return {keys.EXACTLY_ONCE_REQUIRED: "required"} if plan.workers.transactions is True else {}


def checkpoint_settings(plan: FlowPlan) -> Settings:
    """Return the settings of the connector that translates group offsets.

    Where a flow moves no groups it is left out, or has none to see to if it cannot be: with its checkpoints turned off
    it refuses to start (``MirrorCheckpointConfig.validate``).
    """
    return {
        **shared_settings(plan),
        keys.CHECKPOINTS_REPLICATION_FACTOR: plan.replication_factor,
        keys.REFRESH_GROUPS_INTERVAL: plan.intervals.discovery.seconds,
        keys.EMIT_CHECKPOINTS_INTERVAL: plan.intervals.checkpoint.seconds,
        keys.SYNC_GROUP_OFFSETS: plan.moves_groups,
        keys.SYNC_GROUP_OFFSETS_INTERVAL: plan.intervals.sync.seconds,
    }


def worker_place(plan: FlowPlan) -> dict[str, str]:
    """Return where the worker keeps the flow's place; of these an operator may make fields of its own."""
    return {
        keys.GROUP_ID: plan.names.group,
        keys.CONFIG_STORAGE_TOPIC: plan.names.config_topic,
        keys.OFFSET_STORAGE_TOPIC: plan.names.offset_topic,
        keys.STATUS_STORAGE_TOPIC: plan.names.status_topic,
    }


def worker_settings(plan: FlowPlan) -> Settings:
    """Return the further settings of the worker."""
    return {
        keys.CONFIG_STORAGE_REPLICATION_FACTOR: plan.replication_factor,
        keys.OFFSET_STORAGE_REPLICATION_FACTOR: plan.replication_factor,
        keys.STATUS_STORAGE_REPLICATION_FACTOR: plan.replication_factor,
        keys.OFFSET_FLUSH_INTERVAL: plan.intervals.flush.seconds * 1000,
        # By default the tasks of a lost worker wait five minutes for it, and no other worker syncs groups.
        keys.REBALANCE_DELAY: 0,
        **_transactions(plan),
    }


def _transactions(plan: FlowPlan) -> Settings:
    support = {True: "enabled", False: None, "preparing": "preparing"}[plan.workers.transactions]
    return {} if support is None else {keys.EXACTLY_ONCE_SUPPORT: support}


def as_text(value: Any) -> str:
    """Return a setting as Kafka reads it in a file or in Connect's JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
