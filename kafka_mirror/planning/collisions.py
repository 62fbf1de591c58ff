"""Finds what would stand in each other's way: places, Secrets, worker groups, topics."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from kafka_mirror.errors import Problem
from kafka_mirror.planning import names
from kafka_mirror.planning.selections import arriving_name, taken
from kafka_mirror.topology import Flow, FlowName, SiteName, Topology
from kafka_mirror.topology.paths import path


def collisions(topology: Topology) -> Iterator[Problem]:
    """Yield a problem for everything that would be made, or mirrored, twice."""
    yield from _places(topology)
    for site in topology.managed_sites():
        arriving = {name: flow for name, flow in topology.flows.items() if flow.target.site == site}
        yield from _secrets(site, topology, arriving)
        yield from _topics(site, topology, arriving)
        yield from _replicated_twice(site, arriving)
        for (first_name, first), (name, flow) in combinations(arriving.items(), 2):
            yield from _workers(first_name, first, name, flow)
            if first.source.site == flow.source.site:
                yield from _copied_twice(first_name, first, name, flow)


def _places(topology: Topology) -> Iterator[Problem]:
    owners: dict[tuple[str, str], SiteName] = {}
    for name, site in topology.managed_sites().items():
        place = (site.kubernetes.context, site.kubernetes.namespace)
        first = owners.setdefault(place, name)
        if first != name:
            yield Problem(
                path("sites", name, "kubernetes", "namespace"),
                f"site {first!r} is in namespace {place[1]!r} of context {place[0]!r} already: their "
                "topics, users and nodes would be the same objects. Use another namespace",
            )


def _secrets(
    site: SiteName, topology: Topology, arriving: dict[FlowName, Flow]
) -> Iterator[Problem]:
    """Yield a problem where a Secret would be written by two, of which the User Operator may be one."""
    made: dict[str, str] = {}
    for where, owner, secret in _secrets_made(site, topology, arriving):
        first = made.setdefault(secret, owner)
        if first != owner:
            yield Problem(
                where,
                f"the Secret {secret!r} at site {site!r} would be that of {first} and that of {owner}; "
                "rename one of them",
            )


def _secrets_made(
    site: SiteName, topology: Topology, arriving: dict[FlowName, Flow]
) -> Iterator[tuple[str, str, str]]:
    kafka = topology.managed_sites()[site].kafka.name
    for secret in names.operator_secrets(kafka):
        yield path("sites", site, "kafka", "name"), f"Kafka {kafka!r}", secret
    users = [
        (path("users", name), name) for name, one in topology.users.items() if site in one.sites
    ]
    for flow_name, flow in arriving.items():
        for secret in (
            names.source_credential_secret(flow_name),
            names.source_trust_secret(flow_name),
        ):
            yield path("flows", flow_name), f"flow {flow_name!r}", secret
        for index, user in enumerate(flow.replicated_users):
            users.append((path("flows", flow_name, "replicatedUsers", index), user))
    for where, user in users:
        yield where, f"user {user!r}", user
        yield where, f"user {user!r}", names.password_secret(user)


def _topics(
    site: SiteName, topology: Topology, arriving: dict[FlowName, Flow]
) -> Iterator[Problem]:
    declared = {name for name, topic in topology.topics.items() if site in topic.sites}
    seen: dict[str, str] = {}
    found = [(path("topics", name), str(name)) for name in sorted(declared)]
    for flow_name, flow in arriving.items():
        if flow.state == "stopped":
            continue
        for index, topic in enumerate(flow.topics):
            if not isinstance(topic, str):
                continue
            where, name = path("flows", flow_name, "topics", index), arriving_name(flow, topic)
            found.append((where, name))
            if name in declared:
                yield Problem(
                    where,
                    f"{name!r} is declared at site {site!r} as well ({path('topics', name, 'sites')}): its "
                    "operator and MirrorMaker would undo each other's settings for ever. Declare it at "
                    f"{flow.source.site!r} only",
                )
    for where, name in found:
        first = seen.setdefault(name.replace(".", "_"), name)
        if first != name:
            yield Problem(
                where,
                f"Kafka refuses {name!r} beside {first!r} at site {site!r}: its metrics take . and _ for "
                "the same. Rename one of them",
            )


def _replicated_twice(site: SiteName, arriving: dict[FlowName, Flow]) -> Iterator[Problem]:
    by_flow: dict[str, FlowName] = {}
    for name, flow in arriving.items():
        for index, user in enumerate(flow.replicated_users):
            first = by_flow.setdefault(user, name)
            if first != name:
                yield Problem(
                    path("flows", name, "replicatedUsers", index),
                    f"user {user!r} comes to site {site!r} by flow {first!r} already; keep it in one of them",
                )


def _workers(first_name: FlowName, first: Flow, name: FlowName, flow: Flow) -> Iterator[Problem]:
    one, other = names.worker_names(first_name, first), names.worker_names(name, flow)
    shared = {one.group} & {other.group} | set(one.storage_topics) & set(other.storage_topics)
    if shared:
        where = path("flows", name, "names")
        yield Problem(
            where,
            f"flow {first_name!r} at the same target uses {', '.join(sorted(shared))} as well: their "
            "workers would join and delete each other's connectors. Every flow needs its own names",
        )


def _copied_twice(
    first_name: FlowName, first: Flow, name: FlowName, flow: Flow
) -> Iterator[Problem]:
    if "stopped" in {first.state, flow.state}:
        return
    shared = taken(first).both(taken(flow))
    if not shared.is_empty():
        yield Problem(
            path("flows", name, "topics"),
            f"flow {first_name!r} mirrors {shared.example()!r} from {flow.source.site!r} to "
            f"{flow.target.site!r} already: records would be copied twice and group offsets translated "
            "wrongly. Exclude it from one, or stop one",
        )
