"""A site: its provider, namespace, Kafka, topics and users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from components.credentials import Credentials
from components.kubernetes_object import KubernetesObject
from components.user_objects import UserObjects
from kafka_mirror import manifests
from kafka_mirror.planning import SitePlan
from kafka_mirror.topology import SiteDescription, UserName

_PATIENCE: Final = "30m"
"""Images, volumes and load balancers of a new cluster may each take minutes."""


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
        pool = KubernetesObject(
            name,
            manifests.kafka_node_pool(args.plan),
            opts=self.child_options(depends_on=self.ready, protect=is_production),
        )
        self.kafka = KubernetesObject(
            name,
            manifests.kafka(args.plan),
            wait_until_ready=True,
            opts=self.child_options(
                depends_on=[*self.ready, pool],
                protect=is_production,
                custom_timeouts=pulumi.CustomTimeouts(create=_PATIENCE, update=_PATIENCE),
            ),
        )
        self.ready = [*self.ready, self.kafka]
        for topic in args.plan.topics:
            KubernetesObject(
                f"{name}-{topic.name}",
                manifests.kafka_topic(
                    topic, namespace=self.namespace, cluster=args.plan.site.kafka.name
                ),
                wait_until_ready=True,
                opts=self.child_options(depends_on=self.ready, retain_on_delete=is_production),
            )
        self.users: Mapping[UserName, UserObjects] = {
            user.name: UserObjects(
                f"{name}-{user.name}",
                user,
                password=args.credentials.of(user.name, args.plan.name),
                namespace=self.namespace,
                cluster=args.plan.site.kafka.name,
                opts=self.child_options(depends_on=self.ready),
            )
            for user in args.plan.users
        }
        self.listeners = self.kafka.status.apply(_listeners)
        self.description = self.listeners.apply(lambda found: _described(args.description, found))
        self.register_outputs({"description": self.description})

    def child_options(self, **options: Any) -> pulumi.ResourceOptions:
        """Return the options of anything that lives at this site."""
        return pulumi.ResourceOptions(parent=self, provider=self.provider, **options)

    def _make_provider(self, name: str) -> kubernetes.Provider:
        return kubernetes.Provider(
            name,
            context=self.plan.site.kubernetes.context,
            cluster_identifier=name,
            enable_secret_mutable=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _make_namespace(self, name: str, *, protect: bool) -> list[pulumi.Resource]:
        if not self.plan.site.kubernetes.create_namespace:
            return []
        return [
            kubernetes.core.v1.Namespace(
                name, metadata={"name": self.namespace}, opts=self.child_options(protect=protect)
            )
        ]


def _listeners(status: Any) -> dict[str, dict[str, Any]]:
    """Return where each listener answers and whom to trust there, from the status of a Kafka."""
    return {
        listener["name"]: {
            "bootstrapServers": listener.get("bootstrapServers"),
            "certificates": list(listener.get("certificates", ())),
        }
        for listener in (status or {}).get("listeners", ())
    }


def _described(
    description: SiteDescription, found: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    facts = description.model_dump(mode="json", by_alias=True)
    for name, listener in facts["listeners"].items():
        listener.update(found.get(name, {}))
    return facts
