"""A site: one Kafka cluster and where it runs."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    StrictBool,
    ValidationInfo,
    field_validator,
    model_validator,
)

from kafka_mirror.topology.names import DnsLabel, KafkaKey
from kafka_mirror.topology.written import Settings, Storage, Written

Authentication = Literal["scram-sha-512"]
ListenerType = Literal["internal", "route", "nodeport", "loadbalancer", "ingress"]

_ROUTED: Final = frozenset({"route", "ingress"})
_OPERATOR_PORTS: Final = frozenset({9404, 9999})


class KubernetesPlace(Written):
    """The Kubernetes cluster and namespace that hold the site's objects.

    Attributes:
        context: A context of the kubeconfig in use.
        namespace: Where every object of the site goes; the operator must watch it.
        create_namespace: Whether this stack makes the namespace, and deletes it with the site.
    """

    context: Annotated[str, Field(min_length=1)]
    namespace: DnsLabel
    create_namespace: StrictBool = False


class Operator(Written):
    """The operator API that serves the site: Strimzi 1.x (``kafka.strimzi.io/v1``)."""

    type: Literal["strimzi"] = "strimzi"
    api: Literal["v1"] = "v1"


class Nodes(Written):
    """The Kafka nodes of a managed site; each is broker and controller.

    Attributes:
        replicas: How many; three tolerate the loss of one.
        storage: A quantity per node, or ``ephemeral``.
        storage_class: The StorageClass of the volumes; the cluster's default if absent.
    """

    replicas: Annotated[int, Field(ge=1, le=1000, strict=True)] = 3
    storage: Storage = "20Gi"
    storage_class: Annotated[str, Field(min_length=1)] | None = None


def _free(port: int) -> int:
    if port in _OPERATOR_PORTS:
        raise ValueError(f"port {port} belongs to the operator's metrics; take another")
    return port


class Listener(Written):
    """One address under which clients reach the brokers; TLS unless ``tls: false``.

    Attributes:
        host: The bootstrap address to announce, for ``route`` and ``ingress``.
        broker_host: The address of one broker, with ``{nodeId}`` in it, for ``route`` and ``ingress``.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9]{1,11}$")]
    port: Annotated[int, Field(ge=9092, le=65535, strict=True), AfterValidator(_free)]
    type: ListenerType
    tls: StrictBool = True
    host: Annotated[str, Field(min_length=1)] | None = None
    broker_host: Annotated[str, Field(pattern=r"\{nodeId\}")] | None = None

    @field_validator("tls")
    @classmethod
    def _routers_need_tls(cls, tls: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic calls it
        if not tls and info.data.get("type") in _ROUTED:
            raise ValueError(
                f"a listener of type {info.data['type']} needs TLS: its router tells connections apart "
                "by the name that TLS carries. Leave tls out"
            )
        return tls

    @model_validator(mode="after")
    def _has_the_hosts_it_needs(self) -> Self:
        if self.type == "ingress" and not (self.host and self.broker_host):
            raise ValueError(
                "a listener of type ingress needs host and brokerHost, for example "
                "kafka.example.com and kafka-{nodeId}.example.com"
            )
        if self.type not in _ROUTED and (self.host or self.broker_host):
            raise ValueError(f"a listener of type {self.type} has no host and no brokerHost")
        return self


class Kafka(Written):
    """A Kafka cluster that this stack makes.

    Attributes:
        name: Of the Kafka resource.
        version: Of Kafka, all three numbers; the operator's own default if absent, which outlives operator upgrades.
        listeners: At least one; a flow from another cluster needs one that is not internal.
        authentication: What every listener asks of its clients.
        config: Further broker settings.
    """

    name: KafkaKey
    version: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")] | None = None
    nodes: Nodes = Nodes()
    listeners: Annotated[tuple[Listener, ...], Field(min_length=1)]
    authentication: Authentication = "scram-sha-512"
    config: Settings = Field(default_factory=dict)

    @field_validator("listeners")
    @classmethod
    def _names_and_ports_differ(cls, listeners: tuple[Listener, ...]) -> tuple[Listener, ...]:
        for what in ("name", "port"):
            values = [getattr(listener, what) for listener in listeners]
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f"two listeners have the {what} {twice[0]!r}; each needs its own")
        return listeners


class ManagedSite(Written):
    """A site whose Kafka this stack makes.

    Attributes:
        production: Whether its Kafka may not be deleted, and its topics outlive their line here.
    """

    kubernetes: KubernetesPlace
    operator: Operator = Operator()
    kafka: Kafka
    production: StrictBool = False


class StackSite(Written):
    """A site that another stack owns; its facts come from that stack's ``sites`` output.

    Attributes:
        stack: A stack of this project, or ``<organization>/<project>/<stack>``.
    """

    stack: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)?$")]


Site = ManagedSite | StackSite
