"""What a client of a site proves itself with and whom it believes, in the operator's words."""

from __future__ import annotations

from typing import Any

from kafka_mirror.planning import CertificateLogin, Login, Trust


def client_authentication(login: Login) -> dict[str, Any]:
    """Return ``authentication`` of a worker; secrets are named, never written."""
    if isinstance(login, CertificateLogin):
        held = {"secretName": login.secret, "certificate": login.certificate, "key": login.key}
        return {"type": "tls", "certificateAndKey": held}
    password = {"secretName": login.password.secret, "password": login.password.key}
    return {"type": login.mechanism, "username": login.username, "passwordSecret": password}


def client_trust(trust: Trust) -> dict[str, Any]:
    """Return ``tls`` of a worker; an empty one means the public authorities that its Java knows.

    Source: ``KafkaConnectConfigurationBuilder`` of Strimzi 1.2.0, which then writes no truststore.
    """
    if trust.secret is None:
        return {}
    how = "pattern" if "*" in trust.key else "certificate"
    return {"trustedCertificates": [{"secretName": trust.secret, how: trust.key}]}
