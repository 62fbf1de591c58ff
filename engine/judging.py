"""Asking the policy packs about the resources of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from engine.checkpoint import ResourceState
from engine.policy import AnalyzedResource, PolicyPack
from engine.properties import Properties
from engine.registration import Goal
from engine.reporting import Reporter
from engine.urns import referenced_urn

FindState = Callable[[str], ResourceState | None]


class Judge:
    """All packs of a run."""

    def __init__(
        self, packs: Sequence[PolicyPack], reporter: Reporter, *, provider_of: FindState
    ) -> None:
        self._packs = packs
        self._reporter = reporter
        self._provider_of = provider_of

    def judge(self, goal: Goal, state: ResourceState) -> bool:
        """Ask about the inputs of a resource; tells whether no mandatory policy is violated."""
        if not self._packs:
            return True
        resource = self._analyzed(
            state, state.inputs, deletes_before_replace=goal.delete_before_replace
        )
        found = [violation for pack in self._packs for violation in pack.analyze(resource)]
        for violation in found:
            self._reporter.violation(violation)
        return not any(violation.is_mandatory for violation in found)

    def judge_stack(self, states: Iterable[ResourceState]) -> None:
        """Ask about the outputs of all resources together."""
        if not self._packs:
            return
        resources = [self._analyzed(state, state.outputs) for state in states]
        for pack in self._packs:
            for violation in pack.analyze_stack(resources):
                self._reporter.violation(violation)

    def _analyzed(
        self,
        state: ResourceState,
        properties: Properties,
        *,
        deletes_before_replace: bool | None = None,
    ) -> AnalyzedResource:
        provider = self._provider_of(referenced_urn(state.provider)) if state.provider else None
        return AnalyzedResource(
            urn=state.urn,
            type=state.type,
            name=state.name,
            properties=properties,
            parent=state.parent,
            protect=state.protect,
            dependencies=state.dependencies,
            property_dependencies=state.property_dependencies,
            ignore_changes=state.ignore_changes,
            additional_secret_outputs=state.additional_secret_outputs,
            delete_before_replace=deletes_before_replace,
            custom_timeouts=state.custom_timeouts,
            provider=None if provider is None else self._analyzed(provider, provider.inputs),
        )
