"""The Secrets a Connect worker reads: joined trust, passwords and client certificates."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lab.operator.authorities import is_certificate
from lab.operator.client_security import (
    crash_without,
    has_trusted_certificates,
    trust_secret_name,
)
from lab.operator.cluster_secrets import encode
from lab.operator.failures import ReconciliationError, keys_missing, secret_not_found
from lab.operator.objects import JsonObject, metadata, name_of, namespace_of
from lab.operator.worker_kinds import own_cluster, sources_of, worker_labels

ReadSecret = Callable[[str], Mapping[str, str] | None]


def trusted_certificates(resource: Mapping[str, Any], read: ReadSecret) -> dict[str, str]:
    """Return the entries of the trust Secret; none if no side names certificates.

    Args:
        resource: The KafkaMirrorMaker2 or KafkaConnect.
        read: Returns the values of a Secret beside it, or None.

    Raises:
        ReconciliationError: A Secret or a key is missing, or holds no certificate.
    """
    own, namespace = own_cluster(resource), namespace_of(resource)
    entries: dict[str, str] = {}
    if has_trusted_certificates(own):
        entries["ca.crt"] = _joined(own, namespace, read)
        if "alias" in own:
            entries[f"{own['alias']}-ca.crt"] = entries["ca.crt"]
    for source in sources_of(resource):
        if has_trusted_certificates(source):
            entries[f"{source['alias']}-ca.crt"] = _joined(source, namespace, read)
    return entries


def trust_secret(resource: Mapping[str, Any], entries: Mapping[str, str]) -> JsonObject:
    """Return the Secret with everything the worker trusts."""
    name = trust_secret_name(name_of(resource))
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": metadata(resource, name=name, labels=worker_labels(resource)),
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


def _named_keys(resource: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for side in (own_cluster(resource), *sources_of(resource)):
        authentication = side.get("authentication") or {}
        kind = authentication.get("type")
        if kind == "tls":
            source = authentication.get("certificateAndKey")
            # One without is found out later, when the connectors are made.
            if source:
                yield source["secretName"], (source["certificate"], source["key"])
        elif kind in ("scram-sha-256", "scram-sha-512", "plain"):
            source = authentication.get("passwordSecret")
            if not source:
                raise crash_without("passwordSecret", "Plain" if kind == "plain" else "Scram")
            yield source["secretName"], (source["password"],)


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
