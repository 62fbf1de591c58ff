"""The words of Strimzi's ``v1``, most of which every operator API shares."""

from kafka_mirror.manifests.strimzi.heartbeats import (
    heartbeat_connector_spec,
    heartbeat_login,
    heartbeat_security,
    heartbeat_worker_spec,
    login_secret,
)
from kafka_mirror.manifests.strimzi.kafka import kafka_annotations, kafka_spec, node_pool_spec
from kafka_mirror.manifests.strimzi.mirror_maker import cluster, mirror_maker_spec, replication
from kafka_mirror.manifests.strimzi.topic import kafka_topic
from kafka_mirror.manifests.strimzi.user import kafka_user
from kafka_mirror.manifests.strimzi.workers import workers

__all__ = [
    "cluster",
    "heartbeat_connector_spec",
    "heartbeat_login",
    "heartbeat_security",
    "heartbeat_worker_spec",
    "kafka_annotations",
    "kafka_spec",
    "kafka_topic",
    "kafka_user",
    "login_secret",
    "mirror_maker_spec",
    "node_pool_spec",
    "replication",
    "workers",
]
