"""What a run did, or would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from engine.diff import PropertyChange
from engine.events import Diagnostic, Op, Phase, PolicyViolation, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of a run.

    Attributes:
        phase: What was run.
        stack: The stack it was run on.
        steps: Every resource and what was (or would be) done to it, unchanged ones too, in order.
        outputs: The stack outputs with ``[secret]`` and ``[unknown]`` in their places.
        changed_outputs: Where they differ from those of the deployment before; other stacks may read them.
        diagnostics: What program, packs and engine had to say.
        violations: What the policy packs found, mandatory first.
        elapsed: How long it took.
    """

    phase: Phase
    stack: str
    steps: tuple[Step, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    changed_outputs: tuple[PropertyChange, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    violations: tuple[PolicyViolation, ...] = ()
    elapsed: timedelta = timedelta()

    @property
    def changes(self) -> Mapping[Op, int]:
        """How many resources there are per operation; operations with none are left out."""
        return Counter(step.op for step in self.steps)

    @property
    def changed(self) -> tuple[Step, ...]:
        """The steps that change something."""
        return tuple(step for step in self.steps if step.op not in {Op.SAME, Op.READ})
