"""What a Kafka resource and its node pools ask for: the nodes, their roles and the listeners.

Everything the certificates, the broker files, the processes and the status agree on is decided here, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.operator.failures import InvalidResourceError
from lab.operator.objects import JsonObject, name_of, namespace_of, spec_of

CONTROL_PLANE_PORT = 9090
REPLICATION_PORT = 9091
DEFAULT_KAFKA_VERSION = "4.3.1"
SUPPORTED_KAFKA_VERSIONS = ("4.2.0", "4.2.1", "4.3.0", "4.3.1")
_COUNTED_REPLICAS = (
    "default.replication.factor",
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
    "transaction.state.log.min.isr",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One process of a Kafka cluster."""

    pool: str
    node_id: int
    name: str
    is_broker: bool
    is_controller: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One listener for clients, as the resource declares it."""

    name: str
    port: int
    kind: str
    has_tls: bool
    authentication: str | None

    @property
    def identifier(self) -> str:
        """Return the listener's name inside Kafka."""
        return f"{self.name.upper()}-{self.port}"

    @property
    def prefix(self) -> str:
        """Return what this listener's own settings start with."""
        return f"listener.name.{self.identifier.lower()}"

    @property
    def protocol(self) -> str:
        """Return the listener's security protocol."""
        has_sasl = self.authentication == "scram-sha-512"
        if self.has_tls:
            return "SASL_SSL" if has_sasl else "SSL"
        return "SASL_PLAINTEXT" if has_sasl else "PLAINTEXT"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterModel:
    """A Kafka cluster as its resources declare it."""

    namespace: str
    name: str
    nodes: tuple[Node, ...]
    listeners: tuple[Listener, ...]
    config: Mapping[str, Any]
    has_authorizer: bool
    super_users: tuple[str, ...]
    kafka_version: str
    metadata_version: str

    @property
    def controllers(self) -> tuple[Node, ...]:
        """Return the nodes that vote."""
        return tuple(node for node in self.nodes if node.is_controller)

    @property
    def brokers(self) -> tuple[Node, ...]:
        """Return the nodes that serve clients."""
        return tuple(node for node in self.nodes if node.is_broker)


def model_of(kafka: Mapping[str, Any], pools: Sequence[Mapping[str, Any]]) -> ClusterModel:
    """Read a Kafka resource together with its node pools.

    Raises:
        InvalidResourceError: In the operator's words.
    """
    spec = spec_of(kafka)["kafka"]
    version = str(spec.get("version") or DEFAULT_KAFKA_VERSION)
    check_version(version)
    nodes = assign_nodes(name_of(kafka), pools)
    config = spec.get("config") or {}
    _check_replicas(config, brokers=sum(node.is_broker for node in nodes))
    authorization = spec.get("authorization") or {}
    return ClusterModel(
        namespace=namespace_of(kafka),
        name=name_of(kafka),
        nodes=nodes,
        listeners=tuple(_listener(entry) for entry in spec["listeners"]),
        config=config,
        has_authorizer=authorization.get("type") == "simple",
        super_users=tuple(authorization.get("superUsers") or ()),
        kafka_version=version,
        metadata_version=str(spec.get("metadataVersion") or f"{version.rpartition('.')[0]}-IV0"),
    )


def check_version(version: str) -> None:
    """Refuse a Kafka version the operator does not know."""
    if version not in SUPPORTED_KAFKA_VERSIONS:
        raise InvalidResourceError(
            f"Kafka version {version} is not supported. "
            f"Supported versions are: {', '.join(SUPPORTED_KAFKA_VERSIONS)}."
        )


def assign_nodes(cluster: str, pools: Sequence[Mapping[str, Any]]) -> tuple[Node, ...]:
    """Give every replica of every pool its node id: the one it has, else the lowest free one.

    Raises:
        InvalidResourceError: If no pool has brokers, or none has controllers.
    """
    ordered = sorted(pools, key=name_of)
    kept = {name_of(pool): _kept_ids(pool) for pool in ordered}
    used = {node_id for ids in kept.values() for node_id in ids}
    nodes = []
    for pool in ordered:
        ids = kept[name_of(pool)]
        for _ in range(_replicas(pool) - len(ids)):
            free = next(number for number in range(len(used) + 1) if number not in used)
            used.add(free)
            ids.append(free)
        nodes += [_node(cluster, pool, node_id) for node_id in sorted(ids)]
    for role, has_role in (
        ("controller", any(node.is_controller for node in nodes)),
        ("broker", any(node.is_broker for node in nodes)),
    ):
        if not has_role:
            raise InvalidResourceError(
                f"The Kafka cluster {cluster} is invalid: [At least one KafkaNodePool with the {role} role and at "
                "least one replica is required when KRaft mode is enabled]"
            )
    return tuple(sorted(nodes, key=lambda node: node.node_id))


def _replicas(pool: Mapping[str, Any]) -> int:
    return int(spec_of(pool)["replicas"])


def _kept_ids(pool: Mapping[str, Any]) -> list[int]:
    ids = (pool.get("status") or {}).get("nodeIds") or []
    return sorted(ids)[: _replicas(pool)]


def _node(cluster: str, pool: Mapping[str, Any], node_id: int) -> Node:
    roles = spec_of(pool)["roles"]
    return Node(
        pool=name_of(pool),
        node_id=node_id,
        name=f"{cluster}-{name_of(pool)}-{node_id}",
        is_broker="broker" in roles,
        is_controller="controller" in roles,
    )


def _listener(entry: JsonObject) -> Listener:
    return Listener(
        name=entry["name"],
        port=int(entry["port"]),
        kind=entry["type"],
        has_tls=bool(entry.get("tls")),
        authentication=(entry.get("authentication") or {}).get("type"),
    )


def _check_replicas(config: Mapping[str, Any], *, brokers: int) -> None:
    for key in _COUNTED_REPLICAS:
        value = config.get(key)
        if value is not None and int(value) > brokers:
            raise InvalidResourceError(
                f"Kafka configuration option '{key}' should be set to {brokers} or less because this cluster has only "
                f"{brokers} Kafka broker(s)."
            )
