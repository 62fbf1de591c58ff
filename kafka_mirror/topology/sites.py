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

from kafka_mirror.topology.authentication import Authentication
from kafka_mirror.topology.external import ExternalSite
from kafka_mirror.topology.metrics import MetricsChoice
from kafka_mirror.topology.names import DnsLabel, FlowKey, KafkaKey
from kafka_mirror.topology.operators import Operator
from kafka_mirror.topology.written import Settings, Storage, Written, text_like

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


_with_node_id: Final = text_like(
    r".*\{nodeId\}.*",
    "an address with {nodeId} in it, for example kafka-{nodeId}.example.com: every broker needs its own",
)


class Listener(Written):
    """One address under which clients reach the brokers; TLS unless ``tls: false``.

    Attributes:
        authentication: What it asks of its clients, if that is not what the site's others do.
        host: The bootstrap address to announce, for ``route`` and ``ingress``.
        broker_host: The address of one broker, with ``{nodeId}`` in it, for ``route`` and ``ingress``.
        name: What flows call it by.
        port: That of the brokers inside Kubernetes; the operator opens further ones for ways that lead out.
        type: ``internal`` is reached from inside Kubernetes only; the others lead out of it.
        tls: Whether it is encrypted, and the brokers show a certificate.
    """

    name: Annotated[str, text_like(r"[a-z0-9]{1,11}", "1 to 11 lower-case letters and digits")]
    port: Annotated[int, Field(ge=9092, le=65535, strict=True), AfterValidator(_free)]
    type: ListenerType
    tls: StrictBool = True
    authentication: Authentication | None = None
    host: Annotated[str, Field(min_length=1)] | None = None
    broker_host: Annotated[str, _with_node_id] | None = None

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
    def _has_what_it_needs(self) -> Self:
        if self.authentication == "tls" and not self.tls:
            raise ValueError(_CERTIFICATES_NEED_TLS)
        if self.type == "ingress" and not (self.host and self.broker_host):
            raise ValueError(
                "a listener of type ingress needs host and brokerHost, for example "
                "kafka.example.com and kafka-{nodeId}.example.com"
            )
        if self.type not in _ROUTED and (self.host or self.broker_host):
            raise ValueError(f"a listener of type {self.type} has no host and no brokerHost")
        return self


KafkaVersion = Annotated[
    str,
    text_like(
        r"[0-9]+\.[0-9]+\.[0-9]+", "all three numbers of a version of Kafka, for example 4.3.1"
    ),
]


_CERTIFICATES_NEED_TLS: Final = "a client certificate is shown within TLS only. Leave tls out, or set authentication: scram-sha-512"


class ClientsCa(Written):
    """The authority that signs the certificates of the site's users.

    Attributes:
        generate: Whether the operator makes it. If not, its key and certificate are put into the Secrets
            ``<kafka>-clients-ca`` and ``<kafka>-clients-ca-cert`` by others: the same at each site that is to take
            the same users. This stack never touches them.
    """

    generate: StrictBool = True


class Kafka(Written):
    """A Kafka cluster that this stack makes, or that is there.

    Attributes:
        name: Of the Kafka resource.
        adopt: Whether it is there already, and made by others. It is then read and never changed, and what is said
            of it here is how it is: its nodes, its listeners, what they ask for.
        version: Of Kafka, all three numbers; the operator's own default if absent, which outlives operator upgrades.
        nodes: How many, and what each keeps its data on.
        listeners: At least one; a flow from another cluster needs one that is not internal.
        authentication: What listeners ask of their clients that do not say so themselves.
        clients_ca: Who signs the certificates of its users.
        config: Further broker settings.
    """

    name: KafkaKey
    adopt: StrictBool = False
    version: KafkaVersion | None = None
    nodes: Nodes = Nodes()
    listeners: Annotated[tuple[Listener, ...], Field(min_length=1)]
    authentication: Authentication = "scram-sha-512"
    clients_ca: ClientsCa = ClientsCa()
    config: Settings = Field(default_factory=dict)

    def asked_at(self, listener: Listener) -> Authentication:
        """Return what one of the listeners asks of its clients."""
        return listener.authentication or self.authentication

    @property
    def authentications(self) -> frozenset[Authentication]:
        """What the listeners ask for, taken together."""
        return frozenset(map(self.asked_at, self.listeners))

    @model_validator(mode="after")
    def _leaves_to_others_what_is_theirs(self) -> Self:
        wishes = sorted({"version", "config"} & self.model_fields_set)
        wishes += [f"nodes.{one}" for one in sorted(self.nodes.model_fields_set - {"replicas"})]
        if self.adopt and wishes:
            said = ", ".join(
                "nodes.storageClass" if one.endswith("_class") else one for one in wishes
            )
            raise ValueError(
                f"found {said} for a Kafka that is adopted: others make it, and nothing would come of it. Leave it "
                "out, or leave out adopt for a Kafka that this stack is to make"
            )
        return self

    @model_validator(mode="after")
    def _certificates_within_tls(self) -> Self:
        for listener in self.listeners:
            if self.asked_at(listener) == "tls" and not listener.tls:
                raise ValueError(
                    f"listener {listener.name!r} has no TLS: {_CERTIFICATES_NEED_TLS} for it"
                )
        return self

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
        kubernetes: Where its objects go.
        operator: Who looks after it.
        kafka: The cluster.
        production: Whether its Kafka may not be deleted, and its topics outlive their line here.
        heartbeats: Flows from here, of any stack, that mirror heartbeats too: they tell an idle flow from a dead one.
        metrics: Whether Prometheus watches its brokers, and Grafana shows all flows.
    """

    kubernetes: KubernetesPlace
    operator: Operator = Operator()
    kafka: Kafka
    production: StrictBool = False
    heartbeats: tuple[FlowKey, ...] = ()
    metrics: MetricsChoice = False

    @model_validator(mode="after")
    def _is_where_its_kafka_is(self) -> Self:
        if self.kafka.adopt and self.kubernetes.create_namespace:
            raise ValueError(
                "found kubernetes.createNamespace for a Kafka that is adopted: it is in a namespace already. Leave it out"
            )
        if self.kafka.adopt and self.metrics is not False:
            raise ValueError(
                "found metrics for a Kafka that is adopted: its brokers are told by whoever makes it what they measure. "
                "Leave it out here; flows have metrics of their own"
            )
        return self


_stack: Final = text_like(
    r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)?",
    "a stack of this project, for example dev, or <organization>/<project>/<stack>",
)


class StackSite(Written):
    """A site that another stack owns; its facts come from that stack's ``sites`` output.

    Attributes:
        stack: A stack of this project, or ``<organization>/<project>/<stack>``.
    """

    stack: Annotated[str, _stack]


Site = ManagedSite | StackSite | ExternalSite
