"""Heartbeats: records that a worker beside a source writes, so that a flow shows life while nobody else writes.

A connector of ``MirrorHeartbeatConnector`` writes where its worker does: to the source. The flow takes the topic along if it is
told to (``heartbeats.replication.enabled``), to ``<source>.heartbeats`` under either naming. Source: ``MirrorHeartbeatTask``,
``MirrorSourceConnector.shouldReplicateTopic`` and ``IdentityReplicationPolicy`` of Kafka 4.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from kafka_mirror.errors import Problem
from kafka_mirror.mirrormaker.internal_topics import HEARTBEATS, mirrored_heartbeats_topic
from kafka_mirror.planning.credentials import (
    USER_CERTIFICATE,
    USER_KEY,
    CertificateLogin,
    Login,
    PasswordLogin,
    Trust,
    UserProof,
    with_password_of_stack,
)
from kafka_mirror.planning.listeners import choose_listener
from kafka_mirror.planning.names import cluster_ca_secret
from kafka_mirror.planning.rights import Resource, Right
from kafka_mirror.topology import (
    DescribedListener,
    Flow,
    FlowName,
    ManagedSite,
    SiteName,
    Topology,
    UserName,
)
from kafka_mirror.topology.authentication import Authentication
from kafka_mirror.topology.flows import Naming
from kafka_mirror.topology.paths import path

_PASSWORD: Final = "scram-sha-512"  # noqa: S105 - a mechanism


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatsPlan:
    """The worker beside a source that writes its heartbeats.

    Attributes:
        site: The source.
        name: Of the KafkaConnect, of its group and of its user; the start of the names of its storage topics.
        kafka: The source's Kafka.
        listener: Which the worker uses.
        proof: How its user says who it is.
        trust: Whom the worker believes; None without TLS.
        login: What it logs in with.
        namings: Of each flow that mirrors the heartbeats, as far as this stack knows the flow.
        replication_factor: Of every topic the worker makes.
    """

    site: SiteName
    name: UserName
    kafka: str
    listener: str
    proof: UserProof
    trust: Trust | None
    login: Login
    namings: Mapping[FlowName, Naming | None]
    replication_factor: int

    @property
    def storage_topics(self) -> tuple[str, str, str]:
        """Return the topics of the worker's configuration, offsets and status."""
        return f"__{self.name}-configs", f"__{self.name}-offsets", f"__{self.name}-status"

    @property
    def rights(self) -> tuple[Right, ...]:
        """Return what the worker's user needs: its own topics and group, and to write heartbeats."""
        return (
            Right(Resource("group", self.name), ("Read",)),
            *(
                Right(Resource("topic", name), ("Create", "Read", "Write"))
                for name in self.storage_topics
            ),
            Right(Resource("topic", HEARTBEATS), ("Create", "Write")),
        )


def heartbeats_name(kafka: str) -> UserName:
    """Return the name of the worker that writes the heartbeats of a Kafka, and of its user."""
    return UserName(f"{kafka}-heartbeats")


def heartbeat_users(topology: Topology) -> tuple[UserName, ...]:
    """Return the users with a password that the heartbeats of the stack's sites are written as."""
    sites = topology.managed_sites().values()
    return tuple(
        heartbeats_name(site.kafka.name)
        for site in sites
        if site.heartbeats and _PASSWORD in site.kafka.authentications
    )


def plan_heartbeats(
    name: SiteName, site: ManagedSite, topology: Topology, *, replication_factor: int
) -> HeartbeatsPlan | None:
    """Return what writes the heartbeats of a site; None if no flow mirrors any."""
    if not site.heartbeats:
        return None
    listeners = {
        one.name: DescribedListener(
            type=one.type, tls=one.tls, authentication=site.kafka.asked_at(one)
        )
        for one in site.kafka.listeners
    }
    own = heartbeats_name(site.kafka.name)
    asked: Authentication = _PASSWORD if _PASSWORD in site.kafka.authentications else "tls"
    listener = choose_listener(listeners, wanted=None, from_inside=True, authentication=asked)
    proof = with_password_of_stack(own) if asked == _PASSWORD else UserProof(authentication="tls")
    return HeartbeatsPlan(
        site=name,
        name=own,
        kafka=site.kafka.name,
        listener=listener,
        proof=proof,
        trust=Trust(secret=cluster_ca_secret(site.kafka.name)) if listeners[listener].tls else None,
        login=_login(own, proof),
        namings={one: _naming(topology.flows.get(one)) for one in site.heartbeats},
        replication_factor=replication_factor,
    )


def _login(name: UserName, proof: UserProof) -> Login:
    if proof.password is None:
        return CertificateLogin(
            secret=name, certificate=USER_CERTIFICATE, key=USER_KEY, is_issued=True
        )
    return PasswordLogin(mechanism=_PASSWORD, username=name, password=proof.password)


def _naming(flow: Flow | None) -> Naming | None:
    return None if flow is None else flow.naming


def rights_at_source() -> tuple[Right, ...]:
    """Return what a flow that mirrors heartbeats needs beside its topics."""
    return (Right(Resource("topic", HEARTBEATS), ("Read", "DescribeConfigs")),)


def rights_at_target(source: SiteName) -> tuple[Right, ...]:
    """Return the same for the topic that they arrive in."""
    arriving = Resource("topic", mirrored_heartbeats_topic(source))
    return (Right(arriving, ("Create", "Write", "Read", "AlterConfigs", "Alter")),)


def heartbeat_problems(topology: Topology) -> Iterator[Problem]:
    """Yield each flow that cannot mirror the heartbeats of a site, and users in the way of the worker's own."""
    for name, site in topology.managed_sites().items():
        for index, flow_name in enumerate(site.heartbeats):
            where = path("sites", name, "heartbeats", index)
            flow = topology.flows.get(flow_name)
            if flow is not None and flow.source.site != name:
                yield Problem(
                    where,
                    f"flow {flow_name!r} mirrors from site {flow.source.site!r}: name it in the heartbeats there",
                )
            if flow_name in site.heartbeats[:index]:
                yield Problem(where, f"flow {flow_name!r} stands here twice; once is enough")
        own = heartbeats_name(site.kafka.name)
        if site.heartbeats and own in topology.users:
            yield Problem(
                path("users", own),
                f"is the user that writes the heartbeats of site {name!r}; rename this one",
            )
