"""The configuration keys of MirrorMaker 2 and of the Connect worker that this project sets.

Source: ``MirrorConnectorConfig``, ``MirrorSourceConfig``, ``MirrorCheckpointConfig`` and
``DistributedConfig`` of Apache Kafka 4.3.
"""

from __future__ import annotations

from typing import Final

IDENTITY_POLICY: Final = "org.apache.kafka.connect.mirror.IdentityReplicationPolicy"
DEFAULT_POLICY: Final = "org.apache.kafka.connect.mirror.DefaultReplicationPolicy"


def policy_class(naming: str) -> str:
    """Return the replication policy that keeps topic names, or that puts the source before them."""
    return IDENTITY_POLICY if naming == "identity" else DEFAULT_POLICY


REPLICATION_POLICY_CLASS: Final = "replication.policy.class"
OFFSET_SYNCS_LOCATION: Final = "offset-syncs.topic.location"

# Source connector
REPLICATION_FACTOR: Final = "replication.factor"
OFFSET_SYNCS_REPLICATION_FACTOR: Final = "offset-syncs.topic.replication.factor"
REFRESH_TOPICS_INTERVAL: Final = "refresh.topics.interval.seconds"
SYNC_TOPIC_CONFIGS_INTERVAL: Final = "sync.topic.configs.interval.seconds"
SYNC_TOPIC_ACLS: Final = "sync.topic.acls.enabled"
CONSUMER_ISOLATION: Final = "consumer.isolation.level"
CONSUMER_START: Final = "consumer.auto.offset.reset"
EXACTLY_ONCE_REQUIRED: Final = "exactly.once.support"
TRANSACTION_BOUNDARY: Final = "transaction.boundary"
HEARTBEATS_REPLICATION: Final = "heartbeats.replication.enabled"
TOPICS: Final = "topics"
TOPICS_EXCLUDE: Final = "topics.exclude"
GROUPS: Final = "groups"
GROUPS_EXCLUDE: Final = "groups.exclude"

# Checkpoint connector
CHECKPOINTS_REPLICATION_FACTOR: Final = "checkpoints.topic.replication.factor"
EMIT_CHECKPOINTS_INTERVAL: Final = "emit.checkpoints.interval.seconds"
SYNC_GROUP_OFFSETS: Final = "sync.group.offsets.enabled"
SYNC_GROUP_OFFSETS_INTERVAL: Final = "sync.group.offsets.interval.seconds"
REFRESH_GROUPS_INTERVAL: Final = "refresh.groups.interval.seconds"

# Heartbeat connector
HEARTBEATS_REPLICATION_FACTOR: Final = "heartbeats.topic.replication.factor"

# Connect worker
GROUP_ID: Final = "group.id"
CONFIG_STORAGE_TOPIC: Final = "config.storage.topic"
OFFSET_STORAGE_TOPIC: Final = "offset.storage.topic"
STATUS_STORAGE_TOPIC: Final = "status.storage.topic"
CONFIG_STORAGE_REPLICATION_FACTOR: Final = "config.storage.replication.factor"
OFFSET_STORAGE_REPLICATION_FACTOR: Final = "offset.storage.replication.factor"
STATUS_STORAGE_REPLICATION_FACTOR: Final = "status.storage.replication.factor"
OFFSET_FLUSH_INTERVAL: Final = "offset.flush.interval.ms"
REBALANCE_DELAY: Final = "scheduled.rebalance.max.delay.ms"
EXACTLY_ONCE_SUPPORT: Final = "exactly.once.source.support"

# Broker and topic
MIN_INSYNC_REPLICAS: Final = "min.insync.replicas"

DEFAULT_TOPICS_EXCLUDE: Final = (r"mm2.*\.internal", r".*\.replica", r"__.*")
"""``topics.exclude`` when it is not set; setting the key replaces the list."""

INTERNAL_TOPICS: Final = (r"__.*", r"\..*", r"mm2.*\.internal", r".*\.checkpoints\.internal")
"""What MirrorMaker never mirrors, whatever ``topics`` and ``topics.exclude`` say (``isInternalTopic``)."""

KAFKA_TOPICS: Final = frozenset(
    {"__consumer_offsets", "__transaction_state", "__share_group_state", "__cluster_metadata"}
)
"""What brokers make and write themselves (``org.apache.kafka.common.internals.Topic``)."""

HEARTBEAT_ENDING: Final = "heartbeats"
"""A topic whose name ends so is given the source's prefix even by ``IdentityReplicationPolicy``."""

DEFAULT_GROUPS_EXCLUDE: Final = (r"console-consumer-.*", r"connect-.*", r"__.*")
"""``groups.exclude`` when it is not set; setting the key replaces the list."""

DEFAULT_OFFSET_LAG_MAX: Final = 100
"""``offset.lag.max``, in records: how far a partition may move before an offset sync is sent at once."""

BYTES_CONVERTER: Final = "org.apache.kafka.connect.converters.ByteArrayConverter"
"""Hands records on as they are; a plain worker's own default would wrap them in JSON."""

SEPARATOR: Final = "."
"""``replication.policy.separator``, between the source alias and the topic name under prefix naming."""

DATA_TUNING: Final = {
    "producer.override.batch.size": 524288,
    "producer.override.linger.ms": 50,
    # Counted before compression: a batch that the source took compressed may be larger here.
    "producer.override.max.request.size": 4000000,
    "consumer.max.partition.fetch.bytes": 8388608,
    "consumer.max.poll.records": 10000,
}
"""Source connector settings for throughput, in bytes, milliseconds and records.

Records are written by the worker's producer, which ``producer.override.`` reaches; ``producer.`` would
tune the offset syncs only. Bigger batches and fetches, not more tasks, are what a busy flow needs first.
"""
