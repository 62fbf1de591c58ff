"""How a worker or a connector proves itself to one cluster, as Kafka client keys.

Both the worker file and the connectors say the same thing, but not in the same order nor under the same prefix; what
they share stands here. A password is always a placeholder that the worker resolves itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.operator.failures import InvalidResourceError, ReconciliationError
from lab.operator.objects import JsonObject

_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
_MECHANISMS = {"scram-sha-256": "SCRAM-SHA-256", "scram-sha-512": "SCRAM-SHA-512", "plain": "PLAIN"}
_CUSTOM_PREFIXES = ("sasl.", "ssl.keystore.")
_MODEL = "io.strimzi.api.kafka.model.common"
_TYPES = {"certificateAndKey": "CertAndKeySecretSource", "passwordSecret": "PasswordSecretSource"}


def placeholder(namespace: str, secret: str, key: str) -> str:
    """Return what the worker replaces by the value of a Secret's key."""
    return f"${{strimzisecrets:{namespace}/{secret}:{key}}}"


def trust_secret_name(owner: str) -> str:
    """Return the name of the Secret that joins all trusted certificates of a worker."""
    return f"{owner}-connect-tls-trusted-certs"


def security_protocol(cluster: Mapping[str, Any]) -> str:
    """Return the protocol of a cluster block; client certificates alone do not switch TLS on."""
    authentication = cluster.get("authentication") or {}
    has_sasl = authentication.get("type") in _MECHANISMS or authentication.get("sasl") is True
    has_tls = cluster.get("tls") is not None
    return {
        (False, False): "PLAINTEXT",
        (False, True): "SSL",
        (True, False): "SASL_PLAINTEXT",
        (True, True): "SASL_SSL",
    }[has_sasl, has_tls]


def has_trusted_certificates(cluster: Mapping[str, Any]) -> bool:
    """Tell whether the cluster block names certificates; TLS without any means the JVM's own."""
    return bool((cluster.get("tls") or {}).get("trustedCertificates"))


def truststore(cluster: Mapping[str, Any], *, owner: str, namespace: str, key: str) -> JsonObject:
    """Return the truststore keys of a cluster block, or nothing."""
    if not has_trusted_certificates(cluster):
        return {}
    return {
        "ssl.truststore.certificates": placeholder(namespace, trust_secret_name(owner), key),
        "ssl.truststore.type": "PEM",
    }


def authentication_keys(cluster: Mapping[str, Any], *, namespace: str) -> JsonObject:
    """Return the keys that prove the client's identity, in the order of the worker file.

    Raises:
        ReconciliationError: A client certificate is to be used, and none is named.
    """
    authentication = cluster.get("authentication") or {}
    kind = authentication.get("type")
    if kind == "tls":
        source = authentication.get("certificateAndKey")
        if not source:
            raise crash_without("certificateAndKey", "Tls")
        return _client_certificate(source, namespace=namespace)
    if kind == "custom":
        entries = authentication.get("config") or {}
        return {key: entries[key] for key in sorted(entries) if key.startswith(_CUSTOM_PREFIXES)}
    if kind in _MECHANISMS:
        return _password(authentication, namespace=namespace)
    return {}


def check_target_authentication(cluster: Mapping[str, Any]) -> None:
    """Refuse an incomplete authentication of the target.

    Raises:
        InvalidResourceError: In the operator's words; for a source it crashes instead, see `crash_without`.
    """
    authentication = cluster.get("authentication") or {}
    kind = authentication.get("type")
    if kind == "tls" and not authentication.get("certificateAndKey"):
        raise InvalidResourceError(
            "TLS Client authentication selected, but no certificate and key configured."
        )
    if kind in _MECHANISMS and not (
        authentication.get("username") and authentication.get("passwordSecret")
    ):
        label = "PLAIN" if kind == "plain" else _MECHANISMS[str(kind)]
        raise InvalidResourceError(
            f"{label} authentication selected, but username or password configuration is missing."
        )


def crash_without(field: str, authentication: str) -> ReconciliationError:
    """Return what the real operator, which does not check a source, fails with when a source's field is missing.

    Args:
        field: ``certificateAndKey`` or ``passwordSecret``.
        authentication: The kind of authentication, as the operator's classes are named.
    """
    getter = f"get{field[0].upper()}{field[1:]}()"
    return ReconciliationError(
        "NullPointerException",
        f'Cannot invoke "{_MODEL}.{_TYPES[field]}.getSecretName()" because the return value of '
        f'"{_MODEL}.authentication.KafkaClientAuthentication{authentication}.{getter}" is null',
    )


def _client_certificate(source: Mapping[str, Any], *, namespace: str) -> JsonObject:
    secret = source["secretName"]
    return {
        "ssl.keystore.certificate.chain": placeholder(namespace, secret, source["certificate"]),
        "ssl.keystore.key": placeholder(namespace, secret, source["key"]),
        "ssl.keystore.type": "PEM",
    }


def _password(authentication: Mapping[str, Any], *, namespace: str) -> JsonObject:
    kind = authentication["type"]
    source = authentication["passwordSecret"]
    module = _PLAIN if kind == "plain" else _SCRAM
    password = placeholder(namespace, source["secretName"], source["password"])
    username = authentication.get("username")
    return {
        "sasl.mechanism": _MECHANISMS[kind],
        "sasl.jaas.config": f'{module} required username="{username}" password="{password}";',
    }
