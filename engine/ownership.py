"""Which resource of a stack an object in a cluster belongs to."""

from __future__ import annotations

from collections.abc import Iterable

from engine.checkpoint import ResourceState
from engine.object_names import object_name
from engine.properties import Properties, contains_unknown

Identity = tuple[str, str, str, str]


class Ownership:
    """The objects a stack has when a run begins."""

    def __init__(self, resources: Iterable[ResourceState]) -> None:
        self._owners = {
            _identity(state.provider, state.inputs): state.urn
            for state in resources
            if state.type.startswith("kubernetes:")
            and not state.external
            and not state.pending_replacement
        }

    def other_owner(self, urn: str, provider: str, inputs: Properties) -> str | None:
        """Return the URN of another resource that has the object which is about to be made.

        That happens when a resource is given another name in the program, another parent, or another version of its
        API: the new one would be made while the old one still has the object.
        """
        identity = _identity(provider, inputs)
        owner = self._owners.get(identity) if identity else None
        return None if owner == urn else owner


def _identity(provider: str, inputs: Properties) -> Identity | None:
    if contains_unknown(inputs.get("metadata")):
        return None
    name = object_name(inputs)
    group = name.api_version.rpartition("/")[0]
    return provider.rpartition("::")[0], group, name.kind, name.id
