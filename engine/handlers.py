"""What a kind of resource is: how it is checked, made, changed and taken away.

A handler is to the engine what a provider plugin is to Pulumi. The ones for Pulumi's own resources are here; the one
for Kubernetes objects has its own module.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from engine.cancellation import Cancellation
from engine.checkpoint import ResourceState
from engine.cluster import Cluster
from engine.properties import Properties, Secret, plain
from engine.registration import Goal
from kafka_mirror.kubernetes_api import is_kubeconfig_content

Paths = tuple[str, ...]


class WrongInputError(Exception):
    """The inputs of a resource cannot be used; the message says which and why."""


class StepError(Exception):
    """A step failed.

    Attributes:
        is_settled: Nothing came of it, for certain; else the server may have done it all the same.
    """

    def __init__(self, message: str, *, is_settled: bool = True) -> None:
        super().__init__(message)
        self.is_settled = is_settled


@dataclass(frozen=True, slots=True)
class Made:
    """What a step has led to. With errors the resource is there, but not as it should be."""

    id: str
    outputs: Properties
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a step may use.

    Attributes:
        cluster: The cluster of the resource's provider; raises if the provider has none.
        progress: Tells what the step is waiting for.
        cancelled: Set when the run is to end.
        timeouts: The resource's own timeouts in seconds, by step.
        was_begun: An earlier run began to create the resource and was interrupted.
        begin: Records that the cluster is about to be changed.
    """

    cluster: Callable[[], Cluster]
    progress: Callable[[str], None]
    cancelled: Cancellation
    timeouts: Mapping[str, float] = field(default_factory=dict)
    was_begun: bool = False
    begin: Callable[[], None] = lambda: None


class Handler(Protocol):
    """One kind of resource."""

    replaces_on: Paths
    deletes_before_replace: bool

    def check(self, goal: Goal) -> Properties:
        """Return the inputs as they are deployed, or raise ``WrongInputError``."""

    def requires_replacement(self, old: ResourceState, inputs: Properties) -> bool:
        """Tell whether the change cannot be made in place, beyond what `replaces_on` names."""

    def preview(self, inputs: Properties, old: ResourceState | None) -> Made:
        """Return what is known beforehand of the result of a creation or, with an old state, a change."""

    def create(self, inputs: Properties, context: Context) -> Made:
        """Make the resource."""

    def update(self, old: ResourceState, inputs: Properties, context: Context) -> Made:
        """Change the resource."""

    def delete(self, old: ResourceState, context: Context) -> None:
        """Take the resource away."""

    def read(self, old: ResourceState, context: Context) -> Made | None:
        """Return the resource as it is now; None if it is gone."""


class StashHandler:
    """``pulumi:index:Stash``: keeps the first input it was given as its output."""

    replaces_on: Paths = ()
    deletes_before_replace = False

    def check(self, goal: Goal) -> Properties:
        """Demand the one input there is."""
        if set(goal.inputs) != {"input"}:
            raise WrongInputError("a Stash takes exactly one property, 'input'")
        return goal.inputs

    def requires_replacement(self, old: ResourceState, inputs: Properties) -> bool:
        """Only a replacement trigger replaces it."""
        del old, inputs
        return False

    def preview(self, inputs: Properties, old: ResourceState | None) -> Made:
        """All of it is known."""
        return self._made(old.id if old else "", inputs, old)

    def create(self, inputs: Properties, context: Context) -> Made:
        """Keep the input."""
        del context
        return self._made(str(uuid.uuid4()), inputs, None)

    def update(self, old: ResourceState, inputs: Properties, context: Context) -> Made:
        """Note the new input; the output stays."""
        del context
        return self._made(old.id, inputs, old)

    def delete(self, old: ResourceState, context: Context) -> None:
        """There is nothing outside the state."""

    def read(self, old: ResourceState, context: Context) -> Made | None:
        """The state is all there is."""
        del context
        return Made(old.id, old.outputs)

    def _made(self, id_: str, inputs: Properties, old: ResourceState | None) -> Made:
        output = old.outputs.get("output") if old else inputs["input"]
        return Made(id_, {"input": inputs["input"], "output": output})


class BuiltinProviderHandler:
    """``pulumi:providers:pulumi``: the provider of Pulumi's own resources, in the state for Pulumi's sake."""

    replaces_on: Paths = ()
    deletes_before_replace = False

    def check(self, goal: Goal) -> Properties:
        """Take the inputs as they are."""
        return goal.inputs

    def requires_replacement(self, old: ResourceState, inputs: Properties) -> bool:
        """Nothing does."""
        del old, inputs
        return False

    def preview(self, inputs: Properties, old: ResourceState | None) -> Made:
        """The outputs of a provider are its inputs."""
        return Made(old.id if old else "", outputs_for_program(inputs))

    def create(self, inputs: Properties, context: Context) -> Made:
        """Give it an id."""
        del context
        return Made(str(uuid.uuid4()), outputs_for_program(inputs))

    def update(self, old: ResourceState, inputs: Properties, context: Context) -> Made:
        """Note the new inputs."""
        del context
        return Made(old.id, outputs_for_program(inputs))

    def delete(self, old: ResourceState, context: Context) -> None:
        """There is nothing outside the state."""

    def read(self, old: ResourceState, context: Context) -> Made | None:
        """The state is all there is."""
        del context
        return Made(old.id, old.outputs)


_INTERNAL: Final = "__internal"
_CLUSTER_INPUTS: Final = ("kubeconfig", "context")
_SERVED_PROVIDER_INPUTS: Final = frozenset(
    {
        "kubeconfig",
        "context",
        "clusterIdentifier",
        "enableSecretMutable",
        "enableConfigMapMutable",
        "enableServerSideApply",
        "suppressDeprecationWarnings",
        "suppressHelmHookWarnings",
        "kubeClientSettings",
        "version",
    }
)


class KubernetesProviderHandler(BuiltinProviderHandler):
    """``pulumi:providers:kubernetes``: one cluster, by kubeconfig and context."""

    def check(self, goal: Goal) -> Properties:
        """Refuse settings that would change what is done, and hide a kubeconfig given by content."""
        unserved = sorted(goal.inputs.keys() - _SERVED_PROVIDER_INPUTS)
        if unserved:
            raise WrongInputError(
                f"the provider settings {', '.join(unserved)} are not served by this engine"
            )
        inputs = dict(goal.inputs)
        if str(plain(inputs.get("enableServerSideApply", "true"))).lower() != "true":
            raise WrongInputError("enableServerSideApply cannot be turned off in this engine")
        if goal.version:
            inputs.setdefault("version", goal.version)
        kubeconfig = inputs.get("kubeconfig")
        if isinstance(kubeconfig, str) and is_kubeconfig_content(kubeconfig):
            inputs["kubeconfig"] = Secret(kubeconfig)
        # Pulumi's engine keeps what only it uses under this key (deploy/providers/registry.go).
        inputs.setdefault(_INTERNAL, {})
        return inputs

    def requires_replacement(self, old: ResourceState, inputs: Properties) -> bool:
        """Tell whether it is another cluster now.

        The identifier decides if there is one: a renewed kubeconfig for the same cluster is an update.
        """
        before, after = plain(old.inputs), plain(inputs)
        identifier = after.get("clusterIdentifier")
        if identifier and before.get("clusterIdentifier"):
            return bool(before["clusterIdentifier"] != identifier)
        return any(before.get(key) != after.get(key) for key in _CLUSTER_INPUTS)


def outputs_for_program(outputs: Mapping[str, Any]) -> Properties:
    """Return the outputs without what only providers use."""
    return {key: value for key, value in outputs.items() if not key.startswith("__")}
