"""The certificates of a Kafka cluster, and the Secrets that hold them under the names and labels Strimzi gives them."""

from __future__ import annotations

import base64
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
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
CLUSTER_GENERATION = "strimzi.io/cluster-ca-cert-generation"
_CLIENTS_GENERATION = "strimzi.io/clients-ca-cert-generation"
CURRENT_CERTIFICATE, CURRENT_KEY = "ca.crt", "ca.key"
_PASSWORD_ALPHABET = string.ascii_letters + string.digits
PASSWORD_LENGTH = 32
OPERATOR_USER = "cluster-operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One of a cluster's two certificate authorities.

    Attributes:
        identity: Its certificate and key.
        former: The certificates of keys that were replaced, by their keys in the Secret.
        certificate_generation: How often the certificate was made anew.
        key_generation: How often the key was.
    """

    identity: Identity
    former: Mapping[str, str] = field(default_factory=dict)
    certificate_generation: int = 0
    key_generation: int = 0

    @property
    def certificates(self) -> Mapping[str, str]:
        """Every certificate to trust, by its key in the Secret."""
        found = {**self.former, CURRENT_CERTIFICATE: self.identity.certificate}
        return {key: found[key] for key in sorted(found)}

    @property
    def trusted(self) -> str:
        """Every certificate to trust, joined; PEM."""
        return "".join(self.certificates.values())


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
    kafka: Mapping[str, Any], kind: str, authority: Authority, *, password: str
) -> list[JsonObject]:
    """Return the Secrets of an authority that the operator made.

    Args:
        kafka: The Kafka resource.
        kind: ``cluster`` or ``clients``.
        authority: The authority.
        password: Of its PKCS #12 store.
    """
    certificate_name, key_name = secret_names(name_of(kafka), kind)
    labels = component_labels(kafka, name="strimzi", component="certificate-authority")
    certificates: dict[str, str | bytes] = {
        **authority.certificates,
        "ca.p12": authorities.truststore_pkcs12(authority.certificates, password),
        "ca.password": password,
    }
    certificate_generation = {CERT_GENERATION: str(authority.certificate_generation)}
    key_generation = {KEY_GENERATION: str(authority.key_generation)}
    key = {CURRENT_KEY: authority.identity.key}
    return [
        _secret(kafka, certificate_name, labels, certificate_generation, certificates),
        _secret(kafka, key_name, labels, key_generation, key),
    ]


def trust_bundle(kafka: Mapping[str, Any], *, cluster: Authority, clients: Authority) -> JsonObject:
    """Return the Secret with what the nodes trust."""
    labels = component_labels(kafka, name="strimzi", component="trust-bundle")
    annotations = {
        CLUSTER_GENERATION: str(cluster.certificate_generation),
        _CLIENTS_GENERATION: str(clients.certificate_generation),
    }
    values = {"cluster-ca.crt": cluster.trusted, "clients-ca.crt": clients.trusted}
    return _secret(kafka, f"{name_of(kafka)}-trustbundle", labels, annotations, values)


def node_secret(
    kafka: Mapping[str, Any], node: Node, identity: Identity, *, generation: int = 0
) -> JsonObject:
    """Return the Secret with a node's certificate, signed by an authority of this generation."""
    labels = component_labels(kafka, name=f"{name_of(kafka)}-kafka", component="kafka")
    values = {f"{node.name}.crt": identity.certificate, f"{node.name}.key": identity.key}
    return _secret(kafka, node.name, labels, {CLUSTER_GENERATION: str(generation)}, values)


def operator_secret(
    kafka: Mapping[str, Any], identity: Identity, *, generation: int = 0
) -> JsonObject:
    """Return the Secret with the operator's own certificate, signed by an authority of this generation."""
    labels = component_labels(kafka, name="strimzi", component="strimzi")
    values = {f"{OPERATOR_USER}.crt": identity.certificate, f"{OPERATOR_USER}.key": identity.key}
    name = f"{name_of(kafka)}-cluster-operator-certs"
    return _secret(kafka, name, labels, {CLUSTER_GENERATION: str(generation)}, values)


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
    identity: Identity, *, model: ClusterModel | None = None, node: Node | None = None
) -> bool:
    """Tell whether a certificate found in a Secret is one, and good for its node if it is a node's."""
    if not authorities.is_certificate(identity.certificate) or not identity.key:
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
