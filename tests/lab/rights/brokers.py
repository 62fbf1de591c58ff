"""Two brokers without an operator: their users and access rules are what a test says, and nothing puts them right again.

They are started from the files the lab's operator would write, so listeners, TLS, SCRAM and the authorizer are the same. Beside
that, a broker keeps a log of whom it refused what.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from confluent_kafka import admin as annotated_admin

from lab.directory import LabDirectory
from lab.operator import authorities
from lab.operator.authorities import Identity, utc_now
from lab.operator.broker_properties import REPLICATION, render_broker_properties
from lab.operator.cluster_model import model_of
from lab.operator.cluster_secrets import OPERATOR_USER, issue_node
from lab.operator.formatting import bootstrap_checkpoint, format_node, new_uuid
from lab.operator.jvm import Jvm, logging_properties
from lab.operator.kafka_admin import KafkaAdmin
from lab.operator.launching import LOGGING, Launch, minimal_environment, write_files
from lab.operator.local import NodePlace, listener_names, localise_node
from lab.operator.work_queue import Key
from lab.ports import LOOPBACK, PortBlock
from lab.processes import ProcessSpec, ProcessTable
from lab.settings import BROKER_HEAP
from tests.lab.operator.live import eventually
from tests.lab.operator.resources import make_kafka, make_pool

PASSWORD = "made-up"
_STARTED_WITHIN = timedelta(seconds=120)
_REFUSAL = re.compile(
    r"Principal = User:(?P<user>\S+) is Denied operation = (?P<operation>\w+) .* on resource = "
    r"(?P<resource>\S+) for request = (?P<request>\w+)"
)
_TELLS_REFUSALS = """
appender.refused.type=File
appender.refused.name=refused
appender.refused.fileName={file}
appender.refused.layout.type=PatternLayout
appender.refused.layout.pattern=%m%n
logger.refused.name=kafka.authorizer.logger
logger.refused.level=INFO
logger.refused.additivity=false
logger.refused.appenderRef.file.ref=refused
"""


@dataclass(frozen=True, order=True)
class Refusal:
    """What the authorizer refused: its own words but for the user."""

    operation: str
    resource: str
    request: str

    @property
    def topic(self) -> str:
        return self.resource.rpartition(":")[2]


@dataclass(frozen=True)
class Broker:
    """One cluster of one node.

    Attributes:
        bootstrap: Where clients with a password connect.
        inside: Where the super user connects, with a certificate.
        trusted: The CA's certificate, PEM.
        super_user: Whom the authorizer never refuses.
        refused: The authorizer's log.
    """

    name: str
    bootstrap: str
    inside: str
    trusted: str
    super_user: Identity
    refused: Path

    @cached_property
    def admin(self) -> KafkaAdmin:
        """The super user's view of the cluster."""
        return KafkaAdmin(self.inside, trusted=self.trusted, identity=self.super_user)

    def client(self, user: str, **settings: Any) -> dict[str, Any]:
        """Return librdkafka's configuration for a user."""
        return {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user,
            "sasl.password": PASSWORD,
            "ssl.ca.pem": self.trusted,
            "log_level": 0,
            **settings,
        }

    @cached_property
    def unbound_admin(self) -> Any:
        """The same for what the lab's operator has no use for."""
        return annotated_admin.AdminClient(self.unbound())

    def unbound(self, **settings: Any) -> dict[str, Any]:
        """Return librdkafka's configuration for the super user."""
        return {
            "bootstrap.servers": self.inside,
            "security.protocol": "SSL",
            "ssl.ca.pem": self.trusted,
            "ssl.certificate.pem": self.super_user.certificate,
            "ssl.key.pem": self.super_user.key,
            "log_level": 0,
            **settings,
        }

    def refusals(self) -> dict[str, set[Refusal]]:
        """Return what was refused so far, by user; what only lists leaves no trace."""
        found: dict[str, set[Refusal]] = {}
        with self.refused.open() as lines:
            for line in lines:
                if match := _REFUSAL.search(line):
                    refusal = Refusal(match["operation"], match["resource"], match["request"])
                    found.setdefault(match["user"], set()).add(refusal)
        return found


def _logging(log: Path, refused: Path) -> str:
    text = logging_properties(log).replace("appenders=file\n", "appenders=file,refused\n")
    return text + _TELLS_REFUSALS.format(file=refused)


@dataclass(frozen=True)
class Home:
    """Where processes are started, and who ends them."""

    lab: LabDirectory
    jvm: Jvm
    processes: ProcessTable

    @classmethod
    def made(cls, root: Path, sites: Sequence[str] = ("src", "tgt")) -> Home:
        lab = LabDirectory(root)
        lab.create(sites)
        PortBlock.reserve(lab.root)
        return cls(lab, Jvm.locate(), ProcessTable(lab.processes))

    def close(self) -> None:
        for record in self.processes.records():
            self.processes.kill(record.name)
        self.lab.delete()


def start_brokers(
    home: Home, names: tuple[str, ...], *, properties: Callable[[str], str] = str
) -> tuple[Broker, ...]:
    """Start a cluster for each name, and wait until all of them serve; their properties may be changed before."""
    authority = authorities.new_authority("cluster-ca v0", now=utc_now())
    brokers = tuple(_start(name, home, authority, properties) for name in names)
    for broker in brokers:
        eventually(broker.admin.broker_ids, within=_STARTED_WITHIN, why=f"{broker.name} serves")
    return brokers


def run_java(launch: Launch, home: Home, *, logging: str) -> None:
    """Start a Java process once, with a logging file of the test's own."""
    write_files(launch, home.lab.log(launch.name))
    (launch.directory / LOGGING).write_text(logging)
    argv = home.jvm.command(
        launch.main,
        str(launch.directory / "kafka.properties"),
        heap=launch.heap,
        logging=launch.directory / LOGGING,
    )
    home.processes.start(
        ProcessSpec(
            name=launch.name,
            argv=argv,
            cwd=launch.directory / "secrets",
            log=home.lab.log(f"{launch.name}.out"),
            env={**minimal_environment(), **launch.environment},
            ports=launch.ports,
        )
    )


def _start(name: str, home: Home, authority: Identity, properties: Callable[[str], str]) -> Broker:
    model = model_of(make_kafka(name, name), [make_pool(name, name)])
    (node,) = model.nodes
    ports = PortBlock.of(home.lab.root)
    place = NodePlace(
        directory=home.lab.site(name) / node.name,
        ports={one: ports.port_for(f"{name}/{one}") for one in listener_names(model, node)},
    )
    checkpoint = bootstrap_checkpoint(home.jvm, model.metadata_version)
    format_node(place.data, cluster_id=new_uuid(), node_id=node.node_id, checkpoint=checkpoint)
    identity = issue_node(model, node, authority, now=utc_now())
    text = render_broker_properties(model, node)
    launch = Launch(
        owner=Key(name, "Kafka", name, name),
        name=f"kafka-{name}",
        directory=place.directory,
        main="kafka.Kafka",
        properties=properties(localise_node(text, model, node, {node.node_id: place})),
        secrets={
            f"{name}/{node.name}": {
                f"{node.name}.crt": identity.certificate,
                f"{node.name}.key": identity.key,
            },
            f"{name}/{name}-trustbundle": {
                "cluster-ca.crt": authority.certificate,
                "clients-ca.crt": authority.certificate,
            },
        },
        heap=BROKER_HEAP,
        ports=tuple(place.ports.values()),
    )
    refused = home.lab.log(f"{launch.name}-refused")
    run_java(launch, home, logging=_logging(home.lab.log(launch.name), refused))
    listener = next(one for one in model.listeners if one.authentication == "scram-sha-512")
    return Broker(
        name=name,
        bootstrap=f"{LOOPBACK}:{place.ports[listener.identifier]}",
        inside=f"{LOOPBACK}:{place.ports[REPLICATION]}",
        trusted=authority.certificate,
        super_user=authorities.issue(authority, OPERATOR_USER, now=utc_now()),
        refused=refused,
    )
