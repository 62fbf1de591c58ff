"""What the supervisor of a lab says of itself: one file that ``lab up`` follows and ``lab status`` reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from lab.files import write_text
from lab.steps import Phase, Step


class LabState(StrEnum):
    """Where a lab stands."""

    STARTING = "starting"
    READY = "ready"
    DEGRADED = "degraded"
    FAILED = "failed"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    """One moment of a lab.

    Attributes:
        state: Where it stands.
        message: Why it is degraded or failed; empty otherwise.
        steps: Every event of the start so far, in order.
        restarts: How often each part ended by itself and was started again.
        has_operator: False for a lab of control planes alone.
    """

    state: LabState = LabState.STARTING
    message: str = ""
    steps: tuple[Step, ...] = ()
    restarts: Mapping[str, int] = field(default_factory=dict)
    has_operator: bool = True

    def with_step(self, step: Step) -> Supervision:
        """Return this moment with one more event."""
        return replace(self, steps=(*self.steps, step))

    def write(self, file: Path) -> None:
        """Write it for others to read."""
        content = {
            "state": self.state,
            "message": self.message,
            "restarts": dict(self.restarts),
            "hasOperator": self.has_operator,
            "steps": [
                {
                    "name": step.name,
                    "phase": step.phase,
                    "detail": step.detail,
                    "elapsedSeconds": step.elapsed.total_seconds(),
                }
                for step in self.steps
            ],
        }
        write_text(file, json.dumps(content))


def read_supervision(file: Path) -> Supervision | None:
    """Return what was written last, or None if nothing was."""
    try:
        content = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    return Supervision(
        state=LabState(content["state"]),
        message=content["message"],
        restarts=content["restarts"],
        has_operator=content["hasOperator"],
        steps=tuple(
            Step(
                name=step["name"],
                phase=Phase(step["phase"]),
                detail=step["detail"],
                elapsed=timedelta(seconds=step["elapsedSeconds"]),
            )
            for step in content["steps"]
        ),
    )
