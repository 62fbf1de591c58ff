"""The dialect of Strimzi 1.x: ``kafka.strimzi.io/v1``."""

from kafka_mirror.manifests.strimzi.kafka import kafka, kafka_node_pool
from kafka_mirror.manifests.strimzi.mirror_maker import mirror_maker
from kafka_mirror.manifests.strimzi.topic import kafka_topic
from kafka_mirror.manifests.strimzi.user import kafka_user

__all__ = ["kafka", "kafka_node_pool", "kafka_topic", "kafka_user", "mirror_maker"]
