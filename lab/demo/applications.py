"""How an application reaches a site: what the stacks' outputs say, put where clients look for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from lab.files import write_text

GROUP: Final = "ItemConsumer"

_LISTENER = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A user of one site with everything a client needs.

    Attributes:
        site: Where.
        bootstrap_servers: ``host:port``, comma-separated.
        certificate: The file with the CA certificates to trust, PEM.
        user: Whom the client is.
        password: Never printed.
        group: As which it reads.
        mechanism: How it proves itself, in SASL's words.
    """

    site: str
    bootstrap_servers: str
    certificate: Path
    user: str
    password: str = field(repr=False)
    group: str = GROUP
    mechanism: str = "SCRAM-SHA-512"

    @classmethod
    def at(
        cls,
        site: str,
        user: str,
        *,
        sites: Mapping[str, Any],
        passwords: Mapping[str, str],
        directory: Path,
        group: str = GROUP,
    ) -> Application:
        """Return an application of a site that has been deployed.

        Args:
            site: Its name.
            user: A user that exists there.
            sites: The ``sites`` output of the stack that owns the site.
            passwords: The ``credentials`` output of the stack that owns the user.
            directory: Where the file with the certificates goes.
            group: As which it reads.
        """
        listener = sites[site]["listeners"][_LISTENER]
        certificate = directory / f"{site}-ca.crt"
        write_text(certificate, "\n".join(listener["certificates"]))
        return cls(
            site=site,
            bootstrap_servers=listener["bootstrapServers"],
            certificate=certificate,
            user=user,
            password=passwords[user],
            group=group,
        )

    def client(self, **settings: Any) -> dict[str, Any]:
        """Return the configuration of a confluent-kafka client."""
        return {
            "bootstrap.servers": self.bootstrap_servers,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": self.mechanism,
            "sasl.username": self.user,
            "sasl.password": self.password,
            "ssl.ca.location": str(self.certificate),
            "log_level": 2,
            **settings,
        }

    def environment(self, topic: str) -> dict[str, str]:
        """Return the environment variables of the samples."""
        return {
            "KAFKA_BROKERS": self.bootstrap_servers,
            "KAFKA_GROUP": self.group,
            "KAFKA_USER": self.user,
            "KAFKA_PWD": self.password,
            "KAFKA_CERT": str(self.certificate),
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_MECHANISM": self.mechanism,
            "SOURCE_TOPIC": topic,
        }
