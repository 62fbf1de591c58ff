"""A flow: what its worker trusts and proves itself with, and the KafkaMirrorMaker2 where it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.credentials import Credentials
from components.kafka_site import KafkaSite
from components.kubernetes_object import KubernetesObject
from components.monitoring import watched_by
from components.replicated_users import ReplicatedUsers
from components.secret_versions import version_of
from components.workplace import Workplace
from kafka_mirror import manifests
from kafka_mirror.mirrormaker import internal_topics
from kafka_mirror.planning import EndPlan, FlowPlan, PasswordLogin, names
from kafka_mirror.topology import SiteDescription
from kafka_mirror.topology.written import duration_text


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorFlowArgs:
    """What a flow is made of.

    Attributes:
        plan: Of the flow.
        source: The site it mirrors from: made by this stack, or described by another.
        target: The site it mirrors to: made by this stack, or external.
        users: Those that the flow brings to its target, if it brings any.
        place: Where it runs: a site, or a namespace without any.
        credentials: Of the stack.
    """

    plan: FlowPlan
    source: KafkaSite | SiteDescription
    target: KafkaSite | SiteDescription
    users: ReplicatedUsers | None
    place: KafkaSite | Workplace
    credentials: Credentials


class MirrorFlow(pulumi.ComponentResource):
    """One-way replication from a source site to a target site."""

    state: pulumi.Output[str]
    """``running``, ``paused`` or ``stopped``, as declared."""

    connectors: pulumi.Output[list[str]]
    """The names of its connectors."""

    duplicate_window: pulumi.Output[str]
    """The objective it was planned for."""

    def __init__(
        self, name: str, args: MirrorFlowArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Declare the flow.

        Args:
            name: Of the flow's resource, which a renamed flow keeps: with it all that is made keeps its place.
            args: What it is made of.
            opts: Of the Pulumi resource.
        """
        super().__init__("kafka-mirror:index:MirrorFlow", name, None, opts)
        plan, target, place = args.plan, args.target, args.place
        own = [
            *self._secrets_for(args, plan.source, args.source),
            *self._secrets_for(args, plan.target, target),
        ]
        manifest = manifests.mirror_maker(
            plan,
            source=manifests.source_connection(
                plan, _bootstrap_servers(args.source, plan.source.listener)
            ),
            target=manifests.target_connection(
                plan, _bootstrap_servers(target, plan.target.listener)
            ),
            credential_version=_versions([*own, *_secrets_beside(args)]),
        )
        watching = watched_by(
            manifests.flow_monitoring(plan), self._options(place, depends_on=place.ready)
        )
        # Made anew elsewhere: two workers of one group could not reach each other between two clusters.
        options = self._options(
            place, depends_on=[*own, *watching, *_users(args)], delete_before_replace=True
        )
        KubernetesObject(name, manifest, wait_until_ready=True, opts=options)
        self.state = pulumi.Output.from_input(plan.state)
        self.connectors = pulumi.Output.from_input(_connectors(plan))
        self.duplicate_window = pulumi.Output.from_input(duration_text(plan.duplicate_window))
        self.register_outputs(
            {
                "state": self.state,
                "connectors": self.connectors,
                "duplicateWindow": self.duplicate_window,
            }
        )

    def _secrets_for(
        self, args: MirrorFlowArgs, end: EndPlan, site: KafkaSite | SiteDescription
    ) -> list[kubernetes.core.v1.Secret]:
        """Make what of the worker's trust and credential at one end is not where it runs already."""
        made = []
        if isinstance(end.login, PasswordLogin) and end.login.password.is_made:
            held = end.login.password
            password = {held.key: args.credentials.of(end.user, end.site)}
            made.append(self._secret(held.secret, password, args.place))
        if end.trust is not None and end.trust.is_made and end.trust.secret is not None:
            joined = pulumi.Output.from_input(_certificates(site, end.listener)).apply("\n".join)
            made.append(self._secret(end.trust.secret, {names.CERTIFICATE_KEY: joined}, args.place))
        return made

    def _secret(
        self, name: str, data: dict[str, pulumi.Output[str]], place: KafkaSite | Workplace
    ) -> kubernetes.core.v1.Secret:
        return kubernetes.core.v1.Secret(
            name,
            metadata={"name": name, "namespace": place.namespace},
            string_data=data,
            opts=self._options(place, depends_on=place.ready),
        )

    def _options(
        self,
        place: KafkaSite | Workplace,
        *,
        depends_on: Sequence[pulumi.Resource],
        **options: Any,
    ) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(
            parent=self, provider=place.provider, depends_on=list(depends_on), **options
        )


def _connectors(plan: FlowPlan) -> list[str]:
    ends = plan.source.site, plan.target.site
    copying = [internal_topics.source_connector(*ends)]
    return [*copying, internal_topics.checkpoint_connector(*ends)] if plan.moves_groups else copying


def _bootstrap_servers(site: KafkaSite | SiteDescription, listener: str) -> pulumi.Input[str]:
    if isinstance(site, SiteDescription):
        return site.listeners[listener].bootstrap_servers or ""
    return site.listeners.apply(lambda found: found[listener]["bootstrapServers"])


def _certificates(site: KafkaSite | SiteDescription, listener: str) -> pulumi.Input[list[str]]:
    if isinstance(site, SiteDescription):
        return list(site.listeners[listener].certificates)
    return site.listeners.apply(lambda found: found[listener]["certificates"])


def _versions(secrets: list[kubernetes.core.v1.Secret]) -> pulumi.Output[str] | None:
    """Return what changes with any of the Secrets, so that the operator looks at them at once."""
    return pulumi.Output.all(*map(version_of, secrets)).apply("-".join) if secrets else None


def _secrets_beside(args: MirrorFlowArgs) -> list[kubernetes.core.v1.Secret]:
    """Return the Secrets of the flow's users that this stack has written where the flow runs."""
    users = [one.users[end.user] for one, end in _sites(args) if one is args.place]
    return [user.secret for user in users if user.secret is not None]


def _users(args: MirrorFlowArgs) -> list[pulumi.Resource]:
    """Return the users that must be there before the worker logs in."""
    own = [one.users[end.user].user for one, end in _sites(args)]
    # Whose certificate is issued here, the worker logs in as at the source.
    issued = args.users and args.users.objects.get(args.plan.source.user)
    return [*own, issued.user] if issued else list(own)


def _sites(args: MirrorFlowArgs) -> list[tuple[KafkaSite, EndPlan]]:
    """Return the ends of the flow whose site this stack makes."""
    ends = ((args.target, args.plan.target), (args.source, args.plan.source))
    return [(site, end) for site, end in ends if isinstance(site, KafkaSite)]
