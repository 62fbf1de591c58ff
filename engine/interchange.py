"""What the embedded engine (this package) and the Pulumi CLI (`engine.pulumi_cli`) both offer, so that one may take the other's place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from engine.events import Listener, ignore
from engine.options import Options
from engine.outcome import Outcome
from engine.project import Project


class Operation(Protocol):
    """One operation on a stack; see `engine.operations`."""

    def __call__(
        self,
        project: Project,
        stack: str,
        *,
        options: Options | None = None,
        on_event: Listener = ignore,
    ) -> Outcome:
        """Carry it out."""


class Operations(Protocol):
    """All of them."""

    @property
    def preview(self) -> Operation:
        """Tell what `up` would do."""

    @property
    def up(self) -> Operation:
        """Make the stack what the program says."""

    @property
    def refresh(self) -> Operation:
        """Read the live objects into the state."""

    @property
    def destroy(self) -> Operation:
        """Delete everything the stack has made."""

    def outputs(
        self,
        project: Project,
        stack: str,
        *,
        options: Options | None = None,
        show_secrets: bool = False,
    ) -> Mapping[str, Any]:
        """Return the outputs of a stack as it was last deployed."""
