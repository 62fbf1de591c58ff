"""Which object of a cluster a resource stands for."""

from __future__ import annotations

from dataclasses import dataclass

from engine.cluster import Cluster
from engine.properties import Properties, plain
from kafka_mirror.kubernetes_api import JsonObject


@dataclass(frozen=True, slots=True)
class ObjectName:
    """Which object of a cluster is meant."""

    api_version: str
    kind: str
    name: str
    namespace: str | None

    def __str__(self) -> str:
        """Return it as messages say it."""
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {where}{self.name}"

    @property
    def id(self) -> str:
        """The resource id in Pulumi's form."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    def find(self, cluster: Cluster) -> JsonObject | None:
        """Read the object."""
        return cluster.find(self.api_version, self.kind, self.name, self.namespace)


def object_name(inputs: Properties) -> ObjectName:
    """Return which object the inputs describe."""
    metadata = plain(inputs["metadata"])
    return ObjectName(
        plain(inputs["apiVersion"]),
        plain(inputs["kind"]),
        metadata["name"],
        metadata.get("namespace"),
    )


def kind_of_token(type_: str) -> tuple[str, str]:
    """Return the API version and kind of a type token such as ``kubernetes:core/v1:Secret``."""
    _, api_version, kind = type_.split(":", 2)
    return api_version.removeprefix("core/"), kind
