"""A site: its provider, namespace, Kafka, topics and users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.credentials import Credentials
from components.kubernetes_object import KubernetesObject
from components.monitoring import watched_by
from components.secret_versions import version_of
from components.user_objects import UserObjects
from kafka_mirror import manifests
from kafka_mirror.planning import SitePlan, UserPlan
from kafka_mirror.planning.heartbeats import HeartbeatsPlan
from kafka_mirror.topology import SiteDescription, UserName
from kafka_mirror.topology.paths import path

_PATIENCE: Final = "30m"
"""Images, volumes and load balancers of a new cluster may each take minutes."""

_COPIES: Final = "spec.replicas"
"""Of a topic that exists, the Topic Operator refuses to change them (Strimzi, "Replication factor change not supported"):
one that takes its number from the site's nodes keeps it when nodes are added, and a written number is the user's word."""

_LISTENERS: Final = {"strimzi": "listeners", "event-streams": "kafkaListeners"}
"""Where the status has the listeners, by type of operator; Event Streams' is from IBM's "Connecting clients"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSiteArgs:
    """What a site is made of.

    Attributes:
        plan: Of the site.
        description: What is known of it before it is deployed.
        credentials: Of the stack.
    """

    plan: SitePlan
    description: SiteDescription
    credentials: Credentials


class KafkaSite(pulumi.ComponentResource):
    """One Kafka cluster that this stack makes, with everything that belongs to it."""

    description: pulumi.Output[dict[str, Any]]
    """The public facts of the site, as the ``sites`` output holds them; no secret among them."""

    def __init__(
        self, name: str, args: KafkaSiteArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the site under its name."""
        super().__init__("kafka-mirror:index:KafkaSite", name, None, opts)
        self.plan = args.plan
        self.provider = self._make_provider(name)
        self.namespace = args.plan.site.kubernetes.namespace
        is_production = args.plan.site.production
        self.ready: list[pulumi.Resource] = self._make_namespace(name, protect=is_production)
        self.kafka = (
            self._adopt_kafka(name) if args.plan.site.kafka.adopt else self._make_kafka(name)
        )
        self.ready = [*self.ready, self.kafka]
        for topic in args.plan.topics:
            KubernetesObject(
                f"{name}-{topic.name}",
                manifests.kafka_topic(
                    topic,
                    namespace=self.namespace,
                    cluster=args.plan.site.kafka.name,
                    operator=args.plan.site.operator,
                ),
                wait_until_ready=True,
                opts=self.child_options(
                    depends_on=self.ready,
                    retain_on_delete=is_production,
                    ignore_changes=None if topic.replicas_declared else [_COPIES],
                ),
            )
        self.users: Mapping[UserName, UserObjects] = {
            user.name: self._make_user(user, args.credentials) for user in args.plan.users
        }
        operator = args.plan.site.operator
        self.listeners = self.kafka.status.apply(
            lambda status: _listeners(status, key=_LISTENERS[operator.type])
        ).apply(self._with_those_stated)
        if args.plan.heartbeats is not None:
            self._make_heartbeats(name, args.plan.heartbeats)
        self.description = self.listeners.apply(lambda found: _described(args.description, found))
        self.register_outputs({"description": self.description})

    def child_options(self, **options: Any) -> pulumi.ResourceOptions:
        """Return the options of anything that lives at this site."""
        return pulumi.ResourceOptions(parent=self, provider=self.provider, **options)

    def _make_user(self, user: UserPlan, credentials: Credentials) -> UserObjects:
        held = user.proof.password
        made = UserObjects(
            f"{self.plan.name}-{user.name}",
            user,
            password=credentials.of(user.name, self.plan.name) if held and held.is_made else None,
            namespace=self.namespace,
            cluster=self.plan.site.kafka.name,
            operator=self.plan.site.operator,
            opts=self.child_options(depends_on=self.ready),
        )
        if user.proof.is_by_operator:
            credentials.made_by_operator(user.name, made.password_of_operator())
        return made

    def _make_kafka(self, name: str) -> KubernetesObject:
        is_production = self.plan.site.production
        pools = [
            KubernetesObject(
                name, pool, opts=self.child_options(depends_on=self.ready, protect=is_production)
            )
            for pool in manifests.kafka_node_pools(self.plan)
        ]
        watching = watched_by(
            manifests.site_monitoring(self.plan), self.child_options(depends_on=self.ready)
        )
        return KubernetesObject(
            name,
            manifests.kafka(self.plan),
            wait_until_ready=True,
            opts=self.child_options(
                depends_on=[*self.ready, *watching, *pools],
                protect=is_production,
                custom_timeouts=pulumi.CustomTimeouts(create=_PATIENCE, update=_PATIENCE),
            ),
        )

    def _adopt_kafka(self, name: str) -> KubernetesObject:
        """Read the Kafka of others; with an id nothing is made, changed or deleted."""
        kafka = manifests.kafka(self.plan)
        place = {key: kafka["metadata"][key] for key in ("name", "namespace")}
        # The provider looks where the object says it is, whatever the id says, once it is told what kind of object it is
        # (pulumi-kubernetes, provider.go, Read).
        there = {"apiVersion": kafka["apiVersion"], "kind": kafka["kind"], "metadata": place}
        id_ = f"{place['namespace']}/{place['name']}"
        return KubernetesObject(name, there, opts=self.child_options(id=id_))

    def _make_heartbeats(self, name: str, plan: HeartbeatsPlan) -> None:
        servers = self.listeners.apply(lambda found: found[plan.listener]["bootstrapServers"])
        user = self.users[plan.name]
        worker = KubernetesObject(
            f"{name}-heartbeats",
            manifests.heartbeat_worker(
                plan,
                namespace=self.namespace,
                bootstrap_servers=servers,
                operator=self.plan.site.operator,
                credential_version=None if user.secret is None else version_of(user.secret),
            ),
            wait_until_ready=True,
            opts=self.child_options(depends_on=[*self.ready, user.user]),
        )
        for connector in manifests.heartbeat_connectors(
            plan,
            namespace=self.namespace,
            bootstrap_servers=servers,
            operator=self.plan.site.operator,
        ):
            KubernetesObject(
                f"{name}-{connector['metadata']['name']}",
                connector,
                wait_until_ready=True,
                opts=self.child_options(depends_on=[worker]),
            )

    def _make_provider(self, name: str) -> kubernetes.Provider:
        return kubernetes.Provider(
            name,
            context=self.plan.site.kubernetes.context,
            cluster_identifier=name,
            enable_secret_mutable=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _with_those_stated(self, found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Return the listeners of the cluster, if those that the configuration states are among them."""
        kafka = self.plan.site.kafka
        missing = [one.name for one in kafka.listeners if one.name not in found]
        if kafka.adopt and missing:
            raise pulumi.RunError(
                f"site {self.plan.name!r}: Kafka {kafka.name!r} is adopted and has no listener "
                f"{', '.join(missing)} (has {', '.join(sorted(found)) or 'none that answers'}). Write "
                f"{path('sites', self.plan.name, 'kafka', 'listeners')} as they are"
            )
        return found

    def _make_namespace(self, name: str, *, protect: bool) -> list[pulumi.Resource]:
        if not self.plan.site.kubernetes.create_namespace:
            return []
        return [
            kubernetes.core.v1.Namespace(
                name, metadata={"name": self.namespace}, opts=self.child_options(protect=protect)
            )
        ]


def _listeners(status: Any, *, key: str) -> dict[str, dict[str, Any]]:
    """Return where each listener answers and whom to trust there, from the status of a Kafka or an EventStreams."""
    return {
        listener["name"]: {
            "bootstrapServers": listener.get("bootstrapServers"),
            "certificates": list(listener.get("certificates", ())),
        }
        for listener in (status or {}).get(key, ())
    }


def _described(
    description: SiteDescription, found: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    facts = description.model_dump(mode="json", by_alias=True)
    for name, listener in facts["listeners"].items():
        listener.update(found.get(name, {}))
    return facts
