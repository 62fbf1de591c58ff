"""A flow: what its worker trusts and proves itself with, and the KafkaMirrorMaker2 at the target."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.credentials import Credentials
from components.kafka_site import KafkaSite
from components.kubernetes_object import KubernetesObject
from kafka_mirror import manifests
from kafka_mirror.mirrormaker import internal_topics
from kafka_mirror.planning import FlowPlan, names
from kafka_mirror.topology import SiteDescription
from kafka_mirror.topology.written import duration_text


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorFlowArgs:
    """What a flow is made of.

    Attributes:
        plan: Of the flow.
        source: The site it mirrors from: made by this stack, or described by another.
        target: The site it mirrors to.
        credentials: Of the stack.
    """

    plan: FlowPlan
    source: KafkaSite | SiteDescription
    target: KafkaSite
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
        """Declare the flow under its name."""
        super().__init__("kafka-mirror:index:MirrorFlow", name, None, opts)
        plan, target = args.plan, args.target
        trust = self._source_trust(args) if plan.source.tls else None
        credential = self._secret(
            names.source_credential_secret(name),
            {names.PASSWORD_KEY: args.credentials.of(plan.source.user, plan.source.site)},
            target,
        )
        manifest = manifests.mirror_maker(
            plan,
            namespace=target.namespace,
            source=manifests.Connection(
                bootstrap_servers=_bootstrap_servers(args.source, plan.source.listener),
                trust_secret=names.source_trust_secret(name) if plan.source.tls else None,
                credential_secret=names.source_credential_secret(name),
            ),
            target=manifests.Connection(
                bootstrap_servers=_bootstrap_servers(target, plan.target.listener),
                trust_secret=names.cluster_ca_secret(plan.target.kafka)
                if plan.target.tls
                else None,
                credential_secret=names.password_secret(plan.target.user),
            ),
            credential_version=_versions(
                [credential, target.users[plan.target.user].secret, *([trust] if trust else [])]
            ),
        )
        before = [one for one in (trust, credential, *_users(args)) if one is not None]
        KubernetesObject(
            name, manifest, wait_until_ready=True, opts=self._options(target, depends_on=before)
        )
        self.state = pulumi.Output.from_input(plan.state)
        self.connectors = pulumi.Output.from_input(
            [
                internal_topics.source_connector(plan.source.site, plan.target.site),
                internal_topics.checkpoint_connector(plan.source.site, plan.target.site),
            ]
        )
        self.duplicate_window = pulumi.Output.from_input(duration_text(plan.duplicate_window))
        self.register_outputs(
            {
                "state": self.state,
                "connectors": self.connectors,
                "duplicateWindow": self.duplicate_window,
            }
        )

    def _source_trust(self, args: MirrorFlowArgs) -> kubernetes.core.v1.Secret:
        certificates = _certificates(args.source, args.plan.source.listener)
        return self._secret(
            names.source_trust_secret(args.plan.name),
            {names.CERTIFICATE_KEY: pulumi.Output.from_input(certificates).apply("\n".join)},
            args.target,
        )

    def _secret(
        self, name: str, data: dict[str, pulumi.Output[str]], target: KafkaSite
    ) -> kubernetes.core.v1.Secret:
        return kubernetes.core.v1.Secret(
            name,
            metadata={"name": name, "namespace": target.namespace},
            string_data=data,
            opts=self._options(target, depends_on=target.ready),
        )

    def _options(
        self, target: KafkaSite, *, depends_on: list[pulumi.Resource]
    ) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, provider=target.provider, depends_on=depends_on)


def _bootstrap_servers(site: KafkaSite | SiteDescription, listener: str) -> pulumi.Input[str]:
    if isinstance(site, SiteDescription):
        return site.listeners[listener].bootstrap_servers or ""
    return site.listeners.apply(lambda found: found[listener]["bootstrapServers"])


def _certificates(site: KafkaSite | SiteDescription, listener: str) -> pulumi.Input[list[str]]:
    if isinstance(site, SiteDescription):
        return list(site.listeners[listener].certificates)
    return site.listeners.apply(lambda found: found[listener]["certificates"])


def _versions(secrets: list[kubernetes.core.v1.Secret]) -> pulumi.Output[str]:
    """Return what changes with any of the Secrets, so that the operator looks at them at once."""
    versions = (one.metadata.apply(lambda metadata: metadata.resource_version) for one in secrets)
    return pulumi.Output.all(*versions).apply(lambda found: "-".join(map(str, found)))


def _users(args: MirrorFlowArgs) -> list[pulumi.Resource]:
    """Return the users that must be there before the worker logs in."""
    own = [args.target.users[args.plan.target.user].user]
    if isinstance(args.source, KafkaSite):
        own.append(args.source.users[args.plan.source.user].user)
    return list(own)
