"""Which cluster a resource is in: that of its provider, as the provider was when the resource was deployed."""

from __future__ import annotations

import threading
from collections.abc import Callable

from engine.cancellation import Cancellation
from engine.checkpoint import ResourceState
from engine.cluster import Cluster, Clusters
from engine.handlers import StepError
from engine.patience import Patience
from engine.properties import plain
from engine.registered import Registered
from engine.stack_state import StackState
from engine.urns import label


class ResourceClusters:
    """The clusters of the resources of one pass; thread-safe."""

    def __init__(
        self,
        clusters: Clusters,
        state: StackState,
        registered: Registered,
        cancelled: Cancellation,
    ) -> None:
        self._clusters = clusters
        self._state = state
        self._registered = registered
        self._patience = Patience(cancelled)
        self._lock = threading.Lock()
        self._replaced: dict[str, ResourceState] = {}

    def of(self, state: ResourceState, progress: Callable[[str], None]) -> Cluster:
        """Return the cluster of a resource; while it is away, `progress` is told.

        Raises:
            StepError: If neither the program nor the state has its provider.
        """
        urn, _, id_ = state.provider.rpartition("::")
        candidates = [
            self._replaced_provider(urn),
            *(old for old in self._state.replaced if old.urn == urn),
            self._registered.get(urn),
            self._state.get(urn),
        ]
        found = [candidate for candidate in candidates if candidate is not None]
        exact = [candidate for candidate in found if candidate.id == id_]
        if not found:
            raise StepError(f"{label(state.urn)}: the state has no provider '{urn}' for it")
        cluster = self._clusters.of(plain((exact or found)[-1].inputs))
        return self._patience.with_(cluster, progress)

    def replace_provider(self, old: ResourceState) -> None:
        """Note that the resources of a provider have to move to its successor."""
        with self._lock:
            self._replaced[old.urn] = old

    def is_replaced(self, urn: str) -> bool:
        """Tell whether a provider has a successor."""
        return self._replaced_provider(urn) is not None

    def _replaced_provider(self, urn: str) -> ResourceState | None:
        with self._lock:
            return self._replaced.get(urn)
