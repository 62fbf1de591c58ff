"""The names that follow from a topology: once used they hold a flow's positions, so they never change."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from kafka_mirror.mirrormaker import internal_topics
from kafka_mirror.topology import Flow, FlowName, TopicName
from kafka_mirror.topology.flows import End

_RESOURCE_NAME: Final = re.compile(
    r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
)
_MAX_RESOURCE_NAME: Final = 253

NODE_POOL: Final = "dual-role"
"""The one node pool of a managed Kafka, whose nodes are brokers and controllers."""

PASSWORD_KEY: Final = "password"  # noqa: S105 - the name of the key
"""The key of a credential Secret."""

CERTIFICATE_KEY: Final = "ca.crt"
"""The key of a trust Secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerNames:
    """What a flow is called in the cluster of its target.

    Attributes:
        resource: The KafkaMirrorMaker2, and the start of the names of its Secrets and ConfigMaps.
        group: Of the Connect worker.
    """

    resource: str
    group: str
    config_topic: str
    offset_topic: str
    status_topic: str

    @property
    def storage_topics(self) -> tuple[str, str, str]:
        """The three topics."""
        return self.config_topic, self.offset_topic, self.status_topic


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTopics:
    """The topics that the connectors of a flow keep for themselves.

    Attributes:
        checkpoints: At the target; None if the flow moves no groups.
        offset_syncs: At the end that `offset_syncs_at` says.
    """

    checkpoints: str | None
    offset_syncs: str
    offset_syncs_at: End

    def at(self, end: End) -> tuple[str, ...]:
        """Return those at one end."""
        checkpoints = (self.checkpoints,) if end == "target" and self.checkpoints else ()
        return (*checkpoints, self.offset_syncs) if end == self.offset_syncs_at else checkpoints


def worker_names(name: FlowName, flow: Flow) -> WorkerNames:
    """Return the flow's own names, or those it is told to take over.

    The topics start with ``__``: MirrorMaker's default excludes then keep them out of any mirror.
    """
    given = flow.names
    resource = given.resource if given else name
    start = f"mm2-{resource}"
    return WorkerNames(
        resource=resource,
        group=(given and given.group) or start,
        config_topic=(given and given.config_topic) or f"__{start}-configs",
        offset_topic=(given and given.offset_topic) or f"__{start}-offsets",
        status_topic=(given and given.status_topic) or f"__{start}-status",
    )


def flow_topics(flow: Flow) -> FlowTopics:
    """Return the connectors' own topics; that of the offset syncs is named after the other end."""
    other = flow.source.site if flow.offset_syncs == "target" else flow.target.site
    checkpoints = internal_topics.checkpoints_topic(flow.source.site)
    return FlowTopics(
        checkpoints=checkpoints if flow.moves_groups else None,
        offset_syncs=internal_topics.offset_syncs_topic(other),
        offset_syncs_at=flow.offset_syncs,
    )


def topic_resource_name(topic: TopicName) -> str:
    """Return the name of the KafkaTopic: the topic's own where Kubernetes allows it."""
    if _RESOURCE_NAME.fullmatch(topic) and len(topic) <= _MAX_RESOURCE_NAME:
        return topic
    digest = hashlib.sha256(topic.encode()).hexdigest()[:10]
    readable = re.sub(r"[^a-z0-9]+", "-", topic.lower()).strip("-")[:200]
    return f"{readable}-{digest}" if readable else f"topic-{digest}"


def password_secret(user: str) -> str:
    """Return the Secret with a user's password; never the KafkaUser's own, which the operator writes."""
    return f"{user}-password"


def source_credential_secret(resource: str) -> str:
    """Return the Secret with the password of the source user, where a flow's resource runs."""
    return f"{resource}-source-credential"


def source_trust_secret(resource: str) -> str:
    """Return the Secret with the CA certificates of the source, where a flow's resource runs."""
    return f"{resource}-source-trust"


def target_credential_secret(resource: str) -> str:
    """Return the Secret with the password of the target user, where a flow's resource runs elsewhere."""
    return f"{resource}-target-credential"


def target_trust_secret(resource: str) -> str:
    """Return the Secret with the CA certificates of the target, where a flow's resource runs elsewhere."""
    return f"{resource}-target-trust"


def flow_secrets(resource: str) -> tuple[str, ...]:
    """Return every Secret that a flow's resource may have of its own, where it runs."""
    return (
        source_credential_secret(resource),
        source_trust_secret(resource),
        target_credential_secret(resource),
        target_trust_secret(resource),
    )


def operator_secrets(kafka: str, *, nodes: int) -> tuple[str, ...]:
    """Return the Secrets that the operator writes for a cluster, those of its nodes last.

    Args:
        kafka: The cluster's name.
        nodes: How many nodes its one pool has.

    Source: what Strimzi 1.2.0 made for a Kafka, recorded; ``tests/lab/operator/test_recordings.py`` compares.
    """
    authorities = (
        f"{kafka}-{whose}-ca{part}" for whose in ("cluster", "clients") for part in ("", "-cert")
    )
    operators = (f"{kafka}-entity-{which}-operator-certs" for which in ("topic", "user"))
    others = (f"{kafka}-cluster-operator-certs", f"{kafka}-trustbundle")
    of_nodes = (f"{kafka}-{NODE_POOL}-{index}" for index in range(nodes))
    return (*authorities, *operators, *others, *of_nodes)


def worker_trust_secret(resource: str) -> str:
    """Return the Secret in which the operator joins all that the worker of a flow's resource trusts."""
    return f"{resource}-connect-tls-trusted-certs"


def cluster_ca_secret(kafka: str) -> str:
    """Return the Secret in which the operator publishes the certificates of a cluster's own CA."""
    return f"{kafka}-cluster-ca-cert"


def brokers(kafka: str) -> str:
    """Return the name of what watches a Kafka; a flow may have the Kafka's own."""
    return f"{kafka}-kafka"
