"""Makes sure that a Kafka cluster's authorities and certificates exist, keeping those that are there.

The Secrets in the API server are the truth, as they are for the real operator: whoever deletes one gets a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kafka_mirror.kubernetes_api import JsonObject
from lab.operator import authorities, cluster_secrets, journal, renewals
from lab.operator.authorities import Identity
from lab.operator.cluster_model import ClusterModel
from lab.operator.cluster_secrets import (
    CERT_GENERATION,
    CLUSTER_GENERATION,
    CURRENT_CERTIFICATE,
    CURRENT_KEY,
    KEY_GENERATION,
    OPERATOR_USER,
    Authority,
    decode,
)
from lab.operator.context import Context
from lab.operator.failures import InvalidResourceError
from lab.operator.objects import annotations_of, name_of, spec_of
from lab.operator.status import FIELD_MANAGER
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

        Nodes keep the certificates of an authority whose key was replaced: first all of them have to trust the new one.

        Raises:
            InvalidResourceError: The user brings an authority, and its Secrets are not there.
        """
        cluster = self._authority(key, kafka, "cluster")
        clients = self._authority(key, kafka, "clients")
        found = ClusterCertificates(
            cluster=cluster,
            clients=clients,
            operator=self._operator(key, kafka, cluster),
            nodes=self._nodes(key, kafka, model, cluster),
        )
        bundle = cluster_secrets.trust_bundle(kafka, cluster=cluster, clients=clients)
        self._write_if_changed(key, kafka, bundle)
        return found

    def follow(
        self, key: Key, kafka: JsonObject, model: ClusterModel, found: ClusterCertificates
    ) -> ClusterCertificates:
        """Return the certificates with those of a former authority signed anew, now that all nodes trust the new one."""
        if not found.cluster.former:
            return found
        current = replace(found.cluster, former={})
        return replace(
            found,
            operator=self._operator(key, kafka, current),
            nodes=self._nodes(key, kafka, model, current),
        )

    def _authority(self, key: Key, kafka: JsonObject, kind: str) -> Authority:
        certificate_name, key_name = cluster_secrets.secret_names(name_of(kafka), kind)
        certificates = self._find(key, kafka, certificate_name)
        private = self._find(key, kafka, key_name)
        authority = _authority_in(certificates, private)
        settings = spec_of(kafka).get(f"{kind}Ca") or {}
        if settings.get("generateCertificateAuthority") is False:
            if authority is None:
                raise InvalidResourceError(
                    f"{kind.capitalize()} CA should not be generated, but the secrets were not found.",
                    reason="InvalidConfigurationException",
                )
            return authority
        now = self._context.now()
        if authority is None:
            made = authorities.new_authority(renewals.authority_name(kind, 0), now=now)
            return self._write_authority(key, kafka, kind, Authority(identity=made))
        if renewals.is_asked(certificates, renewals.FORCE_RENEW):
            new = renewals.renewed(authority, kind, now=now)
            self._write_authority(key, kafka, kind, new)
            self._answer(key, certificate_name, renewals.FORCE_RENEW)
            return new
        if renewals.is_asked(private, renewals.FORCE_REPLACE):
            new = renewals.replaced(authority, kind, now=now)
            self._write_authority(key, kafka, kind, new)
            self._answer(key, key_name, renewals.FORCE_REPLACE)
            return new
        return authority

    def _write_authority(
        self, key: Key, kafka: JsonObject, kind: str, authority: Authority
    ) -> Authority:
        password = cluster_secrets.new_password(12)
        for secret in cluster_secrets.authority_secrets(kafka, kind, authority, password=password):
            self._context.apply(key, secret)
        return authority

    def _answer(self, key: Key, name: str, annotation: str) -> None:
        """Take the annotation away that has been done what it asked for."""
        journal.note("authority made anew", object=key, asked=annotation)
        self._context.site(key).api.patch(
            "v1",
            "Secret",
            name,
            key.namespace,
            patch={"metadata": {"annotations": {annotation: None}}},
            field_manager=FIELD_MANAGER,
        )

    def _operator(self, key: Key, kafka: JsonObject, authority: Authority) -> Identity:
        secret = self._find(key, kafka, f"{name_of(kafka)}-cluster-operator-certs")
        found = _identity(secret, OPERATOR_USER)
        if (
            found is not None
            and cluster_secrets.is_usable(found)
            and _is_kept(found, secret, authority)
        ):
            return found
        made = authorities.issue(authority.identity, OPERATOR_USER, now=self._context.now())
        generation = authority.certificate_generation
        self._context.apply(
            key, cluster_secrets.operator_secret(kafka, made, generation=generation)
        )
        return made

    def _nodes(
        self, key: Key, kafka: JsonObject, model: ClusterModel, authority: Authority
    ) -> dict[str, Identity]:
        nodes = {}
        for node in model.nodes:
            secret = self._find(key, kafka, node.name)
            found = _identity(secret, node.name)
            is_usable = found is not None and cluster_secrets.is_usable(
                found, model=model, node=node
            )
            if found is None or not is_usable or not _is_kept(found, secret, authority):
                found = cluster_secrets.issue_node(
                    model, node, authority.identity, now=self._context.now()
                )
                generation = authority.certificate_generation
                self._context.apply(
                    key, cluster_secrets.node_secret(kafka, node, found, generation=generation)
                )
            nodes[node.name] = found
        return nodes

    def _write_if_changed(self, key: Key, kafka: JsonObject, secret: JsonObject) -> None:
        if self._values(key, kafka, name_of(secret)) != decode(secret):
            self._context.apply(key, secret)

    def _values(self, key: Key, kafka: JsonObject, name: str) -> dict[str, str]:
        found = self._find(key, kafka, name)
        return {} if found is None else decode(found)

    def _find(self, key: Key, kafka: JsonObject, name: str) -> JsonObject | None:
        """Return a Secret; None for what was made for an earlier cluster of the same name."""
        found = self._context.site(key).api.find("v1", "Secret", name, key.namespace)
        return None if found is None or _is_of_another(found, kafka) else found


def _is_of_another(secret: Mapping[str, Any], kafka: JsonObject) -> bool:
    owners = secret["metadata"].get("ownerReferences") or []
    uid = kafka["metadata"]["uid"]
    return any(owner["kind"] == "Kafka" and owner["uid"] != uid for owner in owners)


def _authority_in(certificates: JsonObject | None, private: JsonObject | None) -> Authority | None:
    """Return the authority that two Secrets hold; None if either of them does not."""
    if certificates is None or private is None:
        return None
    known, keys = decode(certificates), decode(private)
    if CURRENT_CERTIFICATE not in known or CURRENT_KEY not in keys:
        return None
    return Authority(
        identity=Identity(certificate=known[CURRENT_CERTIFICATE], key=keys[CURRENT_KEY]),
        former={
            name: text
            for name, text in known.items()
            if name.endswith(".crt") and name != CURRENT_CERTIFICATE
        },
        certificate_generation=_generation(certificates, CERT_GENERATION),
        key_generation=_generation(private, KEY_GENERATION),
    )


def _generation(secret: JsonObject | None, annotation: str) -> int:
    return 0 if secret is None else int(annotations_of(secret).get(annotation, 0))


def _is_kept(identity: Identity, secret: JsonObject | None, authority: Authority) -> bool:
    """Tell whether a certificate need not be signed anew: it is of this generation, or of a former key."""
    if authorities.is_signed_by(identity.certificate, authority.identity.certificate):
        return _generation(secret, CLUSTER_GENERATION) == authority.certificate_generation
    former = "".join(authority.former.values())
    return bool(former) and authorities.trusts(former, identity.certificate)


def _identity(secret: JsonObject | None, name: str) -> Identity | None:
    values = {} if secret is None else decode(secret)
    certificate, private = values.get(f"{name}.crt"), values.get(f"{name}.key")
    if certificate is None or private is None:
        return None
    return Identity(certificate=certificate, key=private)
