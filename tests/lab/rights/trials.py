"""Small flows whose users have exactly what planning grants them, or one access rule less.

A trial goes the way of the product: configuration, topology, plan, KafkaUser, access rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from kafka_mirror import manifests
from kafka_mirror.mirrormaker import internal_topics
from kafka_mirror.planning import FlowPlan, Plan, UserPlan, plan
from kafka_mirror.topology import SiteName, load
from lab.operator.acls import Acl, declared_acls
from lab.ports import LOOPBACK

Naming = Literal["identity", "prefix"]
Location = Literal["source", "target"]
OTHER: Final = "other"
"""A name of anything that no role is about."""
ELSEWHERE: Final = "192.0.2.1"
"""An address that nobody here has."""


@dataclass(frozen=True)
class Missing:
    """One access rule, told apart by what it is about: the user's role, the part of the flow and the operation."""

    role: str
    what: str
    operation: str

    def __str__(self) -> str:
        return f"{self.role}: {self.operation} on {self.what}"


@dataclass(frozen=True)
class Trial:
    """One flow with names of its own, so that many can run side by side on the same brokers.

    Attributes:
        name: Part of the name of everything in it.
        missing: The access rule that its user does not get, if any.
    """

    name: str
    naming: Naming
    location: Location = "target"
    missing: Missing | None = None

    @property
    def source(self) -> SiteName:
        return SiteName(f"src-{self.name}")

    @property
    def target(self) -> SiteName:
        return SiteName(f"tgt-{self.name}")

    @property
    def topic(self) -> str:
        return f"items-{self.name}"

    @property
    def copy(self) -> str:
        """The topic's name at the target."""
        return self.topic if self.naming == "identity" else f"{self.source}.{self.topic}"

    @property
    def group(self) -> str:
        return f"group-{self.name}"

    @property
    def transactional_id(self) -> str:
        return f"id-{self.name}"

    @property
    def checkpoints(self) -> str:
        return internal_topics.checkpoints_topic(self.source)

    @property
    def offset_syncs(self) -> str:
        other = self.source if self.location == "target" else self.target
        return internal_topics.offset_syncs_topic(other)

    def user(self, role: str) -> str:
        return f"{role}-{self.name}"

    @cached_property
    def plan(self) -> Plan:
        return plan(load(self._configuration()), {})

    @property
    def flow(self) -> FlowPlan:
        return self.plan.flows[0]

    def users(self, site: SiteName) -> tuple[UserPlan, ...]:
        """Return the users of a site with everything they are granted there."""
        users = self.plan.sites[site].users
        return (*users, *self.flow.replicated_users) if site == self.target else users

    def acls(self, site: SiteName) -> frozenset[Acl]:
        """Return the access rules of a site, but for the missing one."""
        found = {
            acl: self.called(one, acl)
            for one in self.users(site)
            for acl in acls_of(one, namespace=site)
        }
        return frozenset(acl for acl, called in found.items() if called != self.missing)

    def called(self, user: UserPlan, acl: Acl) -> Missing:
        """Return what an access rule of a user is, without the names of this trial."""
        role = user.name.removesuffix(f"-{self.name}")
        names = {
            self.copy: "the mirrored topic",
            self.topic: "the mirrored topic" if role == "mirror-target" else "the topic",
            self.group: "the group",
            self.transactional_id: "the transactional id",
            self.checkpoints: "the checkpoints topic",
            self.offset_syncs: "the offset syncs topic",
            self.flow.names.group: "the worker's group",
            self.flow.names.config_topic: "the worker's configs topic",
            self.flow.names.offset_topic: "the worker's offsets topic",
            self.flow.names.status_topic: "the worker's status topic",
        }
        return Missing(role, names.get(acl.name, acl.name), acl.operation)

    def _configuration(self) -> dict[str, Any]:
        applications = {self.user(role): user for role, user in self._applications().items()}
        return {
            "sites": {self.source: _site(self.source), self.target: _site(self.target)},
            "topics": {self.topic: {"sites": [self.source]}},
            "users": {
                self.user("mirror-source"): {
                    "sites": [self.source],
                    "access": [
                        {
                            "role": "mirror-source",
                            "topics": [self.topic],
                            "groups": [self.group],
                            "offsetSyncsFor": [self.target] if self.location == "source" else [],
                        }
                    ],
                },
                self.user("mirror-target"): {
                    "sites": [self.target],
                    "access": [{"role": "mirror-target", "flow": self.name}],
                },
                **{name: {"sites": [self.source], **user} for name, user in applications.items()},
            },
            "flows": {
                self.name: {
                    "source": {"site": self.source, "user": self.user("mirror-source")},
                    "target": {"site": self.target, "user": self.user("mirror-target")},
                    "naming": self.naming,
                    "topics": [self.topic],
                    "groups": [self.group],
                    "replicatedUsers": list(applications),
                    "offsetSyncs": self.location,
                    "objectives": {"duplicateWindow": "5s", "discovery": "1s"},
                }
            },
        }

    def _applications(self) -> dict[str, dict[str, Any]]:
        """Return the users of applications, by what they are: their one role, unless it is said."""
        topics, groups = {"topics": [self.topic]}, {"groups": [self.group]}
        ids = {"transactionalIds": [self.transactional_id]}
        transactional = {"role": "transactional-producer", **topics, **ids}
        consumer = {"role": "consumer", **topics, **groups}
        return {
            "producer": {"access": [{"role": "producer", **topics}]},
            "consumer": {"access": [consumer]},
            "transactional-producer": {"access": [transactional]},
            # Reads, processes and writes, all in one transaction.
            "processor": {"access": [transactional, consumer]},
            "observer": {"access": [{"role": "observer", **topics, **groups}]},
            "admin": {"access": [{"role": "admin", **topics, **groups}]},
            "acls": {"acls": self._acls()},
        }

    def _acls(self) -> list[dict[str, Any]]:
        topic = {"type": "topic", "name": self.topic}
        return [
            {"resource": topic, "operations": ["All"]},
            {"resource": topic, "operations": ["Write", "Delete"], "type": "deny"},
            {
                "resource": {"type": "group", "name": self.group},
                "operations": ["Read", "Delete"],
                "host": LOOPBACK,
            },
            {
                "resource": {"type": "group", "name": OTHER},
                "operations": ["All"],
                "host": ELSEWHERE,
            },
            {
                "resource": {"type": "transactionalId", "name": "id-", "patternType": "prefix"},
                "operations": ["Write"],
            },
            {"resource": {"type": "cluster"}, "operations": ["Describe"]},
        ]


def acls_of(user: UserPlan, *, namespace: str) -> frozenset[Acl]:
    """Return the access rules that a user's KafkaUser stands for."""
    made = manifests.kafka_user(user, namespace=namespace, cluster=namespace)
    return declared_acls(f"User:{user.name}", made["spec"]["authorization"])


def removals(trial: Trial, roles: Iterable[str]) -> list[Missing]:
    """Return every access rule that the users of these roles have, in a lasting order."""
    found = [
        trial.called(user, acl)
        for site in (trial.source, trial.target)
        for user in trial.users(site)
        for acl in acls_of(user, namespace=site)
        if user.name.removesuffix(f"-{trial.name}") in roles
    ]
    return sorted(dict.fromkeys(found), key=str)


def _site(name: SiteName) -> dict[str, Any]:
    return {
        "kubernetes": {"context": "lab", "namespace": name},
        "kafka": {
            "name": name,
            "nodes": {"replicas": 1, "storage": "ephemeral"},
            "listeners": [{"name": "tls", "port": 9093, "type": "internal"}],
        },
    }
