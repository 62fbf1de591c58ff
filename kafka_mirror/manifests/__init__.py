"""How a plan is said: one subpackage per dialect. Pure; a leaf of a manifest may be a Pulumi Output."""

from kafka_mirror.manifests.base import Connection, Leaf, Manifest
from kafka_mirror.manifests.strimzi import (
    kafka,
    kafka_node_pool,
    kafka_topic,
    kafka_user,
    mirror_maker,
)

__all__ = [
    "Connection",
    "Leaf",
    "Manifest",
    "kafka",
    "kafka_node_pool",
    "kafka_topic",
    "kafka_user",
    "mirror_maker",
]
