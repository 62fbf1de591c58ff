"""Where the workers of each flow run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kafka_mirror.topology import Flow, ManagedSite, Operator, SiteName, Topology
from kafka_mirror.topology.places import RunsIn
from kafka_mirror.topology.sites import KubernetesPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A namespace in which flows run.

    Attributes:
        context: A context of the kubeconfig in use.
        namespace: That the operator watches.
        operator: Of whose API the flow is; several may watch one namespace.
        site: The site that is there, if one is.
        create_namespace: Whether this stack makes the namespace for the flows alone.
    """

    context: str
    namespace: str
    operator: Operator
    site: SiteName | None
    create_namespace: bool = False

    @property
    def address(self) -> tuple[str, str]:
        """The context and the namespace, which are one place whatever operators watch it."""
        return self.context, self.namespace

    def is_in_the_cluster_of(self, site: object) -> bool:
        """Whether a site is known to stand in the same Kubernetes cluster."""
        return isinstance(site, ManagedSite) and site.kubernetes.context == self.context


def place_of(flow: Flow, topology: Topology, *, described: Operator | None = None) -> Place:
    """Return where a flow runs: beside its target, or its source if nothing can run there, unless it says otherwise.

    A namespace without any Kafka is taken to be watched by an operator like that of the target, or else of the source,
    unless it is said which.

    Args:
        flow: As written.
        topology: Of the stack.
        described: The operator of the source if another stack makes it, as far as that is known.
    """
    managed = topology.managed_sites()
    beside = flow.target.site if flow.target.site in managed else flow.source.site
    if flow.runs_in is not None and flow.runs_in.kubernetes is not None:
        elsewhere = flow.runs_in.kubernetes
        return Place(
            context=elsewhere.context,
            namespace=elsewhere.namespace,
            operator=_operator_of(flow.runs_in, managed.get(beside), described),
            site=None,
            create_namespace=any(_makes(elsewhere, one) for one in topology.flows.values()),
        )
    site = beside
    if flow.runs_in is not None and flow.runs_in.site is not None:
        site = flow.runs_in.site
    there = managed[site].kubernetes
    return Place(
        context=there.context,
        namespace=there.namespace,
        operator=managed[site].operator,
        site=site,
    )


def _operator_of(place: RunsIn, beside: ManagedSite | None, described: Operator | None) -> Operator:
    if place.operator is not None:
        return place.operator
    return beside.operator if beside is not None else described or Operator()


def _makes(place: KubernetesPlace, flow: Flow) -> bool:
    """Whether a flow asks for the namespace of a place to be made."""
    other = None if flow.runs_in is None else flow.runs_in.kubernetes
    if other is None or (other.context, other.namespace) != (place.context, place.namespace):
        return False
    return other.create_namespace


def places_without_site(places: Iterable[Place]) -> tuple[Place, ...]:
    """Return each place that is no site's once, in the order of the flows."""
    found: dict[tuple[str, str], Place] = {}
    for place in places:
        if place.site is None:
            found.setdefault(place.address, place)
    return tuple(found.values())
