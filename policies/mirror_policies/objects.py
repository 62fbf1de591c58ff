"""One Kubernetes object under judgement, and all objects of a stack together.

Rules match by kind and API *group*: the version and the type token of the program that declares an
object differ, its meaning does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from mirror_policies.fields import ABSENT, Field, printable

OPERATOR_GROUPS: Final = frozenset({"kafka.strimzi.io", "eventstreams.ibm.com"})
CLUSTER_LABELS: Final = ("strimzi.io/cluster", "eventstreams.ibm.com/cluster")
"""The label that ties a node pool, topic or user to its Kafka cluster."""


@dataclass(frozen=True, slots=True, eq=False)
class KubernetesObject:
    """One object, with what is known of where it came from.

    Attributes:
        data: The object as plain data; anything that is no mapping is an object without a kind.
        site: Which Kubernetes cluster it goes to; opaque, equal for equal clusters.
        origin: Where it was declared, for the caller to point at: a URN or a file name.
    """

    data: object
    site: str = ""
    origin: str = ""
    root: Field = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Start every reading at one root."""
        data = self.data if isinstance(self.data, Mapping) else ABSENT
        object.__setattr__(self, "root", Field(self, data))

    def __getitem__(self, key: str) -> Field:
        """Read a field of the object; never raises."""
        return self.root[key]

    @property
    def group(self) -> str:
        """Return the API group, empty for the core one and for an object without apiVersion."""
        group, slash, _ = (self["apiVersion"].text or "").partition("/")
        return group if slash else ""

    @property
    def kind(self) -> str:
        """Return the kind, empty where it is not known."""
        return self["kind"].text or ""

    @property
    def name(self) -> str:
        """Return the name, empty where it is not known."""
        return self["metadata"]["name"].text or ""

    @property
    def namespace(self) -> str:
        """Return the namespace, empty where it is not known."""
        return self["metadata"]["namespace"].text or ""

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
    """All objects that are judged together."""

    objects: tuple[KubernetesObject, ...]

    def of_kind(self, *kinds: str) -> tuple[KubernetesObject, ...]:
        """Return the objects of these kinds that belong to a Kafka operator, in stack order."""
        return tuple(
            found for kind in kinds for found in self._by_kind.get(kind, ()) if found.kind in kinds
        )

    @cached_property
    def _by_kind(self) -> Mapping[str, tuple[KubernetesObject, ...]]:
        by_kind: dict[str, list[KubernetesObject]] = {}
        for found in self.objects:
            if found.group in OPERATOR_GROUPS:
                by_kind.setdefault(found.kind, []).append(found)
        return {kind: tuple(members) for kind, members in by_kind.items()}
