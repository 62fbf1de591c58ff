"""What a reconciliation fails with: the reason and message that the real operators put into a status.

The words are those of Strimzi 1.2.0, a Java class name as the reason included, so that whoever reads a status in the
lab learns what a production cluster would have said.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from kafka_mirror.errors import KafkaMirrorError


class ReconciliationError(KafkaMirrorError):
    """One object cannot be made real; ends up in that object's status, never further up.

    Attributes:
        reason: The condition's `reason`, for example ``InvalidConfigurationException``.
        message: The condition's `message`. Never a secret's value.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, reason: str, message: str) -> None:
        self.reason, self.message = reason, message
        super().__init__(f"{reason}: {message}")


class InvalidResourceError(ReconciliationError):
    """The object itself is wrong, so nothing at all was made for it."""

    def __init__(self, message: str, *, reason: str = "InvalidResourceException") -> None:
        super().__init__(reason, message)


def secret_not_found(name: str, namespace: str) -> ReconciliationError:
    """Say that a Secret an object names does not exist."""
    message = f"Secret {name} not found in namespace {namespace}"
    return ReconciliationError("InvalidConfigurationException", message)


def keys_missing(name: str, keys: list[str]) -> ReconciliationError:
    """Say that a Secret an object names lacks keys."""
    message = f"Items with key(s) [{', '.join(keys)}] are missing in Secret {name}"
    return ReconciliationError("InvalidConfigurationException", message)


def pod_not_ready(pod: str, namespace: str, *, after: timedelta) -> ReconciliationError:
    """Say that a process has not answered in time."""
    return ReconciliationError(
        "StrimziTimeoutException",
        f"Exceeded timeout of {after // timedelta(milliseconds=1)}ms while waiting for Pods resource {pod} "
        f"in namespace {namespace} to be ready",
    )


def unsupported_value(key: str, value: object) -> InvalidResourceError:
    """Say that a configuration value is a list or a map, in the words of a Java program."""
    java_class = "java.util.ArrayList" if isinstance(value, list) else "java.util.LinkedHashMap"
    return InvalidResourceError(
        f"{key}: Unsupported type class {java_class} in configuration for this key",
        reason="InvalidConfigParameterException",
    )
