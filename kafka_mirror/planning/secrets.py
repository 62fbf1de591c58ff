"""Which Secrets stand in a namespace, whose they are, and which of them would be two's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from kafka_mirror.errors import Problem
from kafka_mirror.planning import names
from kafka_mirror.planning.places import place_of
from kafka_mirror.planning.replication import certified_at
from kafka_mirror.topology import (
    CertificateFromSecret,
    Flow,
    FlowName,
    FromSecret,
    SiteDescription,
    SiteName,
    Topology,
)
from kafka_mirror.topology.paths import path

_OTHERS: Final = "others"
_Owned = tuple[str, str, str]
"""Where it follows from, whose it is, and the Secret."""


def secrets_at(
    site: SiteName,
    running: Mapping[FlowName, Flow],
    topology: Topology,
    descriptions: Mapping[SiteName, SiteDescription],
) -> Iterator[Problem]:
    """Yield a problem where a Secret of a site would be written by two, of which the User Operator may be one."""
    certified = certified_at(site, topology, descriptions)
    found = (
        *_of_the_kafka(site, topology),
        *_of_flows(running),
        *_of_others(topology),
        *_that_flows_use(running, topology, descriptions),
        *_of_users(site, topology),
        *(
            (path("flows", name, "source", "user"), f"user {user!r}", user)
            for user, first in certified.items()
            for name, flow in running.items()
            if flow is first
        ),
    )
    yield from _two_of_one_name(found, f"at site {site!r}")


def secrets_without_site(
    topology: Topology, descriptions: Mapping[SiteName, SiteDescription]
) -> Iterator[Problem]:
    """Yield a problem where a flow would write over a Secret of others in a namespace that is no site's."""
    running: dict[tuple[str, str], dict[FlowName, Flow]] = {}
    for name, flow in topology.flows.items():
        place = place_of(flow, topology)
        if place.site is None:
            running.setdefault(place.address, {})[name] = flow
    for (context, namespace), flows in running.items():
        found = (*_of_flows(flows), *_that_flows_use(flows, topology, descriptions))
        yield from _two_of_one_name(found, f"in namespace {namespace!r} of context {context!r}")


def _two_of_one_name(found: tuple[_Owned, ...], place: str) -> Iterator[Problem]:
    made: dict[str, str] = {}
    for where, owner, secret in found:
        first = made.setdefault(secret, owner)
        if first != owner:
            yield Problem(
                where,
                f"the Secret {secret!r} {place} would be that of {first} and that of {owner}; "
                "rename one of them",
            )


def _of_the_kafka(site: SiteName, topology: Topology) -> Iterator[_Owned]:
    kafka = topology.managed_sites()[site].kafka
    for secret in names.operator_secrets(kafka.name, nodes=kafka.nodes.replicas):
        yield path("sites", site, "kafka", "name"), f"Kafka {kafka.name!r}", secret


def _of_flows(running: Mapping[FlowName, Flow]) -> Iterator[_Owned]:
    owners: dict[str, FlowName] = {}
    for name, flow in running.items():
        resource = names.worker_names(name, flow).resource
        owner = owners.setdefault(resource, name)  # two of one resource are told as that
        for secret in (*names.flow_secrets(resource), names.worker_trust_secret(resource)):
            yield path("flows", name), f"flow {owner!r}", secret


def _of_others(topology: Topology) -> Iterator[_Owned]:
    for name, user in topology.users.items():
        if isinstance(user.password, FromSecret):
            yield path("users", name, "password", "secret"), _OTHERS, user.password.secret
        if user.certificate is not None:
            yield path("users", name, "certificate", "secret"), _OTHERS, user.certificate.secret


def _that_flows_use(
    running: Mapping[FlowName, Flow],
    topology: Topology,
    descriptions: Mapping[SiteName, SiteDescription],
) -> Iterator[_Owned]:
    """Yield the Secrets of others that flows log in with, or trust.

    Of the latter only those that a flow has for itself: what else stands in the namespace may be trusted as well.
    """
    of_flows = {secret for _, _, secret in _of_flows(running)}
    for name, flow in running.items():
        for side, end in flow.ends:
            site, is_own = descriptions[end.site], end.site in topology.own_sites()
            user = site.users.get(end.user)
            if user is not None and user.secret is not None:
                is_certificate = isinstance(user.secret, CertificateFromSecret)
                kind = "certificate" if is_certificate else "password"
                where = path("users", end.user, kind, "secret")
                elsewhere = path("flows", name, side, "user")
                yield where if is_own else elsewhere, _OTHERS, user.secret.secret
            trusted = of_flows.intersection(one.trust_secret for one in site.listeners.values())
            for secret in sorted(trusted):
                where = path("sites", end.site, "external", "tls", "secret")
                elsewhere = path("flows", name, side, "site")
                yield where if is_own else elsewhere, _OTHERS, secret


def _of_users(site: SiteName, topology: Topology) -> Iterator[_Owned]:
    users = [
        (path("users", name), name) for name, one in topology.users.items() if site in one.sites
    ]
    for name, flow in topology.flows.items():
        if flow.target.site == site:
            for index, user in enumerate(flow.replicated_users):
                users.append((path("flows", name, "replicatedUsers", index), user))
    for where, user in users:
        yield where, f"user {user!r}", user
        yield where, f"user {user!r}", names.password_secret(user)
