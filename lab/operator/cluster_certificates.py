"""Makes sure that a Kafka cluster's authorities and certificates exist, keeping those that are there.

The Secrets in the API server are the truth, as they are for the real operator: whoever deletes one gets a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kafka_mirror.kubernetes_api import JsonObject
from lab.operator import authorities, cluster_secrets
from lab.operator.authorities import Identity
from lab.operator.cluster_model import ClusterModel
from lab.operator.cluster_secrets import OPERATOR_USER, Authority, decode
from lab.operator.context import Context
from lab.operator.failures import InvalidResourceError
from lab.operator.objects import name_of, spec_of
from lab.operator.work_queue import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterCertificates:
    """All certificates of one Kafka cluster."""

    cluster: Authority
    clients: Authority
    operator: Identity
    nodes: Mapping[str, Identity]


class CertificateKeeper:
    """Reads, and where needed makes, the certificates of Kafka clusters."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def ensure(self, key: Key, kafka: JsonObject, model: ClusterModel) -> ClusterCertificates:
        """Return a cluster's certificates; what was missing or no longer fits is in the API server by then.

        Raises:
            InvalidResourceError: The user brings an authority, and its Secrets are not there.
        """
        cluster = self._authority(key, kafka, "cluster")
        clients = self._authority(key, kafka, "clients")
        found = ClusterCertificates(
            cluster=cluster,
            clients=clients,
            operator=self._operator(key, kafka, cluster.identity),
            nodes=self._nodes(key, kafka, model, cluster.identity),
        )
        bundle = cluster_secrets.trust_bundle(kafka, cluster=cluster, clients=clients)
        self._write_if_changed(key, kafka, bundle)
        return found

    def _authority(self, key: Key, kafka: JsonObject, kind: str) -> Authority:
        certificate_name, key_name = cluster_secrets.secret_names(name_of(kafka), kind)
        certificate = self._values(key, kafka, certificate_name)
        private = self._values(key, kafka, key_name)
        settings = spec_of(kafka).get(f"{kind}Ca") or {}
        is_brought = settings.get("generateCertificateAuthority") is False
        if is_brought and not ("ca.crt" in certificate and "ca.key" in private):
            raise InvalidResourceError(
                f"{kind.capitalize()} CA should not be generated, but the secrets were not found.",
                reason="InvalidConfigurationException",
            )
        if "ca.crt" in certificate and "ca.key" in private:
            identity = Identity(certificate=certificate["ca.crt"], key=private["ca.key"])
        else:
            identity = authorities.new_authority(f"{kind}-ca v0", now=self._context.now())
            password = cluster_secrets.new_password(12)
            for secret in cluster_secrets.authority_secrets(
                kafka, kind, identity, password=password
            ):
                self._context.apply(key, secret)
            certificate = {"ca.crt": identity.certificate}
        trusted = "".join(
            certificate[name] for name in sorted(certificate) if name.endswith(".crt")
        )
        return Authority(identity=identity, trusted=trusted)

    def _operator(self, key: Key, kafka: JsonObject, authority: Identity) -> Identity:
        values = self._values(key, kafka, f"{name_of(kafka)}-cluster-operator-certs")
        found = _identity(values, OPERATOR_USER)
        if found is not None and cluster_secrets.is_usable(found, authority):
            return found
        made = authorities.issue(authority, OPERATOR_USER, now=self._context.now())
        self._context.apply(key, cluster_secrets.operator_secret(kafka, made))
        return made

    def _nodes(
        self, key: Key, kafka: JsonObject, model: ClusterModel, authority: Identity
    ) -> dict[str, Identity]:
        nodes = {}
        for node in model.nodes:
            found = _identity(self._values(key, kafka, node.name), node.name)
            if found is None or not cluster_secrets.is_usable(
                found, authority, model=model, node=node
            ):
                found = cluster_secrets.issue_node(model, node, authority, now=self._context.now())
                self._context.apply(key, cluster_secrets.node_secret(kafka, node, found))
            nodes[node.name] = found
        return nodes

    def _write_if_changed(self, key: Key, kafka: JsonObject, secret: JsonObject) -> None:
        if self._values(key, kafka, name_of(secret)) != decode(secret):
            self._context.apply(key, secret)

    def _values(self, key: Key, kafka: JsonObject, name: str) -> dict[str, str]:
        """Return a Secret's values, none for what was made for an earlier cluster of the same name."""
        found = self._context.site(key).api.find("v1", "Secret", name, key.namespace)
        if found is None or _is_of_another(found, kafka):
            return {}
        return decode(found)


def _is_of_another(secret: Mapping[str, Any], kafka: JsonObject) -> bool:
    owners = secret["metadata"].get("ownerReferences") or []
    uid = kafka["metadata"]["uid"]
    return any(owner["kind"] == "Kafka" and owner["uid"] != uid for owner in owners)


def _identity(values: Mapping[str, str], name: str) -> Identity | None:
    certificate, private = values.get(f"{name}.crt"), values.get(f"{name}.key")
    if certificate is None or private is None:
        return None
    return Identity(certificate=certificate, key=private)
