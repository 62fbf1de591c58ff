"""What a KafkaMirrorMaker2 says, in either of its layouts.

Up to v1beta2 ``spec.clusters`` lists every cluster and aliases refer to them (``connectCluster``,
``mirrors[].sourceCluster``). Since v1 a cluster stands where it is used (``target``,
``mirrors[].source``). Where both are written, the operators take the new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mirror_policies.fields import Field
from mirror_policies.objects import KubernetesObject

MIRROR_MAKER: Final = "KafkaMirrorMaker2"

SOURCE_CONNECTOR: Final = "sourceConnector"
CHECKPOINT_CONNECTOR: Final = "checkpointConnector"
HEARTBEAT_CONNECTOR: Final = "heartbeatConnector"
CONNECTORS: Final = (SOURCE_CONNECTOR, CHECKPOINT_CONNECTOR, HEARTBEAT_CONNECTOR)


@dataclass(frozen=True, slots=True)
class KafkaEnd:
    """One Kafka cluster as a MirrorMaker connects to it."""

    field: Field

    @property
    def bootstrap_servers(self) -> Field:
        """Return the addresses, comma-separated ``host:port``."""
        return self.field["bootstrapServers"]

    @property
    def tls(self) -> Field:
        """Return the TLS section."""
        return self.field["tls"]

    @property
    def authentication(self) -> Field:
        """Return the authentication section."""
        return self.field["authentication"]

    @property
    def config(self) -> Field:
        """Return the client settings; at the target also those of the worker."""
        return self.field["config"]


@dataclass(frozen=True, slots=True)
class Mirror:
    """One pair of clusters of a MirrorMaker. A connector runs only if its section is present."""

    field: Field

    def connector(self, name: str) -> Field:
        """Return a connector's section."""
        return self.field[name]

    def setting(self, connector: str, key: str) -> Field:
        """Return a setting of a connector."""
        return self.field[connector]["config"][key]

    def connectors(self) -> Iterator[Field]:
        """Yield the sections that are not absent."""
        for name in CONNECTORS:
            if not self.field[name].is_absent:
                yield self.field[name]


@dataclass(frozen=True, slots=True)
class MirrorMaker:
    """A KafkaMirrorMaker2, read.

    Attributes:
        target: The cluster whose workers run the connectors; None if no cluster can be told.
        ends: Every cluster that is connected to, the target first.
        mirrors: The pairs, in order.
        unknown: The structure that is not known before deployment, so that nothing below is judged.
    """

    target: KafkaEnd | None
    ends: tuple[KafkaEnd, ...]
    mirrors: tuple[Mirror, ...]
    unknown: tuple[Field, ...]


def read_mirror_maker(found: KubernetesObject) -> MirrorMaker:
    """Read a KafkaMirrorMaker2 of any API version; what is malformed is left out."""
    spec = found["spec"]
    mirrors = spec["mirrors"].elements()
    if spec["target"].is_absent and not spec["clusters"].is_absent:
        ends = tuple(KafkaEnd(cluster) for cluster in spec["clusters"].elements())
        target = _connect_cluster(spec, ends)
        unknown = [spec["connectCluster"], spec["clusters"], spec["mirrors"]]
        ends = tuple(sorted(ends, key=lambda end: end is not target))
    else:
        target = None if spec["target"].is_absent else KafkaEnd(spec["target"])
        sources = [KafkaEnd(mirror["source"]) for mirror in mirrors]
        ends = (*([target] if target else []), *(e for e in sources if not e.field.is_absent))
        unknown = [spec["target"], spec["mirrors"]]
    return MirrorMaker(
        target=target,
        ends=ends,
        mirrors=tuple(Mirror(mirror) for mirror in mirrors),
        unknown=tuple(part for part in unknown if part.is_unknown),
    )


def _connect_cluster(spec: Field, ends: tuple[KafkaEnd, ...]) -> KafkaEnd | None:
    alias = spec["connectCluster"].text
    return next((end for end in ends if alias and end.field["alias"].text == alias), None)
