"""A topic as a KafkaTopic."""

from __future__ import annotations

from typing import Any

from kafka_mirror.manifests.base import Manifest
from kafka_mirror.manifests.objects import STRIMZI, custom_object
from kafka_mirror.planning import TopicPlan
from kafka_mirror.topology import Operator


def kafka_topic(
    topic: TopicPlan, *, namespace: str, cluster: str, operator: Operator = STRIMZI
) -> Manifest:
    """Return the KafkaTopic; ``topicName`` only where Kubernetes cannot hold the topic's own name."""
    spec: dict[str, Any] = {"partitions": topic.partitions, "replicas": topic.replicas}
    if topic.resource_name != topic.name:
        spec["topicName"] = topic.name
    if topic.config:
        spec["config"] = dict(topic.config)
    return custom_object(
        "KafkaTopic", topic.resource_name, namespace, spec, operator=operator, cluster=cluster
    )
