"""The names that follow from a topology: once used they hold a flow's positions, so they never change."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from kafka_mirror.mirrormaker import internal_topics
from kafka_mirror.topology import Flow, FlowName, TopicName

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
    """What the Connect worker of a flow calls its group and its three storage topics."""

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
    """The topics that the connectors of a flow keep at the target."""

    checkpoints: str
    offset_syncs: str


def worker_names(name: FlowName, flow: Flow) -> WorkerNames:
    """Return the flow's own names, or those it is told to take over.

    The topics start with ``__``: MirrorMaker's default excludes then keep them out of any mirror.
    """
    if flow.names is not None:
        return WorkerNames(
            group=flow.names.group,
            config_topic=flow.names.config_topic,
            offset_topic=flow.names.offset_topic,
            status_topic=flow.names.status_topic,
        )
    start = f"mm2-{name}"
    return WorkerNames(
        group=start,
        config_topic=f"__{start}-configs",
        offset_topic=f"__{start}-offsets",
        status_topic=f"__{start}-status",
    )


def flow_topics(flow: Flow) -> FlowTopics:
    """Return the connectors' own topics, with the offset syncs kept at the target."""
    return FlowTopics(
        checkpoints=internal_topics.checkpoints_topic(flow.source.site),
        offset_syncs=internal_topics.offset_syncs_topic(flow.source.site),
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


def source_credential_secret(flow: str) -> str:
    """Return the Secret at the target with the password of the flow's source user."""
    return f"{flow}-source-credential"


def source_trust_secret(flow: str) -> str:
    """Return the Secret at the target with the CA certificates of the flow's source."""
    return f"{flow}-source-trust"


def operator_secrets(kafka: str) -> tuple[str, ...]:
    """Return the Secrets that the operator writes for a cluster, beside those of its nodes."""
    authorities = (
        f"{kafka}-{whose}-ca{part}" for whose in ("cluster", "clients") for part in ("", "-cert")
    )
    operators = (f"{kafka}-entity-{which}-operator-certs" for which in ("topic", "user"))
    return (*authorities, *operators, f"{kafka}-cluster-operator-certs")


def cluster_ca_secret(kafka: str) -> str:
    """Return the Secret in which the operator publishes the certificates of a cluster's own CA."""
    return f"{kafka}-cluster-ca-cert"
