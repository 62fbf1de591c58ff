"""Waiting for an object to be ready, or to be gone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.cluster import Cluster
from engine.handlers import Context, StepError
from engine.object_names import ObjectName
from engine.readiness import Readiness
from kafka_mirror.errors import UnreachableError
from kafka_mirror.kubernetes_api import ApiError, JsonObject

DEFAULT_TIMEOUT_SECONDS: Final = 600.0
_FIRST_POLL_SECONDS: Final = 0.2
_LAST_POLL_SECONDS: Final = 1.0
_SLOWDOWN: Final = 1.3


@dataclass(frozen=True, slots=True)
class Waiter:
    """Looks at one object again and again. An API server that does not answer meanwhile is waited for too."""

    name: ObjectName
    cluster: Cluster
    context: Context

    def until_ready(
        self, live: JsonObject, readiness: Readiness, timeout: float
    ) -> tuple[JsonObject, tuple[str, ...]]:
        """Return the object as last seen, and why it is not ready if it is not."""
        for _ in self._looks(timeout):
            if readiness.is_met(live):
                return live, ()
            self.context.progress(readiness.missing(live))
            try:
                found = self.name.find(self.cluster)
            except (UnreachableError, ApiError) as error:
                self.context.progress(str(error))
                continue
            if found is None:
                return live, (f"{self.name} was deleted by someone else while it was awaited",)
            live = found
        if readiness.is_met(live):
            return live, ()
        if self.context.cancelled.is_set():
            return live, (f"{self.name} was not awaited to the end: the run was stopped",)
        return live, (f"{self.name} is not ready after {timeout:g} s: {readiness.missing(live)}",)

    def until_gone(self) -> None:
        """Return when the object is gone, or another one has taken its name.

        Raises:
            StepError: If it is still there after the time.
        """
        timeout = self.context.timeouts.get("delete") or DEFAULT_TIMEOUT_SECONDS
        uid, finalizers = "", "unknown"
        for _ in self._looks(timeout):
            try:
                live = self.name.find(self.cluster)
            except (UnreachableError, ApiError) as error:
                self.context.progress(str(error))
                continue
            if live is None or (uid and live["metadata"].get("uid") != uid):
                return
            uid = live["metadata"].get("uid") or ""
            finalizers = ", ".join(live["metadata"].get("finalizers") or ()) or "none"
            self.context.progress(f"waiting for deletion (finalizers: {finalizers})")
        why = "the run was stopped" if self.context.cancelled.is_set() else f"after {timeout:g} s"
        raise StepError(
            f"{self.name} on {self.cluster.name} is not gone: {why} (finalizers: {finalizers})"
        )

    def _looks(self, timeout: float) -> Iterator[None]:
        """Yield at once, then whenever it is time to look again, until the time is over."""
        deadline = time.monotonic() + timeout
        pause = _FIRST_POLL_SECONDS
        yield
        while time.monotonic() < deadline:
            if self.context.cancelled.wait(pause):
                return
            pause = min(pause * _SLOWDOWN, _LAST_POLL_SECONDS)
            yield
