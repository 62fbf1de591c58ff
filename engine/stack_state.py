"""The resources of a stack during a run; with a journal every change is recorded as it is made."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from engine.checkpoint import (
    Crypter,
    Deployment,
    PendingOperation,
    ResourceState,
    in_dependency_order,
    pending_to_json,
    resource_to_json,
)
from engine.journal import Journal

JsonObject = dict[str, Any]

_INTERRUPTED = "the run was interrupted"


class StackState:
    """The resources of a stack during a run; thread-safe.

    With a journal every change is recorded as it is made; without one (a preview) nothing is.
    """

    def __init__(
        self,
        deployment: Deployment,
        *,
        journal: Journal | None = None,
        crypter: Crypter | None = None,
    ) -> None:
        self.resources = {state.urn: state for state in deployment.resources if not state.delete}
        self.replaced = [state for state in deployment.resources if state.delete]
        self.pending = list(deployment.pending)
        self.is_changed = False
        self._deployment = deployment
        self._journal = journal
        self._crypter = crypter
        self._lock = threading.Lock()
        self._last_operation = 0
        self._open: dict[int, PendingOperation] = {}

    def get(self, urn: str) -> ResourceState | None:
        """Return a resource."""
        with self._lock:
            return self.resources.get(urn)

    def begin(self, type_: str, resource: ResourceState) -> int:
        """Record that a change begins; returns the number to end it with."""
        with self._lock:
            self._last_operation += 1
            number = self._last_operation
            self.is_changed = True
            pending = self._open[number] = PendingOperation(type_, resource)
        self._record(
            lambda crypter: {"operation": number, "begin": pending_to_json(pending, crypter)},
            is_durable=True,
        )
        return number

    def end(
        self,
        number: int | None,
        *,
        put: Iterable[ResourceState] = (),
        drop: Iterable[str] = (),
        drop_replaced: Iterable[str] = (),
    ) -> None:
        """Record what a change has led to: states that now hold, URNs that are gone.

        Args:
            number: What `begin` returned; None for a change outside any cluster.
            put: States that now hold.
            drop: URNs of resources that are gone.
            drop_replaced: URNs of replaced predecessors that are gone.
        """
        put, drop, drop_replaced = list(put), list(drop), list(drop_replaced)
        self.apply(put=put, drop=drop, drop_replaced=drop_replaced)
        if number is not None:
            with self._lock:
                self._open.pop(number, None)

        def entry(crypter: Crypter) -> JsonObject:
            return {
                "operation": number,
                "put": [resource_to_json(state, crypter) for state in put],
                "drop": drop,
                "dropReplaced": drop_replaced,
            }

        self._record(entry, is_durable=number is not None)

    def recover(self) -> None:
        """Mark the resources that an interrupted run was changing: how far it came is not known.

        An interrupted creation stays pending, for it takes a cluster to tell what became of it.
        """
        kept = []
        for operation in self.pending:
            state = self.resources.get(operation.resource.urn)
            if operation.type == "creating" and (state is None or state.pending_replacement):
                kept.append(operation)
            elif state is not None:
                self.resources[state.urn] = replace(state, init_errors=(_INTERRUPTED,))
            self.is_changed = True
        self.pending = kept

    def settle(self, urn: str) -> None:
        """Forget the interrupted operations of a resource: what became of them is known."""
        with self._lock:
            self.pending = [item for item in self.pending if item.resource.urn != urn]
            self.is_changed = True

    def record_settled(self, urn: str) -> None:
        """Forget the interrupted operations of a resource, on disk too."""
        self.settle(urn)
        self._record(lambda _: {"settled": [urn]}, is_durable=True)

    def apply(
        self,
        *,
        put: Iterable[ResourceState] = (),
        drop: Iterable[str] = (),
        drop_replaced: Iterable[str] = (),
    ) -> None:
        """Change the resources in memory alone."""
        gone = set(drop_replaced)
        with self._lock:
            self.is_changed = True
            for urn in drop:
                self.resources.pop(urn, None)
            if gone:
                self.replaced = [state for state in self.replaced if state.urn not in gone]
            for state in put:
                if state.delete:
                    self.replaced.append(state)
                else:
                    self.resources[state.urn] = state

    def snapshot(self) -> Deployment:
        """Return the stack as it is now, in the order that Pulumi demands."""
        with self._lock:
            return Deployment(
                resources=in_dependency_order([*self.resources.values(), *self.replaced]),
                pending=(*self.pending, *self._open.values()),
                salt=self._deployment.salt,
                other=self._deployment.other,
            )

    def _record(self, entry: Callable[[Crypter], JsonObject], *, is_durable: bool) -> None:
        if self._journal is None or self._crypter is None:
            return
        line = entry(self._crypter)
        with self._lock:
            self._journal.append(line, is_durable=is_durable)
