"""Finds what would stand in each other's way: places, worker groups, topics; and Secrets, by ``secrets``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from kafka_mirror.errors import Problem
from kafka_mirror.mirrormaker import keys
from kafka_mirror.planning import names
from kafka_mirror.planning.heartbeats import heartbeats_name
from kafka_mirror.planning.own_topics import offset_syncs_problems, own_topic_problems
from kafka_mirror.planning.places import place_of
from kafka_mirror.planning.secrets import secrets_at, secrets_without_site
from kafka_mirror.planning.selections import arriving_name, taken
from kafka_mirror.topology import Flow, FlowName, SiteDescription, SiteName, Topology
from kafka_mirror.topology.paths import path


def collisions(
    topology: Topology, descriptions: Mapping[SiteName, SiteDescription]
) -> Iterator[Problem]:
    """Yield a problem for everything that would be made, or mirrored, twice."""
    yield from _places(topology)
    yield from _topics_of_kafka(topology)
    yield from _two_credentials(topology)
    places = {name: place_of(flow, topology).site for name, flow in topology.flows.items()}
    yield from _one_cluster_twice(topology)
    for site in topology.own_sites():
        arriving = {name: flow for name, flow in topology.flows.items() if flow.target.site == site}
        running = {name: topology.flows[name] for name, place in places.items() if place == site}
        if site in topology.managed_sites():
            yield from secrets_at(site, running, topology, descriptions)
            yield from _namesakes(site, topology, running)
        yield from _topics(site, topology, arriving)
        yield from own_topic_problems(site, topology)
        yield from _replicated_twice(site, arriving)
        for (first_name, first), (name, flow) in combinations(arriving.items(), 2):
            yield from _workers(first_name, first, name, flow)
            if first.source.site == flow.source.site:
                yield from _copied_twice(first_name, first, name, flow)
    yield from secrets_without_site(topology, descriptions)
    yield from _resources(topology)
    yield from offset_syncs_problems(topology)


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


def _one_cluster_twice(topology: Topology) -> Iterator[Problem]:
    """Yield a problem for each external site that is another one's cluster under a second name.

    MirrorMaker takes a name for a cluster: it would mirror a cluster onto itself, and prefix a prefix for ever.
    """
    owners: dict[str, SiteName] = {}
    for name, site in topology.external_sites().items():
        for index, address in enumerate(site.external.bootstrap_servers):
            first = owners.setdefault(address.lower(), name)
            if first != name:
                yield Problem(
                    path("sites", name, "external", "bootstrapServers", index),
                    f"site {first!r} is at {address} already, and a cluster has one name: with two, records would be "
                    "mirrored onto themselves. Use that site",
                )
                break


def _topics_of_kafka(topology: Topology) -> Iterator[Problem]:
    for name in topology.topics:
        if name in keys.KAFKA_TOPICS:
            yield Problem(
                path("topics", name),
                f"{name!r} is Kafka's own, which makes it when it is needed; leave it out",
            )


def _two_credentials(topology: Topology) -> Iterator[Problem]:
    """Yield a problem for each name that would stand for two passwords: one of this stack, one of another."""
    elsewhere = topology.stack_sites()
    for flow_name, flow in topology.flows.items():
        for index, user in enumerate(flow.replicated_users):
            here = topology.users.get(user)
            if flow.source.site in elsewhere and here and flow.target.site not in here.sites:
                yield Problem(
                    path("flows", flow_name, "replicatedUsers", index),
                    f"user {user!r} of site {flow.source.site!r} has the name of a user that this stack declares "
                    f"({path('users', user)}), and another password: who reads this stack could not tell them "
                    "apart. Rename one of them",
                )


def _namesakes(
    site: SiteName, topology: Topology, running: dict[FlowName, Flow]
) -> Iterator[Problem]:
    """Yield a problem for each flow that is called like something of the site whose objects are named alike."""
    written = topology.managed_sites()[site]
    worker, watch = heartbeats_name(written.kafka.name), names.brokers(written.kafka.name)
    for name, flow in running.items():
        resource = names.worker_names(name, flow).resource
        what = None
        if resource == worker and written.heartbeats:
            what = "what writes its heartbeats"
        elif resource == watch and written.metrics is not False and flow.metrics is not False:
            what = "what watches its Kafka"
        if what is not None:
            yield Problem(
                path("flows", name),
                f"{resource!r} is what site {site!r} calls {what}: both would write the same objects. Rename the flow",
            )


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
    if shared and one.resource != other.resource:
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


def _resources(topology: Topology) -> Iterator[Problem]:
    owners: dict[str, FlowName] = {}
    for name, flow in topology.flows.items():
        resource = names.worker_names(name, flow).resource
        first = owners.setdefault(resource, name)
        if first != name:
            yield Problem(
                path("flows", name, "names", "resource"),
                f"flow {first!r} is the KafkaMirrorMaker2 {resource!r} already, and what it makes is named "
                "after that. Use another resource, or another name for the flow",
            )
