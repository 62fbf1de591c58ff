"""Finds what would stand in the topics that flows keep for themselves: their storage, checkpoints and offset syncs."""

from __future__ import annotations

from collections.abc import Iterator

from kafka_mirror.errors import Problem
from kafka_mirror.mirrormaker.internal_topics import offset_syncs_topic
from kafka_mirror.planning.names import flow_topics, worker_names
from kafka_mirror.planning.selections import arriving_name
from kafka_mirror.topology import Flow, FlowName, MirrorSourceAccess, SiteName, Topology
from kafka_mirror.topology.paths import path


def own_topic_problems(site: SiteName, topology: Topology) -> Iterator[Problem]:
    """Yield a problem for each topic at a site that would be one that a flow's worker and connectors write to."""
    owners: dict[str, str] = {}
    for owner, topic in _kept_at(site, topology):
        owners.setdefault(topic, owner)
    for where, name in _written_at(site, topology):
        if name in owners:
            yield Problem(
                where,
                f"{owners[name]} keeps its own place in {name!r} at site {site!r}: other records in it "
                "would break the flow. Leave the topic out, or rename one of them",
            )


def _kept_at(site: SiteName, topology: Topology) -> Iterator[tuple[str, str]]:
    """Yield whose they are, and the topics that flows keep at a site; those into other stacks are known by their user."""
    for name, flow in topology.flows.items():
        owner, topics = f"flow {name!r}", flow_topics(flow)
        if flow.target.site == site:
            kept = (*worker_names(name, flow).storage_topics, *topics.at("target"))
            yield from ((owner, topic) for topic in kept)
        elif flow.source.site == site:
            yield from ((owner, topic) for topic in topics.at("source"))
    for user_name, user in topology.users.items():
        for index, access in enumerate(user.access):
            if site in user.sites and isinstance(access, MirrorSourceAccess):
                where = path("users", user_name, "access", index, "offsetSyncsFor")
                for other in access.offset_syncs_for:
                    yield f"a flow to site {other!r} ({where})", offset_syncs_topic(other)


def _written_at(site: SiteName, topology: Topology) -> Iterator[tuple[str, str]]:
    """Yield where each topic is written that a site will have under its literal name, and that name."""
    for topic_name, topic in topology.topics.items():
        if site in topic.sites:
            yield path("topics", topic_name), topic_name
    for name, flow in topology.flows.items():
        for index, selected in enumerate(flow.topics):
            if flow.target.site == site and isinstance(selected, str):
                yield path("flows", name, "topics", index), arriving_name(flow, selected)


def offset_syncs_problems(topology: Topology) -> Iterator[Problem]:
    """Yield a problem for each flow whose offset syncs would be in one topic with those of the way back.

    That topic is named after the other site: a flow from a site that keeps them there, and one into that site from the
    same other site that keeps them at its target, would share it. State does not matter, for what is in it stays.
    """
    for name, flow in topology.flows.items():
        if flow.offset_syncs == "source":
            for other_name, other in topology.flows.items():
                if _is_the_way_back(flow, other) and other.offset_syncs == "target":
                    yield Problem(
                        path("flows", name, "offsetSyncs"),
                        _told_shared(flow_topics(flow).offset_syncs, flow, other_name),
                    )


def _is_the_way_back(flow: Flow, other: Flow) -> bool:
    return (flow.source.site, flow.target.site) == (other.target.site, other.source.site)


def _told_shared(topic: str, flow: Flow, other: FlowName) -> str:
    return (
        f"flow {other!r}, the way back, keeps its offset syncs in {topic!r} at site {flow.source.site!r} as "
        "well: groups would be given positions of the wrong direction. Let both flows say the same"
    )
