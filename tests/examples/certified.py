"""Applications that show a certificate: the authority that its owner brings, and what the Secrets of a user hold."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lab.demo.applications import Application
from lab.files import write_text
from lab.operator.authorities import new_authority, utc_now
from tests.examples.running import EXAMPLES, Example
from tests.lab.stacks.small import SmallStacks


@dataclass(frozen=True)
class Place:
    """Where the Kafka of a site is."""

    context: str
    namespace: str
    kafka: str

    def bring_authority(self, stacks: SmallStacks, directory: Path) -> None:
        """Apply what the script of the examples prints for the authority in a directory."""
        script: list[str | Path] = [
            "sh",
            EXAMPLES / "clients-ca.sh",
            self.kafka,
            self.namespace,
            directory,
        ]
        printed = subprocess.run(script, check=True, capture_output=True)
        for one in yaml.safe_load_all(printed.stdout):
            stacks.api(self.context).apply(one, field_manager="tests")

    def secret(self, stacks: SmallStacks, name: str) -> dict[str, str]:
        """Return what a Secret holds, decoded as far as it is text."""
        found = stacks.api(self.context).get("v1", "Secret", name, self.namespace)
        return {
            key: base64.b64decode(held).decode("latin-1") for key, held in found["data"].items()
        }


def write_authority(directory: Path) -> None:
    """Make the authority that all sites share, where the script of the examples looks for it."""
    authority = new_authority("clients of all sites", now=utc_now())
    write_text(directory / "ca.crt", authority.certificate)
    write_text(directory / "ca.key", authority.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedApplication(Application):
    """A user of one site that shows a certificate; it has no password."""

    password: str = field(default="", repr=False)
    user_certificate: Path
    user_key: Path

    def client(self, **settings: Any) -> dict[str, Any]:
        """Return the configuration of a confluent-kafka client."""
        return {
            "bootstrap.servers": self.bootstrap_servers,
            "security.protocol": "SSL",
            "ssl.ca.location": str(self.certificate),
            "ssl.certificate.location": str(self.user_certificate),
            "ssl.key.location": str(self.user_key),
            "log_level": 2,
            **settings,
        }

    def environment(self, topic: str) -> dict[str, str]:
        """Return the environment variables of the samples."""
        return {
            "KAFKA_BROKERS": self.bootstrap_servers,
            "KAFKA_GROUP": self.group,
            "KAFKA_CERT": str(self.certificate),
            "KAFKA_USER_CERT": str(self.user_certificate),
            "KAFKA_USER_KEY": str(self.user_key),
            "KAFKA_SECURITY_PROTOCOL": "SSL",
            "SOURCE_TOPIC": topic,
        }


def certified(
    example: Example,
    stack: str,
    site: str,
    user: str,
    held: Mapping[str, str],
    *,
    group: str,
    certificates: str | None = None,
) -> CertifiedApplication:
    """Return an application at listener ``external`` of a site.

    Args:
        example: That is deployed.
        stack: That makes the site.
        site: Its name.
        user: For the names of files.
        held: The user's Secret: ``user.crt`` and ``user.key``.
        group: As which it reads.
        certificates: Of the authorities to trust, PEM; those that the stack's outputs say, if absent.
    """
    listener = example.stacks.outputs(stack)["sites"][site]["listeners"]["external"]
    files = {
        "certificate": certificates or "\n".join(listener["certificates"]),
        "user_certificate": held["user.crt"],
        "user_key": held["user.key"],
    }
    paths = {name: example.directory / f"{site}-{user}-{name}.pem" for name in files}
    for name, text in files.items():
        write_text(paths[name], text)
    return CertifiedApplication(
        site=site,
        bootstrap_servers=listener["bootstrapServers"],
        user=user,
        group=group,
        certificate=paths["certificate"],
        user_certificate=paths["user_certificate"],
        user_key=paths["user_key"],
    )
