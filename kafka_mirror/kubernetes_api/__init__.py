"""One small adapter over the official Kubernetes client, shared by engine, lab and recovery.

Objects are plain JSON dictionaries of any kind the API server serves; plurals are discovered.
"""

from kafka_mirror.kubernetes_api.client import KubernetesApi
from kafka_mirror.kubernetes_api.connection import is_kubeconfig_content
from kafka_mirror.kubernetes_api.discovery import ResourceKind
from kafka_mirror.kubernetes_api.failures import (
    ApiError,
    ConflictError,
    CredentialRefusedError,
    GoneError,
    InvalidError,
    JsonObject,
    NotFoundError,
)
from kafka_mirror.kubernetes_api.watching import WatchEvent

__all__ = [
    "ApiError",
    "ConflictError",
    "CredentialRefusedError",
    "GoneError",
    "InvalidError",
    "JsonObject",
    "KubernetesApi",
    "NotFoundError",
    "ResourceKind",
    "WatchEvent",
    "is_kubeconfig_content",
]
