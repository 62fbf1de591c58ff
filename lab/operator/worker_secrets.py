"""The Secrets a MirrorMaker 2 worker reads: joined trust, passwords and client certificates."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lab.operator.authorities import is_certificate
from lab.operator.client_security import has_trusted_certificates, trust_secret_name
from lab.operator.cluster_secrets import encode
from lab.operator.failures import ReconciliationError, keys_missing, secret_not_found
from lab.operator.objects import (
    JsonObject,
    component_labels,
    metadata,
    name_of,
    namespace_of,
    spec_of,
)

ReadSecret = Callable[[str], Mapping[str, str] | None]
_MODEL = "io.strimzi.api.kafka.model.common"
_CRASHES = {
    "certificateAndKey": (
        f'Cannot invoke "{_MODEL}.CertAndKeySecretSource.getSecretName()" because the return value of '
        f'"{_MODEL}.authentication.KafkaClientAuthenticationTls.getCertificateAndKey()" is null'
    ),
    "passwordSecret": (
        f'Cannot invoke "{_MODEL}.PasswordSecretSource.getSecretName()" because the return value of '
        f'"{_MODEL}.authentication.KafkaClientAuthentication{{kind}}.getPasswordSecret()" is null'
    ),
}


def trusted_certificates(resource: Mapping[str, Any], read: ReadSecret) -> dict[str, str]:
    """Return the entries of the trust Secret; none if no side names certificates.

    Args:
        resource: The KafkaMirrorMaker2.
        read: Returns the values of a Secret beside it, or None.

    Raises:
        ReconciliationError: A Secret or a key is missing, or holds no certificate.
    """
    spec = spec_of(resource)
    target = spec["target"]
    entries: dict[str, str] = {}
    if has_trusted_certificates(target):
        joined = _joined(target, namespace_of(resource), read)
        entries["ca.crt"] = entries[f"{target['alias']}-ca.crt"] = joined
    for mirror in spec.get("mirrors") or []:
        source = mirror["source"]
        if has_trusted_certificates(source):
            joined = _joined(source, namespace_of(resource), read)
            entries[f"{source['alias']}-ca.crt"] = joined
    return entries


def trust_secret(
    resource: Mapping[str, Any], entries: Mapping[str, str], labels: Mapping[str, str]
) -> JsonObject:
    """Return the Secret with everything the worker trusts."""
    name = trust_secret_name(name_of(resource))
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": metadata(resource, name=name, labels=labels),
        "data": encode(entries),
    }


def credential_values(resource: Mapping[str, Any], read: ReadSecret) -> dict[str, dict[str, str]]:
    """Return what the worker reads to prove itself, ``{secret: {key: value}}``: only the keys the resource names.

    Raises:
        ReconciliationError: A Secret or a key is missing, or a source names none where it has to.
    """
    namespace = namespace_of(resource)
    values: dict[str, dict[str, str]] = {}
    for secret, keys in _named_keys(resource):
        found = read(secret)
        if found is None:
            raise secret_not_found(secret, namespace)
        missing = [key for key in keys if key not in found]
        if missing:
            raise keys_missing(secret, missing)
        values.setdefault(secret, {}).update({key: found[key] for key in keys})
    return values


def mirror_maker_labels(resource: Mapping[str, Any]) -> dict[str, str]:
    """Return the labels of what is made for a KafkaMirrorMaker2."""
    return component_labels(
        resource,
        name=f"{name_of(resource)}-mirrormaker2",
        component="kafka-mirror-maker-2",
        application="kafka-mirror-maker-2",
    )


def _named_keys(resource: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    spec = spec_of(resource)
    sides = [spec["target"], *(mirror["source"] for mirror in spec.get("mirrors") or [])]
    for side in sides:
        authentication = side.get("authentication") or {}
        kind = authentication.get("type")
        if kind == "tls":
            source = authentication.get("certificateAndKey")
            if not source:
                raise _crash(_CRASHES["certificateAndKey"])
            yield source["secretName"], (source["certificate"], source["key"])
        elif kind in ("scram-sha-256", "scram-sha-512", "plain"):
            source = authentication.get("passwordSecret")
            if not source:
                name = "Plain" if kind == "plain" else "Scram"
                raise _crash(_CRASHES["passwordSecret"].format(kind=name))
            yield source["secretName"], (source["password"],)


def _crash(message: str) -> ReconciliationError:
    """Return what the real operator, which does not check a source, fails with."""
    return ReconciliationError("NullPointerException", message)


def _joined(cluster: Mapping[str, Any], namespace: str, read: ReadSecret) -> str:
    parts = []
    for entry in cluster["tls"]["trustedCertificates"]:
        name = entry["secretName"]
        found = read(name)
        if found is None:
            raise secret_not_found(name, namespace)
        if "pattern" in entry:
            keys = [key for key in sorted(found) if fnmatch.fnmatchcase(key, entry["pattern"])]
        elif entry["certificate"] in found:
            keys = [entry["certificate"]]
        else:
            raise keys_missing(name, [entry["certificate"]])
        if not all(is_certificate(found[key]) for key in keys):
            raise ReconciliationError(
                "RuntimeException",
                f"Failed to load certificate from Secret {name} from namespace {namespace}",
            )
        parts += [found[key].strip() for key in keys]
    return "\n".join(parts)
