"""One Kubernetes object under judgement, and all objects of a stack together.

Rules match by kind and API *group*: the version and the type token of the program that declares an
object differ, its meaning does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeVar, cast

from mirror_policies.fields import ABSENT, Field, printable

Reading = TypeVar("Reading")

OPERATOR_GROUPS: Final = frozenset({"kafka.strimzi.io", "eventstreams.ibm.com"})
CLUSTER_LABELS: Final = ("strimzi.io/cluster", "eventstreams.ibm.com/cluster")
"""The label that ties a node pool, topic or user to its Kafka cluster."""

SECRET: Final = "Secret"  # noqa: S105 - a kind

EXEMPTION: Final = "exempt.kafka-mirror/"
"""Start of the annotation that exempts an object from the rule it ends in; its value is the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """How a Pulumi program declares an object, as far as rules are about it.

    Attributes:
        is_protected: Whether a deployment must not delete it.
        is_provider_default: Whether Pulumi chose the provider: the cluster is whatever the
            kubeconfig of the moment points at. None if no provider is known.
    """

    is_protected: bool
    is_provider_default: bool | None


@dataclass(frozen=True, slots=True, eq=False)
class KubernetesObject:
    """One object, with what is known of where it came from.

    Attributes:
        data: The object as plain data; anything that is no mapping is an object without a kind.
        site: Which Kubernetes cluster it goes to; opaque, equal for equal clusters.
        origin: Where it was declared, for the caller to point at: a URN or a file name.
        declaration: How a Pulumi program declares it; None for an object from elsewhere.
        kind: Empty where it is not known.
        group: The API group; empty for the core one and for an object without apiVersion.
        name: Empty where it is not known.
        namespace: Empty where it is not known.
    """

    data: object
    site: str = ""
    origin: str = ""
    declaration: Declaration | None = None
    root: Field = field(init=False, repr=False)
    kind: str = field(init=False)
    group: str = field(init=False)
    name: str = field(init=False)
    namespace: str = field(init=False)
    _readings: dict[object, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Start every reading at one root, and read at once what is asked for most often."""
        data = self.data if isinstance(self.data, Mapping) else ABSENT
        object.__setattr__(self, "root", Field(self, data))
        object.__setattr__(self, "kind", self["kind"].text or "")
        group, slash, _ = (self["apiVersion"].text or "").partition("/")
        object.__setattr__(self, "group", group if slash else "")
        metadata = self["metadata"]
        object.__setattr__(self, "name", metadata["name"].text or "")
        object.__setattr__(self, "namespace", metadata["namespace"].text or "")
        object.__setattr__(self, "_readings", {})

    def __getitem__(self, key: str) -> Field:
        """Read a field of the object; never raises."""
        return self.root[key]

    def reading(self, read: Callable[[KubernetesObject], Reading]) -> Reading:
        """Return what `read` makes of the object, read once for all rules."""
        if read not in self._readings:
            self._readings[read] = read(self)
        return cast("Reading", self._readings[read])

    @property
    def version(self) -> str:
        """Return the API version without its group."""
        return (self["apiVersion"].text or "").rpartition("/")[2]

    @property
    def annotations(self) -> Field:
        """Return the annotations."""
        return self["metadata"]["annotations"]

    def exemption(self, rule: str) -> str:
        """Return the reason the object gives for not keeping a rule; empty without one."""
        return (self.annotations[EXEMPTION + rule].text or "").strip()

    @property
    def kafka_name(self) -> str:
        """Return the Kafka cluster that the object's label names, empty where it names none."""
        labels = self["metadata"]["labels"]
        return next((text for key in CLUSTER_LABELS if (text := labels[key].text)), "")

    @property
    def title(self) -> str:
        """Return how messages call the object: kind, namespace and name."""
        place = f"{self.namespace}/" if self.namespace else ""
        return printable(f"{self.kind or 'object'} {place}{self.name or '(no name)'}")

    def is_operator_kind(self, kinds: Iterable[str]) -> bool:
        """Tell whether the object is of one of these kinds and belongs to a Kafka operator."""
        return self.kind in kinds and self.group in OPERATOR_GROUPS


@dataclass(frozen=True)
class Stack:
    """All objects that are judged together.

    Attributes:
        objects: Of the stack, in their order.
        sites: What this and other stacks say of their sites in the output ``sites``, by name.
        settings: What the stack's own configuration says, as an object to point at; None unknown.
    """

    objects: tuple[KubernetesObject, ...]
    sites: Mapping[str, Field] = field(default_factory=dict)
    settings: KubernetesObject | None = None

    def reading(self, read: Callable[[Stack], Reading]) -> Reading:
        """Return what `read` makes of the stack, read once for all rules."""
        if read not in self._readings:
            self._readings[read] = read(self)
        return cast("Reading", self._readings[read])

    @cached_property
    def _readings(self) -> dict[object, Any]:
        return {}

    def of_kind(self, *kinds: str) -> tuple[KubernetesObject, ...]:
        """Return the objects of these kinds that belong to a Kafka operator, in stack order."""
        return tuple(
            found for kind in kinds for found in self._by_kind.get(kind, ()) if found.kind in kinds
        )

    @cached_property
    def secrets(self) -> tuple[KubernetesObject, ...]:
        """Return the Secrets, in stack order."""
        return tuple(o for o in self.objects if o.kind == SECRET and not o.group)

    @cached_property
    def _by_kind(self) -> Mapping[str, tuple[KubernetesObject, ...]]:
        by_kind: dict[str, list[KubernetesObject]] = {}
        for found in self.objects:
            if found.group in OPERATOR_GROUPS:
                by_kind.setdefault(found.kind, []).append(found)
        return {kind: tuple(members) for kind, members in by_kind.items()}


def stack_settings(stack: str, config: dict[str, object]) -> KubernetesObject:
    """Return the configuration of a Pulumi stack as an object to judge."""
    return KubernetesObject(
        {"kind": "Stack", "metadata": {"name": stack}, "config": config},
        declaration=Declaration(is_protected=False, is_provider_default=None),
    )
