"""The cluster as the engine needs it: a part of the Kubernetes adapter, so that tests can stand in for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from kafka_mirror.kubernetes_api import JsonObject, KubernetesApi

FIELD_MANAGER = "kafka-mirror"


class Cluster(Protocol):
    """One Kubernetes API server."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def find(
        self, api_version: str, kind: str, name: str, namespace: str | None = None
    ) -> JsonObject | None:
        """Read one object; None if it, or its kind, is not there."""

    def apply(self, obj: JsonObject, *, field_manager: str, force: bool = False) -> JsonObject:
        """Apply an object on the server side; with force, fields that others have set are taken."""

    def patch(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        *,
        patch: JsonObject,
        field_manager: str,
    ) -> JsonObject:
        """Apply a JSON merge patch."""

    def delete(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        *,
        uid: str | None = None,
    ) -> None:
        """Ask for deletion; an object that is not there is fine."""


Connect = Callable[[str | None, str | None], Cluster]


def connect(kubeconfig: str | None, context: str | None) -> Cluster:
    """Reach a cluster through a kubeconfig (path or content) and one of its contexts."""
    return KubernetesApi.connect(kubeconfig=kubeconfig, context=context)


class Overruling:
    """A cluster where what is applied holds, whoever has set it to something else meanwhile."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    @property
    def name(self) -> str:
        """What messages call it."""
        return self._cluster.name

    def apply(self, obj: JsonObject, *, field_manager: str, force: bool = False) -> JsonObject:
        """Apply an object, and take the fields that others have set."""
        del force
        return self._cluster.apply(obj, field_manager=field_manager, force=True)

    def find(
        self, api_version: str, kind: str, name: str, namespace: str | None = None
    ) -> JsonObject | None:
        """Read one object."""
        return self._cluster.find(api_version, kind, name, namespace)

    def patch(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        *,
        patch: JsonObject,
        field_manager: str,
    ) -> JsonObject:
        """Apply a JSON merge patch."""
        return self._cluster.patch(
            api_version, kind, name, namespace, patch=patch, field_manager=field_manager
        )

    def delete(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        *,
        uid: str | None = None,
    ) -> None:
        """Ask for deletion."""
        self._cluster.delete(api_version, kind, name, namespace, uid=uid)


class Clusters:
    """The clusters that the providers of a stack stand for, each connected once."""

    def __init__(
        self, connect_to: Connect, environment: Mapping[str, str], *, overrules: bool = False
    ) -> None:
        """Connect to none of them yet.

        Args:
            connect_to: How a cluster is reached.
            environment: May name the kubeconfig.
            overrules: Whether fields that others have set are taken.
        """
        self._connect = connect_to
        self._overrules = overrules
        self._default_kubeconfig = environment.get("KUBECONFIG")
        self._lock = threading.Lock()
        self._connected: dict[tuple[str | None, str | None], Cluster] = {}

    def of(self, provider_inputs: Mapping[str, Any]) -> Cluster:
        """Return the cluster that a provider with these (plain) inputs reaches."""
        key = (
            provider_inputs.get("kubeconfig") or self._default_kubeconfig,
            provider_inputs.get("context"),
        )
        with self._lock:
            if key not in self._connected:
                cluster = self._connect(*key)
                self._connected[key] = Overruling(cluster) if self._overrules else cluster
            return self._connected[key]
