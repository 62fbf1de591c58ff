"""The order in which resources are taken away: nothing before what still needs it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.checkpoint import ResourceState


def deletion_waves(resources: Iterable[ResourceState]) -> Sequence[Sequence[ResourceState]]:
    """Group resources so that each group may be deleted at once, after the groups before it.

    A resource comes after everything that names it as parent, provider or dependency.
    """
    remaining = {state.urn: state for state in resources}
    needs = {urn: state.prerequisites() for urn, state in remaining.items()}
    waves: list[list[ResourceState]] = []
    while remaining:
        needed = set().union(*(needs[urn] for urn in remaining))
        free = [urn for urn in remaining if urn not in needed]
        # A circle cannot come from a program; a state with one is taken apart all the same.
        free = free or list(remaining)
        waves.append([remaining.pop(urn) for urn in sorted(free)])
    return waves


def in_creation_order(resources: Iterable[ResourceState]) -> Sequence[ResourceState]:
    """Sort resources so that everything stands after what it needs; the same resources always sort alike."""
    waves = deletion_waves(resources)
    return [state for wave in reversed(waves) for state in wave]
