"""A site that no operator here looks after: a cloud service, or the cluster of another team."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Discriminator, Tag, field_validator, model_validator

from kafka_mirror.topology.authentication import ExternalAuthentication
from kafka_mirror.topology.credentials import DataKey, SecretName
from kafka_mirror.topology.paths import shown
from kafka_mirror.topology.written import Written

BROKER_DEFAULT: Final = -1
"""As a replication factor: the brokers' own ``default.replication.factor`` (KIP-464, Kafka 2.4)."""

_ADDRESS: Final = re.compile(
    r"(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?):([0-9]{1,5})"
)
_HIGHEST_PORT: Final = 65535
_MOST_COPIES: Final = 32767


def _addresses(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)) or not parts:
        raise ValueError(f"found {shown(value)}; {_HOW_ADDRESSES_ARE_WRITTEN}")
    addresses = tuple(part.strip() if isinstance(part, str) else part for part in parts)
    for address in addresses:
        match = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
        if match is None or not 0 < int(match[2]) <= _HIGHEST_PORT:
            raise ValueError(f"found {shown(address)}; {_HOW_ADDRESSES_ARE_WRITTEN}")
    return addresses


_HOW_ADDRESSES_ARE_WRITTEN: Final = "write host:port, several as a list, for example broker-1.example.com:9093. No protocol stands before it"


def _certificate(value: Any) -> str:
    if isinstance(value, str) and "PRIVATE KEY" in value:
        raise ValueError(
            "holds a private key, which no configuration may: put the certificate alone here, and make a new key"
        )
    from cryptography import x509  # noqa: PLC0415 - slow import, which most programs start without

    try:
        x509.load_pem_x509_certificates(str(value).encode())
    except ValueError as error:
        raise ValueError(
            "is no certificate in PEM, the text from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----"
        ) from error
    return str(value).strip() + "\n"


class ExternalTls(Written):
    """Whom to trust at an external site; with nothing said, the public authorities that Java knows.

    Attributes:
        certificates: Of its authority, in PEM. While that is replaced, the old and the new one.
        secret: One that holds them, in the namespace of each flow of the site.
        key: Under which they stand there; every key that ends in ``.crt`` if absent.
    """

    certificates: tuple[Annotated[str, BeforeValidator(_certificate)], ...] = ()
    secret: SecretName | None = None
    key: DataKey | None = None

    @model_validator(mode="after")
    def _in_one_way(self) -> Self:
        if self.certificates and self.secret is not None:
            raise ValueError(
                "found certificates and secret: say in one way whom to trust, or leave both out for public authorities"
            )
        if self.key is not None and self.secret is None:
            raise ValueError("found key without secret: name the Secret that it is a key of")
        return self


def _tls_kind(value: Any) -> str:
    return "a map" if isinstance(value, (dict, ExternalTls)) else "none"


def _only_false(value: Any) -> Any:
    if value is not False:
        raise ValueError(
            f"{shown(value)} does not say whom to trust. Write {{}} for public authorities, {{certificates: […]}}, "
            "{secret: …}, or false for a site without TLS"
        )
    return value


TlsChoice = Annotated[
    Annotated[Literal[False], BeforeValidator(_only_false), Tag("none")]
    | Annotated[ExternalTls, Tag("a map")],
    Discriminator(_tls_kind),
]


def _copies(value: Any) -> int:
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or not (value == BROKER_DEFAULT or 1 <= value <= _MOST_COPIES)
    ):
        raise ValueError(
            f"found {shown(value)}, must be a whole number from 1, or -1 for what the brokers do by default"
        )
    return int(value)


class External(Written):
    """How a site without an operator is reached.

    Attributes:
        bootstrap_servers: ``host:port``, one or several.
        tls: Whom to trust; ``false`` without TLS.
        authentication: What it asks of its clients.
        replication_factor: Of topics that a flow makes there; what the brokers do by default if absent.
    """

    bootstrap_servers: Annotated[tuple[str, ...], BeforeValidator(_addresses)]
    tls: TlsChoice = ExternalTls()
    authentication: ExternalAuthentication
    replication_factor: Annotated[int, BeforeValidator(_copies)] = BROKER_DEFAULT

    @field_validator("authentication")
    @classmethod
    def _certificates_need_tls(cls, authentication: str, info: Any) -> str:
        if authentication == "tls" and info.data.get("tls") is False:
            raise ValueError(
                "a client certificate is shown within TLS only. Leave tls out, or take a password"
            )
        return authentication


class ExternalSite(Written):
    """A site whose topics, users and rights are another's: flows lead from it or to it, nothing is made there.

    Attributes:
        external: How it is reached.
    """

    external: External
