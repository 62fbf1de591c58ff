"""Finds, fetches or builds the real parts of the lab, once per user."""

from lab.binaries.everything import ensure_everything
from lab.binaries.kafka import ensure_kafka, kafka_classpath, kafka_directory
from lab.binaries.strimzi import ensure_strimzi_crds, strimzi_crd_files

__all__ = [
    "ensure_everything",
    "ensure_kafka",
    "ensure_strimzi_crds",
    "kafka_classpath",
    "kafka_directory",
    "strimzi_crd_files",
]
