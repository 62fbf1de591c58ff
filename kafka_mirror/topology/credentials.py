"""Where the credential of a user comes from. Never the credential itself: no model holds a secret.

What stands at these places may be a secret that somebody wrote down, so no message repeats it.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Discriminator, Tag

from kafka_mirror.topology.written import Written


class Sealed:
    """Stands, in what is loaded, for the value of a configuration key that is encrypted."""


_OBJECT: Final = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_KEY: Final = re.compile(r"[A-Za-z0-9._-]{1,253}")
_MOST: Final = 253


def _object_name(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _MOST or not _OBJECT.fullmatch(value):
        raise ValueError(
            "must be the name of a Secret: lower-case letters, digits, hyphens and dots. What stands here is not "
            "shown, for it may be a secret itself"
        )
    return value


def _key(value: Any) -> str:
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise ValueError(
            "must be the name of a key: letters, digits, dots, underscores and hyphens. What stands here is not "
            "shown, for it may be a secret itself"
        )
    return value


SecretName = Annotated[str, BeforeValidator(_object_name)]
"""Of a Secret that others make, in the namespace of whoever uses it."""
DataKey = Annotated[str, BeforeValidator(_key)]


class FromConfig(Written):
    """A credential in the stack's own configuration, encrypted.

    Attributes:
        config: The key, as ``pulumi config set --secret`` took it; it is kept in the stack's state, encrypted.
    """

    config: DataKey


class FromSecret(Written):
    """A credential that others put into a Secret (Vault, External Secrets); the stack never sees it.

    Attributes:
        secret: In the namespace of each site of the user, and wherever a flow logs in as it.
        key: Under which it stands there.
    """

    secret: SecretName
    key: DataKey = "password"


class CertificateFromSecret(Written):
    """A client certificate that others put into a Secret (cert-manager); the stack never sees it.

    Attributes:
        secret: Wherever a flow logs in with it.
        certificate: Under which key the certificate stands, with those that lead to its authority.
        key: Under which its private key stands, in PKCS 8.
    """

    secret: SecretName
    certificate: DataKey = "tls.crt"
    key: DataKey = "tls.key"


def _kind(value: Any) -> str:
    if isinstance(value, (FromConfig, FromSecret)):
        return _IN_CONFIG if isinstance(value, FromConfig) else _IN_SECRET
    if isinstance(value, dict):
        return _IN_CONFIG if "config" in value else _IN_SECRET
    return _MADE


# Tags of a union stand in the places of errors; none may read like a key.
_IN_CONFIG: Final = "in the configuration"
_IN_SECRET: Final = "in a Secret"  # noqa: S105 - a tag
_MADE: Final = "made"


PasswordSource = Annotated[
    Annotated[Literal["generated", "operator"], Tag(_MADE)]
    | Annotated[FromConfig, Tag(_IN_CONFIG)]
    | Annotated[FromSecret, Tag(_IN_SECRET)],
    Discriminator(_kind),
]
"""``generated`` once by the stack, or by the User ``operator`` and read back; or a reference to where it is kept."""
