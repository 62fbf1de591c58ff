"""How a worker outside Kubernetes finds what it must not be told in the open: by files beside it.

The dialects for such a worker write placeholders that Kafka's own ``FileConfigProvider`` resolves, and paths. Nothing secret is
in what they render.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kafka_mirror.manifests.logins import password_settings
from kafka_mirror.planning import CertificateLogin, EndPlan, FlowPlan
from kafka_mirror.planning.names import PASSWORD_KEY

DIRECTORY: Final = "/etc/kafka-mirror"
"""Where the files are unless it is said otherwise; each flow has a directory of its own in it."""

_PROVIDER: Final = "secrets"
_PROVIDER_CLASS: Final = "org.apache.kafka.common.config.provider.FileConfigProvider"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFiles:
    """How a worker reaches one site, and the files it reads for that.

    Attributes:
        bootstrap_servers: ``host:port``, comma-separated.
        directory: Of the flow.
    """

    bootstrap_servers: str
    directory: str


def site_files(flow: FlowPlan, bootstrap_servers: str, *, directory: str = DIRECTORY) -> SiteFiles:
    """Return where the files of a flow are."""
    return SiteFiles(
        bootstrap_servers=bootstrap_servers, directory=f"{directory}/{flow.names.resource}"
    )


def login_file(end: EndPlan, files: SiteFiles) -> str:
    """Return the file with what the worker logs in with.

    A properties file with the line ``password=…``, which unlike a bare text may end in a newline; or, for a user with a
    certificate, its private key and its certificates, PEM.
    """
    kind = "pem" if isinstance(end.login, CertificateLogin) else "properties"
    return f"{files.directory}/{end.site}.{kind}"


def trust_file(end: EndPlan, files: SiteFiles) -> str | None:
    """Return the file with the CA certificates of a site, PEM, as many as there are; None where none is read.

    That is without TLS, and where the public authorities that Java knows are trusted.
    """
    is_read = end.trust is not None and end.trust.secret is not None
    return f"{files.directory}/{end.site}.crt" if is_read else None


def client_settings(end: EndPlan, files: SiteFiles) -> dict[str, str]:
    """Return how any client of the worker connects to one site."""
    settings = {"bootstrap.servers": files.bootstrap_servers, **_login(end, files)}
    trusted = trust_file(end, files)
    if trusted is not None:
        settings |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": trusted}
    return settings


def _login(end: EndPlan, files: SiteFiles) -> dict[str, str]:
    login, file = end.login, login_file(end, files)
    if isinstance(login, CertificateLogin):
        return {
            "security.protocol": "SSL",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": file,
        }
    return password_settings(login, f"${{{_PROVIDER}:{file}:{PASSWORD_KEY}}}", tls=end.tls)


def provider_settings(files: SiteFiles) -> dict[str, str]:
    """Return what lets the worker resolve the placeholders, and read no other file by them."""
    start = f"config.providers.{_PROVIDER}"
    return {
        "config.providers": _PROVIDER,
        f"{start}.class": _PROVIDER_CLASS,
        f"{start}.param.allowed.paths": files.directory,
    }
