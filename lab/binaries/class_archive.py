"""Kafka's classes, loaded once and shared by every JVM of a lab: it halves the processor time that each takes to start.

The classes are those that a broker and a Connect worker load, found by starting one of each. Java checks at every start that
the archive fits its own version and the jars, and does without it otherwise.
"""

from __future__ import annotations

import datetime
import hashlib
import http.client
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from lab.binaries import cache
from lab.binaries.kafka import has_kafka, kafka_classpath, kafka_directory
from lab.certificates import Authority
from lab.commands import run, tail
from lab.errors import LabError
from lab.files import write_text
from lab.java import find_java
from lab.ports import LOOPBACK, PortBlock, is_listening
from lab.processes import ProcessSpec, ProcessTable
from lab.settings import BROKER_HEAP, JVM_FLAGS
from lab.steps import Steps, Work
from lab.waiting import wait_until

_ARCHIVE = "kafka.jsa"
_STARTED_WITHIN = timedelta(seconds=90)
_STOP_GRACE = timedelta(seconds=20)
_ASK_TIMEOUT_SECONDS = 5
_OK = 200
_MEGABYTE = 1 << 20


def ensure_class_archive() -> Steps:
    """Make the archive for the Java runtime and the Kafka of this lab unless the cache has it.

    Raises:
        LabError: If a broker or a worker does not start.
    """
    work = Work("Shared classes for Kafka")

    def make(into: Path) -> Steps:
        with tempfile.TemporaryDirectory(prefix="kafka-mirror-") as directory:
            rehearsal = _Rehearsal.prepare(Path(directory))
            yield from rehearsal.collect(work)
            dump = [*_java(), "-Xshare:dump", f"-XX:SharedClassListFile={rehearsal.classes}"]
            dump += [f"-XX:SharedArchiveFile={into / _ARCHIVE}", "-cp", kafka_classpath()]
            for _ in run(dump, cwd=rehearsal.scratch, log=cache.log_file("class-archive")):
                yield work.progress("writing the archive")
            yield work.progress(f"{(into / _ARCHIVE).stat().st_size // _MEGABYTE} MB")

    yield from cache.ensure(
        _entry(),
        work,
        cost="starting a broker and a worker: about 15 s, once",
        make=make,
        tool="java",
    )


def has_class_archive() -> bool:
    """Tell whether the cache has the archive; it never has without Kafka's jars."""
    return has_kafka() and _archive().is_file()


def class_sharing_flags() -> tuple[str, ...]:
    """Return the flags that make a JVM use the archive; none if it has not been made."""
    return (f"-XX:SharedArchiveFile={_archive()}", "-Xshare:auto") if has_class_archive() else ()


def _archive() -> Path:
    return cache.entry(_entry()) / _ARCHIVE


def _entry() -> str:
    java = find_java()
    identity = f"{java.executable.resolve()} {java.version} {' '.join(JVM_FLAGS)}"
    digest = hashlib.sha256(identity.encode()).hexdigest()[:12]
    return f"{kafka_directory().name}-classes-{digest}"


def _java() -> tuple[str, ...]:
    return (str(find_java().executable), *JVM_FLAGS)


@dataclass(frozen=True, slots=True)
class _Rehearsal:
    """A broker and a worker that start once, with TLS and an authorizer as in a lab, and write down what they load."""

    scratch: Path
    broker: int
    controller: int
    rest: int

    @classmethod
    def prepare(cls, scratch: Path) -> _Rehearsal:
        ports = PortBlock.reserve(scratch)
        rehearsal = cls(scratch, *map(ports.port_for, ("broker", "controller", "rest")))
        authority = Authority.create(now=datetime.datetime.now(datetime.UTC))
        pair = authority.issue("broker", scratch, now=datetime.datetime.now(datetime.UTC))
        write_text(scratch / "store.pem", pair.key.read_text() + pair.certificate.read_text())
        write_text(scratch / "ca.pem", authority.pem())
        write_text(scratch / "broker.properties", rehearsal._broker_properties())
        write_text(scratch / "worker.properties", rehearsal._worker_properties())
        return rehearsal

    @property
    def classes(self) -> Path:
        """Holds the names of all classes that were loaded."""
        return self.scratch / "all.classes"

    def collect(self, work: Work) -> Steps:
        """Run both and write the list."""
        format_storage = [
            *self._recording("format"),
            "kafka.tools.StorageTool",
            "format",
            "--standalone",
        ]
        format_storage += ["-t", "AAAAAAAAAAAAAAAAAAAAAA", "-c", "broker.properties"]
        for _ in run(format_storage, cwd=self.scratch, log=cache.log_file("class-archive")):
            yield work.progress("formatting storage")
        processes = ProcessTable(self.scratch / "processes")
        try:
            self._start(processes, "broker", "kafka.Kafka")
            yield work.progress("starting a broker")
            self._wait(processes, "broker", self.broker)
            self._start(processes, "worker", "org.apache.kafka.connect.cli.ConnectDistributed")
            yield work.progress("starting a worker")
            self._wait(processes, "worker", self.rest)
        finally:
            # In this order, since a worker cannot leave its group without the broker.
            for name in ("worker", "broker"):
                processes.stop(name, grace=_STOP_GRACE)
        recorded = [self.scratch / f"{name}.classes" for name in ("broker", "worker", "format")]
        write_text(self.classes, _merged(file.read_text() for file in recorded))

    def _recording(self, name: str) -> Sequence[str]:
        classes = f"-XX:DumpLoadedClassList={self.scratch / f'{name}.classes'}"
        return (*_java(), *BROKER_HEAP, classes, "-cp", kafka_classpath())

    def _start(self, processes: ProcessTable, name: str, main: str) -> None:
        processes.start(
            ProcessSpec(
                name=name,
                argv=(*self._recording(name), main, f"{name}.properties"),
                cwd=self.scratch,
                log=cache.log_file(f"class-archive-{name}"),
            )
        )

    def _wait(self, processes: ProcessTable, name: str, port: int) -> None:
        """Wait until the broker listens, or the worker answers."""

        def is_settled() -> bool:
            has_started = is_listening(port) and (port != self.rest or _answers(port))
            return has_started or not processes.is_running(name)

        if not wait_until(is_settled, within=_STARTED_WITHIN) or not processes.is_running(name):
            log = cache.log_file(f"class-archive-{name}")
            raise LabError(f"the {name} did not start. The end of {log}:\n{tail(log)}")

    def _broker_properties(self) -> str:
        return "\n".join(
            (
                "process.roles=broker,controller",
                "node.id=1",
                f"listeners=CLIENTS://{LOOPBACK}:{self.broker},CONTROLLER://{LOOPBACK}:{self.controller}",
                "listener.security.protocol.map=CLIENTS:SSL,CONTROLLER:SSL",
                "controller.listener.names=CONTROLLER",
                f"controller.quorum.bootstrap.servers={LOOPBACK}:{self.controller}",
                "inter.broker.listener.name=CLIENTS",
                *self._stores(),
                "ssl.client.auth=required",
                "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users=User:CN=broker",
                f"log.dirs={self.scratch / 'data'}",
                "offsets.topic.replication.factor=1",
                "",
            )
        )

    def _worker_properties(self) -> str:
        security = ("security.protocol=SSL", *self._stores())
        clients = ("", "producer.", "consumer.", "admin.")
        storage = ("config", "offset", "status")
        converter = "org.apache.kafka.connect.converters.ByteArrayConverter"
        return "\n".join(
            (
                f"bootstrap.servers={LOOPBACK}:{self.broker}",
                "group.id=worker",
                f"listeners=http://{LOOPBACK}:{self.rest}",
                "plugin.discovery=service_load",
                f"plugin.path={self.scratch / 'plugins'}",
                *(f"{kind}.converter={converter}" for kind in ("key", "value", "header")),
                *(f"{kind}.storage.topic={kind}" for kind in storage),
                *(f"{kind}.storage.replication.factor=1" for kind in storage),
                *(f"{client}{line}" for client in clients for line in security),
                "",
            )
        )

    def _stores(self) -> Sequence[str]:
        return (
            "ssl.keystore.type=PEM",
            f"ssl.keystore.location={self.scratch / 'store.pem'}",
            "ssl.truststore.type=PEM",
            f"ssl.truststore.location={self.scratch / 'ca.pem'}",
        )


def _merged(lists: Iterable[str]) -> str:
    """Return one class list. The numbers in each are its own; only classes of other loaders, left out, need them."""
    lines = (line for each in lists for line in each.splitlines() if " source: " not in line)
    return "\n".join(dict.fromkeys(line.partition(" id: ")[0] for line in lines)) + "\n"


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_ASK_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/connectors")
        return connection.getresponse().status == _OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
