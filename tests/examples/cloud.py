"""A real broker in the place of a cloud service: logins and API keys over TLS (SASL/PLAIN), and rights as its owner gave them.

What it lacks of a cloud service is a certificate of a public authority: a stack that is to believe it has to name its authority.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from kafka_mirror.planning import Plan, Right, plan
from kafka_mirror.topology import UserName, load
from kafka_mirror.topology.stack_file import read_stack_file
from lab.binaries.class_archive import ensure_class_archive
from lab.binaries.kafka import ensure_kafka
from lab.demo.applications import Application
from lab.files import write_text
from lab.operator.acls import Acl
from tests.examples.running import EXAMPLES
from tests.lab.rights.brokers import Broker, Home, start_brokers
from tests.lab.rights.trials import acls_of

SITE: Final = "cloud"
KEY: Final = "made-up-api-key"
"""Of the user ``token``."""
_OWNER: Final = "owner"
_OWNERS_KEY: Final = "another-made-up-key"
_PLAIN: Final = "org.apache.kafka.common.security.plain.PlainLoginModule"


@dataclass(frozen=True)
class Cloud:
    """The broker, and what its users are told of it; `home` is where further processes can be started beside it."""

    home: Home
    broker: Broker
    directory: Path

    @property
    def external(self) -> dict[str, Any]:
        """What stands under ``external`` of a stack in which the committed addresses are replaced by the broker's."""
        return {
            "bootstrapServers": self.broker.bootstrap,
            "authentication": "plain",
            "tls": {"certificates": [self.broker.trusted]},
        }

    @property
    def owner(self) -> Application:
        """An application of the cloud itself, which may do everything with topics and groups."""
        return self._application(_OWNER, _OWNERS_KEY)

    @property
    def token(self) -> Application:
        """Whoever has the API key."""
        return self._application("token", KEY)

    def grant(self, stack: str) -> None:
        """Give the API key what the plan of an example says to ask the owner for, and nothing else."""
        self.broker.admin.create_acls(frozenset(_asked(stack)))

    def create(self, *topics: str) -> None:
        for topic in topics:
            self.broker.admin.create_topic(topic, partitions=1, copies=1, config={})

    def _application(self, user: str, password: str) -> Application:
        certificate = self.directory / "cloud-ca.crt"
        write_text(certificate, self.broker.trusted)
        return Application(
            site=SITE,
            bootstrap_servers=self.broker.bootstrap,
            certificate=certificate,
            user=user,
            password=password,
            mechanism="PLAIN",
        )


@contextmanager
def cloud(directory: Path) -> Iterator[Cloud]:
    """Have the broker for the length of a block."""
    for _ in (*ensure_kafka(), *ensure_class_archive()):
        pass
    home = Home.made(directory / "cloud", [SITE])
    try:
        (broker,) = start_brokers(home, (SITE,), properties=_with_keys)
        broker.admin.create_acls(frozenset(_owned()))
        yield Cloud(home, broker, directory)
    finally:
        home.close()


def _with_keys(properties: str) -> str:
    """Let the listener for passwords take logins and keys instead."""
    logins = f'user_token="{KEY}" user_{_OWNER}="{_OWNERS_KEY}"'
    found = re.sub(
        r"scram-sha-512\.sasl\.jaas\.config=.*",
        f"plain.sasl.jaas.config={_PLAIN} required {logins};",
        properties,
    )
    return found.replace("sasl.enabled.mechanisms=SCRAM-SHA-512", "sasl.enabled.mechanisms=PLAIN")


def _owned() -> Iterable[Acl]:
    for kind in ("TOPIC", "GROUP"):
        yield Acl(f"User:{_OWNER}", "ALLOW", "ALL", "*", kind, "LITERAL", "*")


def planned(stack: str) -> Plan:
    """Return the plan of an example."""
    file = EXAMPLES / f"Pulumi.{stack}.yaml"
    return plan(load(read_stack_file(file.read_text(), name=file.name)), {})


def _asked(stack: str) -> Iterable[Acl]:
    found = planned(stack)
    site = next(name for name in found.sites if name != SITE)
    (any_user, *_) = found.sites[site].users
    ends = [end for flow in found.flows for end in (flow.source, flow.target)]
    rights: tuple[Right, ...] = tuple(right for end in ends for right in end.asks)
    return acls_of(replace(any_user, name=UserName("token"), rights=rights), namespace=SITE)
