"""Kafka's own ``RemoteClusterUtils.translateOffsets``, run by a program of this directory."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from lab.binaries import cache, kafka_classpath
from lab.binaries.maven import copy_jars
from lab.demo.applications import Application
from lab.files import write_text
from lab.java import find_java
from lab.steps import Steps, Work

# Kafka's jars are run with whatever Java there is, and few of those can compile.
_COMPILER = "org.eclipse.jdt:ecj:3.43.0"
_ENTRY = "ecj-3.43.0"
_SOURCE = Path(__file__).parent / "TranslateOffsets.java"
_ENDS_WITHIN_SECONDS = 180

Pair = tuple[str, str]


@dataclass(frozen=True)
class Translated:
    """What Kafka said of one source and group.

    Attributes:
        ended: ``translated``, or the class of what was thrown.
        offsets: As (topic, partition, offset, metadata).
    """

    ended: str
    offsets: set[tuple[str, int, int, str]] = field(default_factory=set)


def translated_by_java(
    application: Application, pairs: Iterable[Pair], directory: Path, *, within: timedelta
) -> dict[Pair, Translated]:
    """Return what Kafka translates for pairs of a source's alias and a group."""
    for _ in _ensure_compiler():
        pass
    java = str(find_java().executable)
    (compiler,) = cache.entry(_ENTRY).glob("*.jar")
    classes = directory / "classes"
    # Not a jar's wildcard: the compiler takes none.
    jars = os.pathsep.join(map(str, Path(kafka_classpath()).parent.glob("*.jar")))
    _run(java, "-jar", str(compiler), "-21", "-cp", jars, "-d", str(classes), str(_SOURCE))
    properties = directory / "client.properties"
    write_text(properties, _properties(application))
    asked = [name for pair in pairs for name in pair]
    seconds = str(round(within.total_seconds()))
    printed = _run(
        *(java, "-Xmx256m", "-cp", f"{classes}{os.pathsep}{kafka_classpath()}", _SOURCE.stem),
        *(str(properties), seconds, *asked),
    )
    return _read(printed)


def _ensure_compiler() -> Steps:
    work = Work("Java compiler")

    def make(into: Path) -> Steps:
        with tempfile.TemporaryDirectory(prefix="kafka-mirror-") as scratch:
            yield from copy_jars([_COMPILER], into, work, scratch=Path(scratch))

    yield from cache.ensure(_ENTRY, work, cost="fetching 3 MB, once", make=make, tool="maven")


def _properties(application: Application) -> str:
    login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
    return (
        f"bootstrap.servers={application.bootstrap_servers}\n"
        "security.protocol=SASL_SSL\n"
        "sasl.mechanism=SCRAM-SHA-512\n"
        f'sasl.jaas.config={login} username="{application.user}" password="{application.password}";\n'
        "ssl.truststore.type=PEM\n"
        f"ssl.truststore.location={application.certificate}\n"
    )


def _read(printed: str) -> dict[Pair, Translated]:
    found: dict[Pair, Translated] = {}
    last: Translated | None = None
    for kind, *cells in (line.split("\t") for line in printed.splitlines()):
        if kind == "pair":
            alias, group, ended = cells
            last = found[alias, group] = Translated(ended)
        elif kind == "offset" and last is not None:
            topic, partition, offset, metadata = cells
            last.offsets.add((topic, int(partition), int(offset), metadata))
    return found


def _run(*command: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=_ENDS_WITHIN_SECONDS
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout
