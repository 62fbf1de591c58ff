"""The worker beside a source that writes its heartbeats, as a KafkaConnect and a KafkaConnector for each flow.

``v1`` has no place for heartbeats in a KafkaMirrorMaker2. Where the older layout has one, its connector runs beside the target, and
writes there: of no use to the flow that it is part of (Strimzi proposal 116).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from kafka_mirror.manifests.base import Leaf
from kafka_mirror.manifests.logins import password_settings
from kafka_mirror.manifests.strimzi.clients import client_authentication, client_trust
from kafka_mirror.mirrormaker import keys
from kafka_mirror.planning import CertificateLogin, Login
from kafka_mirror.planning.heartbeats import HeartbeatsPlan
from kafka_mirror.planning.names import worker_trust_secret
from kafka_mirror.topology import FlowName

_CLASS: Final = "org.apache.kafka.connect.mirror.MirrorHeartbeatConnector"


def heartbeat_worker_spec(plan: HeartbeatsPlan, *, bootstrap_servers: Leaf) -> dict[str, Any]:
    """Return the spec of the KafkaConnect."""
    configs, offsets, status = plan.storage_topics
    spec: dict[str, Any] = {
        "replicas": 1,
        "bootstrapServers": bootstrap_servers,
        "groupId": plan.name,
        "configStorageTopic": configs,
        "offsetStorageTopic": offsets,
        "statusStorageTopic": status,
        "authentication": client_authentication(plan.login),
        "config": {
            # A KafkaConnect writes JSON by default, which no reader of heartbeats could read.
            "key.converter": keys.BYTES_CONVERTER,
            "value.converter": keys.BYTES_CONVERTER,
            keys.CONFIG_STORAGE_REPLICATION_FACTOR: plan.replication_factor,
            keys.OFFSET_STORAGE_REPLICATION_FACTOR: plan.replication_factor,
            keys.STATUS_STORAGE_REPLICATION_FACTOR: plan.replication_factor,
            keys.REBALANCE_DELAY: 0,
        },
    }
    if plan.trust is not None:
        spec["tls"] = client_trust(plan.trust)
    return spec


def heartbeat_connector_spec(
    plan: HeartbeatsPlan, flow: FlowName, *, bootstrap_servers: Leaf, security: dict[str, str]
) -> dict[str, Any]:
    """Return the spec of the KafkaConnector of one flow: its heartbeats carry the flow's name, and the source's.

    Args:
        plan: Of the source's heartbeats.
        flow: That mirrors them.
        bootstrap_servers: Of the source, ``host:port``, comma-separated.
        security: How the connector itself, which makes the topic, logs in: nothing of the worker's reaches it.
    """
    return {
        "class": _CLASS,
        "tasksMax": 1,
        "state": "running",
        "autoRestart": {"enabled": True},
        "config": {
            "source.cluster.alias": flow,
            "target.cluster.alias": plan.site,
            **_policy(plan, flow),
            keys.HEARTBEATS_REPLICATION_FACTOR: plan.replication_factor,
            "target.cluster.bootstrap.servers": bootstrap_servers,
            **{f"target.cluster.{key}": value for key, value in security.items()},
        },
    }


def heartbeat_security(plan: HeartbeatsPlan, *, namespace: str) -> dict[str, str]:
    """Return how a connector logs in: by Secrets that the operator lets it read."""

    def placeholder(secret: str, key: str) -> str:
        return f"${{strimzisecrets:{namespace}/{secret}:{key}}}"

    said = heartbeat_login(plan, lambda key: placeholder(login_secret(plan.login), key))
    if plan.trust is not None:
        said["ssl.truststore.type"] = "PEM"
        said["ssl.truststore.certificates"] = placeholder(worker_trust_secret(plan.name), "ca.crt")
    return said


def login_secret(login: Login) -> str:
    """Return the Secret that a login is in."""
    return login.secret if isinstance(login, CertificateLogin) else login.password.secret


def heartbeat_login(plan: HeartbeatsPlan, placeholder: Callable[[str], str]) -> dict[str, str]:
    """Return the login of a connector.

    Args:
        plan: Of the source's heartbeats.
        placeholder: Returns what stands for a key of the Secret that the login is in.
    """
    login = plan.login
    if isinstance(login, CertificateLogin):
        return {
            "security.protocol": "SSL",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.certificate.chain": placeholder(login.certificate),
            "ssl.keystore.key": placeholder(login.key),
        }
    return password_settings(login, placeholder(login.password.key), tls=plan.trust is not None)


def _policy(plan: HeartbeatsPlan, flow: FlowName) -> dict[str, str]:
    """Return the flow's own policy class; either writes the same topic, so one unknown here is left out."""
    naming = plan.namings[flow]
    return {} if naming is None else {keys.REPLICATION_POLICY_CLASS: keys.policy_class(naming)}
