"""``kafka-mirror render``: a stack's objects as YAML, for GitOps and for reading. Never a password."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import yaml

from kafka_mirror import manifests
from kafka_mirror.cli.offline import OfflineStack, read_stack
from kafka_mirror.cli.plan import ProjectOption, StackArgument
from kafka_mirror.cli.states import sites_of_other_stacks
from kafka_mirror.planning import FlowPlan, names
from kafka_mirror.topology import SiteName

_NEVER_FOLDED: Final = 100_000


def render_command(stack: StackArgument, project: ProjectOption = Path()) -> None:
    """Print the operator objects of a stack as YAML, in the order they are applied. Needs no cluster.

    Secrets are not printed: the stack makes them. An address that only the deployment can tell stands
    as <bootstrap of SITE LISTENER>.
    """
    offline = read_stack(project, stack, sites_of_other_stacks(project, stack))
    sys.stdout.write(
        yaml.safe_dump_all(
            rendered(offline), sort_keys=False, default_flow_style=False, width=_NEVER_FOLDED
        )
    )


def rendered(offline: OfflineStack) -> list[dict[str, Any]]:
    """Return every operator object of a planned stack."""
    objects: list[dict[str, Any]] = []
    for site in offline.plan.sites.values():
        place = {"namespace": site.site.kubernetes.namespace, "cluster": site.site.kafka.name}
        objects += [manifests.kafka_node_pool(site), manifests.kafka(site)]
        objects += [manifests.kafka_topic(topic, **place) for topic in site.topics]
        objects += [manifests.kafka_user(user, **place) for user in site.users]
    for flow in offline.plan.flows:
        target = offline.plan.sites[flow.target.site].site
        place = {"namespace": target.kubernetes.namespace, "cluster": target.kafka.name}
        objects += [manifests.kafka_user(user, **place) for user in flow.replicated_users]
        objects.append(_mirror_maker(offline, flow, target.kubernetes.namespace))
    return objects


def _mirror_maker(offline: OfflineStack, flow: FlowPlan, namespace: str) -> dict[str, Any]:
    return manifests.mirror_maker(
        flow,
        namespace=namespace,
        source=manifests.Connection(
            bootstrap_servers=_bootstrap_servers(offline, flow.source.site, flow.source.listener),
            trust_secret=names.source_trust_secret(flow.name) if flow.source.tls else None,
            credential_secret=names.source_credential_secret(flow.name),
        ),
        target=manifests.Connection(
            bootstrap_servers=_bootstrap_servers(offline, flow.target.site, flow.target.listener),
            trust_secret=names.cluster_ca_secret(flow.target.kafka) if flow.target.tls else None,
            credential_secret=names.password_secret(flow.target.user),
        ),
    )


def _bootstrap_servers(offline: OfflineStack, site: SiteName, listener: str) -> str:
    described = offline.plan.descriptions[site].listeners[listener]
    return described.bootstrap_servers or f"<bootstrap of {site} {listener}>"
