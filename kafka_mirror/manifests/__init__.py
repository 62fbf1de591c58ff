"""How a plan is said: one module per dialect. Pure; a leaf of a manifest may be a Pulumi Output."""

from kafka_mirror.manifests.base import (
    Connection,
    Leaf,
    Manifest,
    source_connection,
    target_connection,
)
from kafka_mirror.manifests.connect import connect
from kafka_mirror.manifests.dialects import Dialect, said_in
from kafka_mirror.manifests.files import SiteFiles, site_files
from kafka_mirror.manifests.monitoring import flow_monitoring, site_monitoring
from kafka_mirror.manifests.objects import api_version
from kafka_mirror.manifests.operators import (
    heartbeat_connectors,
    heartbeat_worker,
    kafka,
    kafka_node_pools,
    mirror_maker,
)
from kafka_mirror.manifests.properties import properties
from kafka_mirror.manifests.strimzi import kafka_topic, kafka_user

__all__ = [
    "Connection",
    "Dialect",
    "Leaf",
    "Manifest",
    "SiteFiles",
    "api_version",
    "connect",
    "flow_monitoring",
    "heartbeat_connectors",
    "heartbeat_worker",
    "kafka",
    "kafka_node_pools",
    "kafka_topic",
    "kafka_user",
    "mirror_maker",
    "properties",
    "said_in",
    "site_files",
    "site_monitoring",
    "source_connection",
    "target_connection",
]
