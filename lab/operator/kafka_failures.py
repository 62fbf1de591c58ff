"""What a broker answers when it says no, in the words a Java program would use for it."""

from __future__ import annotations

from typing import Any

from confluent_kafka import KafkaError, KafkaException

from kafka_mirror.errors import UnreachableError
from lab.operator.failures import ReconciliationError

_JAVA_NAMES = {
    KafkaError.INVALID_CONFIG: "InvalidConfigurationException",
    KafkaError.INVALID_PARTITIONS: "InvalidPartitionsException",
    KafkaError.INVALID_REPLICATION_FACTOR: "InvalidReplicationFactorException",
    KafkaError.INVALID_REQUEST: "InvalidRequestException",
    KafkaError.POLICY_VIOLATION: "PolicyViolationException",
    KafkaError.TOPIC_ALREADY_EXISTS: "TopicExistsException",
    KafkaError.TOPIC_EXCEPTION: "InvalidTopicException",
    KafkaError.UNKNOWN_TOPIC_OR_PART: "UnknownTopicOrPartitionException",
}


def translate(error: Exception, endpoint: str) -> Exception:
    """Return what a failed call to a cluster means.

    A refusal becomes the `ReconciliationError` that the real Topic Operator would put into a status; everything else means that
    the cluster did not answer, which is tried again and is nobody's fault.
    """
    if isinstance(error, KafkaException) and error.args and isinstance(error.args[0], KafkaError):
        reason: Any = error.args[0]
        name = _JAVA_NAMES.get(reason.code())
        if name is not None:
            message = f"org.apache.kafka.common.errors.{name}: {_without_prefix(reason.str())}"
            return ReconciliationError("KafkaError", message)
        return UnreachableError("the Kafka cluster", endpoint, f"{reason.name()}: {reason.str()}")
    return UnreachableError("the Kafka cluster", endpoint, type(error).__name__)


def is_unknown_topic(error: KafkaException) -> bool:
    """Tell whether a call failed because the topic does not exist."""
    return bool(error.args) and error.args[0].code() == KafkaError.UNKNOWN_TOPIC_OR_PART


def is_security_disabled(error: KafkaException) -> bool:
    """Tell whether a call failed because the broker has no authorizer."""
    return bool(error.args) and error.args[0].code() == KafkaError.SECURITY_DISABLED


def _without_prefix(text: str) -> str:
    # librdkafka puts its own words before the broker's: "Broker: Configuration is invalid: <broker's words>".
    return text.removeprefix("Broker: ")
