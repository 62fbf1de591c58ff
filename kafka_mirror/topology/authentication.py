"""How clients prove who they are, in the words of the configuration."""

from __future__ import annotations

from typing import Literal

Authentication = Literal["scram-sha-512", "tls"]
"""What a listener that an operator makes asks of its clients: a password, or a certificate of the site's clients CA."""

UserAuthentication = Literal["scram-sha-512", "tls", "tls-external"]
"""How a user of an operator's site proves who it is; the certificate of a ``tls-external`` one is issued elsewhere."""

LoginAuthentication = Literal["scram-sha-512", "scram-sha-256", "plain", "tls", "tls-external"]
"""How any user proves who it is, those of sites without an operator among them."""

ExternalAuthentication = Literal["scram-sha-512", "scram-sha-256", "plain", "tls"]
"""What a site without an operator asks of its clients; ``plain`` is a name and a secret, such as an API key."""


def asked_of(authentication: LoginAuthentication) -> ExternalAuthentication:
    """Return what a listener has to ask for so that a user of this kind gets in."""
    return "tls" if authentication == "tls-external" else authentication
