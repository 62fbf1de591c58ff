"""How users prove who they are, and whom workers believe: which Secrets hold it, and who makes those."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from kafka_mirror.planning.names import PASSWORD_KEY, password_secret
from kafka_mirror.topology import CertificateFromSecret, DescribedUser, FromSecret, UserName
from kafka_mirror.topology.authentication import UserAuthentication, asked_of

ANY_CERTIFICATE: Final = "*.crt"
"""Trusts the old and the new certificate while an authority is replaced; one key would not."""

USER_CERTIFICATE: Final = "user.crt"
USER_KEY: Final = "user.key"
"""Where the User Operator puts what it issues to a user, in a Secret of the user's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordSecret:
    """Where a password stands.

    Attributes:
        is_made: Whether this stack writes the Secret; else it is there, or others make it.
    """

    secret: str
    key: str
    is_made: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserProof:
    """How a user proves who it is at a site that has a User Operator.

    Attributes:
        password: Where its KafkaUser takes the password from; None if the operator makes one, or if it has none.
    """

    authentication: UserAuthentication
    password: PasswordSecret | None = None

    @property
    def is_by_operator(self) -> bool:
        """Whether the User Operator makes its password."""
        return self.authentication == "scram-sha-512" and self.password is None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLogin:
    """What a worker logs in with: a name and a password.

    Attributes:
        mechanism: Of SASL.
        username: As whom.
        password: Where the worker runs.
    """

    mechanism: Literal["scram-sha-512", "scram-sha-256", "plain"]
    username: str
    password: PasswordSecret


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateLogin:
    """What a worker logs in with: a certificate and its private key, in a Secret where the worker runs.

    Attributes:
        is_issued: Whether the operator issues it to a KafkaUser there; else others make the Secret.
    """

    secret: str
    certificate: str
    key: str
    is_issued: bool


Login = PasswordLogin | CertificateLogin


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom a worker believes at one end of a flow.

    Attributes:
        secret: Where the worker runs; None for the public authorities that Java knows.
        key: Under which the certificates stand there, or a pattern of keys.
        is_made: Whether the flow makes the Secret, of what the site says of itself.
    """

    secret: str | None = None
    key: str = ANY_CERTIFICATE
    is_made: bool = False


def proof_of(name: UserName, user: DescribedUser) -> UserProof:
    """Return how the KafkaUser of a user says who it is."""
    match user.authentication:
        case "tls" | "tls-external":
            return UserProof(authentication=user.authentication)
        case _ if user.by_operator:
            return UserProof(authentication="scram-sha-512")
        case _:
            return UserProof(authentication="scram-sha-512", password=stands_in(name, user))


def with_password_of_stack(name: UserName) -> UserProof:
    """Return how a user says who it is that the stack itself thinks of."""
    password = PasswordSecret(secret=password_secret(name), key=PASSWORD_KEY, is_made=True)
    return UserProof(authentication="scram-sha-512", password=password)


def stands_in(name: UserName, user: DescribedUser) -> PasswordSecret:
    """Return where the password of a user stands at each of its sites."""
    if isinstance(user.secret, FromSecret):
        return PasswordSecret(secret=user.secret.secret, key=user.secret.key, is_made=False)
    return PasswordSecret(secret=password_secret(name), key=PASSWORD_KEY, is_made=True)


def is_issued(user: DescribedUser) -> bool:
    """Whether a User Operator has to issue what a user logs in with: its certificate is in no Secret of others."""
    return asked_of(user.authentication) == "tls" and user.secret is None


def certificate_of(name: UserName, user: DescribedUser) -> CertificateLogin:
    """Return the Secret with a user's certificate: of others, or of the User Operator where a KafkaUser of it is."""
    held = user.secret
    if isinstance(held, CertificateFromSecret):
        return CertificateLogin(
            secret=held.secret, certificate=held.certificate, key=held.key, is_issued=False
        )
    return CertificateLogin(secret=name, certificate=USER_CERTIFICATE, key=USER_KEY, is_issued=True)
