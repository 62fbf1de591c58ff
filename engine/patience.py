"""Waiting for an API server that is away for a moment: started again, overloaded, or behind a network that fails.

Only what may be asked twice is asked again: reading, deleting a very object, and server-side apply, which sets the same
fields to the same values. A server that has never answered in this operation is not waited for: its address may be wrong.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from engine.cancellation import Cancellation
from engine.cluster import Cluster
from kafka_mirror.errors import UnreachableError
from kafka_mirror.kubernetes_api import ApiError, CredentialRefusedError, JsonObject

# Too many requests; an error of its own, of a webhook for example; behind a gateway; starting; too slow.
_PASSING: Final = frozenset({429, 500, 502, 503, 504})
_AWAY_SECONDS: Final = 60.0
_BUSY_SECONDS: Final = 20.0
_FIRST_PAUSE_SECONDS: Final = 0.5
_LAST_PAUSE_SECONDS: Final = 4.0

Answer = TypeVar("Answer")


class Patience:
    """What one operation knows of its servers; thread-safe."""

    def __init__(self, cancelled: Cancellation) -> None:
        self._cancelled = cancelled
        self._lock = threading.Lock()
        self._answered: set[int] = set()
        self._lost: set[int] = set()

    def with_(self, cluster: Cluster, progress: Callable[[str], None]) -> Cluster:
        """Return the cluster as one that is waited for; `progress` is told what for."""
        return _Patient(cluster, self, progress)

    def ask(
        self, cluster: Cluster, question: Callable[[], Answer], progress: Callable[[str], None]
    ) -> Answer:
        """Ask until there is an answer, the time is over or the operation is to end.

        Raises:
            ApiError: If the server refuses, or is still busy.
            UnreachableError: If it still does not answer, or never did.
        """
        began, pause = time.monotonic(), _FIRST_PAUSE_SECONDS
        while True:
            try:
                answer = question()
            except (ApiError, UnreachableError) as error:
                limit = self._limit(cluster, error)
                if not limit:
                    raise
                if time.monotonic() + pause - began > limit or self._cancelled.is_set():
                    raise self._given_up(cluster, error, limit) from error
                progress(f"{error}; it is asked again")
            else:
                self._note(cluster, is_there=True)
                return answer
            self._cancelled.wait(pause)
            pause = min(2 * pause, _LAST_PAUSE_SECONDS)

    def _limit(self, cluster: Cluster, error: ApiError | UnreachableError) -> float:
        """Return for how long this is worth asking again, in seconds."""
        if isinstance(error, ApiError):
            self._note(cluster, is_there=True)
            return _BUSY_SECONDS if error.status in _PASSING else 0.0
        with self._lock:
            is_known = id(cluster) in self._answered - self._lost
        return _AWAY_SECONDS if is_known and not isinstance(error, CredentialRefusedError) else 0.0

    def _given_up(
        self, cluster: Cluster, error: ApiError | UnreachableError, limit: float
    ) -> ApiError | UnreachableError:
        if isinstance(error, ApiError) or self._cancelled.is_set():
            return error
        # Whatever else is asked of it fails at once, until it answers.
        self._note(cluster, is_there=False)
        reason = f"{error.reason}; it had answered before, and was waited for {limit:g} s"
        return UnreachableError(error.what, error.endpoint, reason)

    def _note(self, cluster: Cluster, *, is_there: bool) -> None:
        with self._lock:
            if is_there:
                self._answered.add(id(cluster))
                self._lost.discard(id(cluster))
            else:
                self._lost.add(id(cluster))


class _Patient:
    """A cluster that is waited for."""

    def __init__(
        self, cluster: Cluster, patience: Patience, progress: Callable[[str], None]
    ) -> None:
        self._cluster = cluster
        self._patience = patience
        self._progress = progress

    @property
    def name(self) -> str:
        """What messages call it."""
        return self._cluster.name

    def find(
        self, api_version: str, kind: str, name: str, namespace: str | None = None
    ) -> JsonObject | None:
        """Read one object."""
        return self._ask(lambda: self._cluster.find(api_version, kind, name, namespace))

    def apply(self, obj: JsonObject, *, field_manager: str, force: bool = False) -> JsonObject:
        """Apply an object on the server side."""
        return self._ask(lambda: self._cluster.apply(obj, field_manager=field_manager, force=force))

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
        """Apply a JSON merge patch, once: it may be conditional on a version that it changes itself."""
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
        self._ask(lambda: self._cluster.delete(api_version, kind, name, namespace, uid=uid))

    def _ask(self, question: Callable[[], Answer]) -> Answer:
        return self._patience.ask(self._cluster, question, self._progress)
