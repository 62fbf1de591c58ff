"""What a KafkaMirrorMaker2 says, in either of its layouts.

Up to v1beta2 ``spec.clusters`` lists every cluster and aliases refer to them (``connectCluster``,
``mirrors[].sourceCluster``). Since v1 a cluster stands where it is used (``target``,
``mirrors[].source``). Where both are written, the operators take the new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mirror_policies.fields import ABSENT, Field
from mirror_policies.objects import KubernetesObject

MIRROR_MAKER: Final = "KafkaMirrorMaker2"
CONNECT: Final = "KafkaConnect"

SOURCE_CONNECTOR: Final = "sourceConnector"
CHECKPOINT_CONNECTOR: Final = "checkpointConnector"
HEARTBEAT_CONNECTOR: Final = "heartbeatConnector"
CONNECTORS: Final = (SOURCE_CONNECTOR, CHECKPOINT_CONNECTOR, HEARTBEAT_CONNECTOR)

GROUP_ID: Final = "groupId"
STORAGE_TOPICS: Final = ("configStorageTopic", "offsetStorageTopic", "statusStorageTopic")
WORKER_NAMES: Final = (GROUP_ID, *STORAGE_TOPICS)

_OLD_NAMES: Final = {
    GROUP_ID: ("group.id", "mirrormaker2-cluster"),
    "configStorageTopic": ("config.storage.topic", "mirrormaker2-cluster-configs"),
    "offsetStorageTopic": ("offset.storage.topic", "mirrormaker2-cluster-offsets"),
    "statusStorageTopic": ("status.storage.topic", "mirrormaker2-cluster-status"),
}
"""Where a worker's names stand up to v1beta2, and the operators' defaults (Strimzi 0.49)."""

_NOBODY: Final = KubernetesObject({})


@dataclass(frozen=True, slots=True)
class KafkaEnd:
    """One Kafka cluster as a MirrorMaker connects to it."""

    field: Field

    @property
    def alias(self) -> Field:
        """Return the name that connectors and internal topics carry."""
        return self.field["alias"]

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
    """One pair of clusters of a MirrorMaker. A connector runs only if its section is present.

    Attributes:
        field: Where it stands.
        source: The cluster it reads from; None if none can be told.
        source_alias: Where its alias is said.
    """

    field: Field
    source: KafkaEnd | None
    source_alias: Field

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

    @property
    def is_running(self) -> bool:
        """Tell whether records are, or may at any time be, copied."""
        connector = self.field[SOURCE_CONNECTOR]
        return not connector.is_absent and connector["state"].text != "stopped"


@dataclass(frozen=True, slots=True)
class MirrorMaker:
    """A KafkaMirrorMaker2, read.

    Attributes:
        target: The cluster whose workers run the connectors; None if no cluster can be told.
        ends: Every cluster that is connected to, the target first.
        mirrors: The pairs, in order.
        unknown: The structure that is not known before deployment, so that nothing below is judged.
        is_old: Whether it is written in the layout of v1beta2.
    """

    target: KafkaEnd | None
    ends: tuple[KafkaEnd, ...]
    mirrors: tuple[Mirror, ...]
    unknown: tuple[Field, ...]
    is_old: bool = False

    def worker(self, what: str) -> tuple[Field, str]:
        """Return where a name of the worker stands, and the name; empty where it cannot be told.

        Args:
            what: One of ``WORKER_NAMES``.
        """
        if self.target is None:
            return Field(_NOBODY, ABSENT), ""
        if not self.is_old:
            place = self.target.field[what]
            return place, place.text or ""
        key, default = _OLD_NAMES[what]
        place = self.target.config[key]
        return place, default if place.is_absent else place.text or ""


def read_mirror_maker(found: KubernetesObject) -> MirrorMaker:
    """Read a KafkaMirrorMaker2 of any API version; what is malformed is left out.

    A KafkaConnect connects to one cluster as a MirrorMaker does to each, and is read as one that
    mirrors nothing, so that rules about connections judge both.
    """
    spec = found["spec"]
    if found.kind == CONNECT:
        unknown_spec = (spec,) if spec.is_unknown else ()
        return MirrorMaker(None, (KafkaEnd(spec),) if spec.is_mapping else (), (), unknown_spec)
    mirrors = spec["mirrors"].elements()
    if spec["target"].is_absent and not spec["clusters"].is_absent:
        ends = tuple(KafkaEnd(cluster) for cluster in spec["clusters"].elements())
        target = _connect_cluster(spec, ends)
        unknown = [spec["connectCluster"], spec["clusters"], spec["mirrors"]]
        by_alias = {end.alias.text: end for end in reversed(ends)}
        read = tuple(
            Mirror(mirror, by_alias.get(mirror["sourceCluster"].text), mirror["sourceCluster"])
            for mirror in mirrors
        )
        ends = tuple(sorted(ends, key=lambda end: end is not target))
    else:
        target = None if spec["target"].is_absent else KafkaEnd(spec["target"])
        sources = [KafkaEnd(mirror["source"]) for mirror in mirrors]
        ends = (*([target] if target else []), *(e for e in sources if not e.field.is_absent))
        unknown = [spec["target"], spec["mirrors"]]
        read = tuple(
            Mirror(
                mirror,
                None if mirror["source"].is_absent else KafkaEnd(mirror["source"]),
                mirror["source"]["alias"],
            )
            for mirror in mirrors
        )
    return MirrorMaker(
        target=target,
        ends=ends,
        mirrors=read,
        unknown=tuple(part for part in unknown if part.is_unknown),
        is_old=spec["target"].is_absent and not spec["clusters"].is_absent,
    )


def _connect_cluster(spec: Field, ends: tuple[KafkaEnd, ...]) -> KafkaEnd | None:
    alias = spec["connectCluster"].text
    return next((end for end in ends if alias and end.field["alias"].text == alias), None)
