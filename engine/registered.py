"""The resources that the program has registered in one pass."""

from __future__ import annotations

import threading
from dataclasses import replace

from engine.checkpoint import ResourceState
from engine.properties import Properties
from engine.registration import Goal
from engine.resulting import inherited


class Registered:
    """The resources of one pass, as they are registered from many threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._goals: dict[str, Goal] = {}
        self._states: dict[str, ResourceState] = {}

    def claim(self, urn: str) -> bool:
        """Note that a resource is registered; tells whether it is the first of its name."""
        with self._lock:
            is_first = urn not in self._seen
            self._seen.add(urn)
            return is_first

    def inherited(self, goal: Goal) -> Goal:
        """Return the goal with what it takes from its parent, and note it for its children."""
        with self._lock:
            goal = inherited(goal, self._goals.get(goal.parent))
            self._goals[goal.urn] = goal
            return goal

    def take(self, state: ResourceState) -> None:
        """Note the new state of a resource."""
        with self._lock:
            self._states[state.urn] = state

    def with_outputs(self, urn: str, outputs: Properties) -> ResourceState | None:
        """Note the outputs of a component; returns its state, None if there is no such component."""
        with self._lock:
            state = self._states.get(urn)
            if state is not None:
                state = self._states[urn] = replace(state, outputs=outputs)
            return state

    def get(self, urn: str) -> ResourceState | None:
        """Return the new state of a resource."""
        with self._lock:
            return self._states.get(urn)

    def states(self) -> list[ResourceState]:
        """Return the new states of all resources so far."""
        with self._lock:
            return list(self._states.values())

    @property
    def seen(self) -> frozenset[str]:
        """The URNs that were registered, those that have no state yet too."""
        with self._lock:
            return frozenset(self._seen)
