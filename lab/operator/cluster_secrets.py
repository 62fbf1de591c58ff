"""The certificates of a Kafka cluster, and the Secrets that hold them under the names and labels Strimzi gives them."""

from __future__ import annotations

import base64
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lab.operator import authorities
from lab.operator.authorities import Identity
from lab.operator.broker_properties import bootstrap_service, node_address
from lab.operator.cluster_model import ClusterModel, Node
from lab.operator.objects import JsonObject, component_labels, metadata, name_of
from lab.ports import LOOPBACK

CERT_GENERATION = "strimzi.io/ca-cert-generation"
KEY_GENERATION = "strimzi.io/ca-key-generation"
_CLUSTER_GENERATION = "strimzi.io/cluster-ca-cert-generation"
_CLIENTS_GENERATION = "strimzi.io/clients-ca-cert-generation"
_PASSWORD_ALPHABET = string.ascii_letters + string.digits
PASSWORD_LENGTH = 32
OPERATOR_USER = "cluster-operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One of a cluster's two certificate authorities.

    Attributes:
        identity: Its certificate and key.
        trusted: Every certificate to trust, old ones included, joined; PEM.
    """

    identity: Identity
    trusted: str


def new_password(length: int = PASSWORD_LENGTH) -> str:
    """Return a random password of letters and digits."""
    return "".join(secrets.choice(_PASSWORD_ALPHABET) for _ in range(length))


def encode(values: Mapping[str, str | bytes]) -> dict[str, str]:
    """Return a Secret's ``data`` for these values."""
    return {
        key: base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode()
        for key, value in values.items()
    }


def decode(secret: Mapping[str, Any]) -> dict[str, str]:
    """Return a Secret's values as text; what is not text is left out."""
    found = {}
    for key, value in (secret.get("data") or {}).items():
        try:
            found[key] = base64.b64decode(value).decode()
        except UnicodeDecodeError:
            continue
    return found


def secret_names(cluster: str, authority: str) -> tuple[str, str]:
    """Return the names of the Secrets with an authority's certificate and with its key."""
    return f"{cluster}-{authority}-ca-cert", f"{cluster}-{authority}-ca"


def authority_secrets(
    kafka: Mapping[str, Any], authority: str, identity: Identity, *, password: str
) -> list[JsonObject]:
    """Return the Secrets of an authority that the operator made.

    Args:
        kafka: The Kafka resource.
        authority: ``cluster`` or ``clients``.
        identity: The authority.
        password: Of its PKCS #12 store.
    """
    certificate_name, key_name = secret_names(name_of(kafka), authority)
    labels = component_labels(kafka, name="strimzi", component="certificate-authority")
    certificate: dict[str, str | bytes] = {
        "ca.crt": identity.certificate,
        "ca.p12": authorities.truststore_pkcs12(identity.certificate, password),
        "ca.password": password,
    }
    return [
        _secret(kafka, certificate_name, labels, {CERT_GENERATION: "0"}, certificate),
        _secret(kafka, key_name, labels, {KEY_GENERATION: "0"}, {"ca.key": identity.key}),
    ]


def trust_bundle(kafka: Mapping[str, Any], *, cluster: Authority, clients: Authority) -> JsonObject:
    """Return the Secret with what the nodes trust."""
    labels = component_labels(kafka, name="strimzi", component="trust-bundle")
    annotations = {_CLUSTER_GENERATION: "0", _CLIENTS_GENERATION: "0"}
    values = {"cluster-ca.crt": cluster.trusted, "clients-ca.crt": clients.trusted}
    return _secret(kafka, f"{name_of(kafka)}-trustbundle", labels, annotations, values)


def node_secret(kafka: Mapping[str, Any], node: Node, identity: Identity) -> JsonObject:
    """Return the Secret with a node's certificate."""
    labels = component_labels(kafka, name=f"{name_of(kafka)}-kafka", component="kafka")
    values = {f"{node.name}.crt": identity.certificate, f"{node.name}.key": identity.key}
    return _secret(kafka, node.name, labels, {_CLUSTER_GENERATION: "0"}, values)


def operator_secret(kafka: Mapping[str, Any], identity: Identity) -> JsonObject:
    """Return the Secret with the certificate that the operator itself uses."""
    labels = component_labels(kafka, name="strimzi", component="strimzi")
    values = {f"{OPERATOR_USER}.crt": identity.certificate, f"{OPERATOR_USER}.key": identity.key}
    name = f"{name_of(kafka)}-cluster-operator-certs"
    return _secret(kafka, name, labels, {_CLUSTER_GENERATION: "0"}, values)


def node_hosts(model: ClusterModel, node: Node) -> tuple[str, ...]:
    """Return the host names a node's certificate is good for."""
    bootstrap = bootstrap_service(model)
    address = node_address(model, node)
    return (
        "localhost",
        bootstrap.partition(".")[0],
        bootstrap.removesuffix(".svc"),
        bootstrap,
        f"{bootstrap}.cluster.local",
        address,
        f"{address}.cluster.local",
    )


def issue_node(model: ClusterModel, node: Node, authority: Identity, *, now: datetime) -> Identity:
    """Sign a node's certificate."""
    return authorities.issue(
        authority,
        f"{model.name}-kafka",
        now=now,
        dns_names=node_hosts(model, node),
        addresses=(LOOPBACK,),
    )


def is_usable(
    identity: Identity,
    authority: Identity,
    *,
    model: ClusterModel | None = None,
    node: Node | None = None,
) -> bool:
    """Tell whether a certificate found in a Secret can go on being used."""
    if not authorities.is_certificate(identity.certificate) or not identity.key:
        return False
    if not authorities.is_signed_by(identity.certificate, authority.certificate):
        return False
    if model is None or node is None:
        return True
    return authorities.covers(
        identity.certificate, dns_names=node_hosts(model, node), addresses=(LOOPBACK,)
    )


def _secret(
    kafka: Mapping[str, Any],
    name: str,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    values: Mapping[str, str | bytes],
) -> JsonObject:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": metadata(kafka, name=name, labels=labels, annotations=annotations),
        "data": encode(values),
    }
