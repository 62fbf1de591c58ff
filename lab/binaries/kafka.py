"""Kafka as published: brokers, Connect, MirrorMaker and the tools, as one directory of jars."""

from __future__ import annotations

import tempfile
from pathlib import Path

from kafka_mirror.errors import UsageError
from lab.binaries import cache
from lab.binaries.maven import copy_jars
from lab.binaries.versions import KAFKA, LOG4J, SCALA
from lab.steps import Steps, Work

_ENTRY = f"kafka-{KAFKA}-log4j-{LOG4J}"
_ARTIFACTS = (
    f"org.apache.kafka:kafka_{SCALA}:{KAFKA}",
    f"org.apache.kafka:connect-mirror:{KAFKA}",
    f"org.apache.kafka:connect-runtime:{KAFKA}",
    f"org.apache.kafka:kafka-tools:{KAFKA}",
    f"org.apache.logging.log4j:log4j-core:{LOG4J}",
    f"org.apache.logging.log4j:log4j-slf4j-impl:{LOG4J}",
)


def ensure_kafka() -> Steps:
    """Fetch Kafka's jars unless the cache has them."""
    work = Work(f"Kafka {KAFKA}")

    def make(into: Path) -> Steps:
        with tempfile.TemporaryDirectory(prefix="kafka-mirror-") as scratch:
            yield from copy_jars(_ARTIFACTS, into, work, scratch=Path(scratch))
        # Both bindings on one class path: slf4j 1.7 would take either, and the one for slf4j 2 prints nothing.
        for wrong in into.glob("log4j-slf4j2-impl-*.jar"):
            wrong.unlink()

    yield from cache.ensure(
        _ENTRY, work, cost="fetching 55 MB of jars: about 1 min, once", make=make, tool="maven"
    )


def has_kafka() -> bool:
    """Tell whether the cache has Kafka's jars."""
    return cache.entry(_ENTRY).is_dir()


def kafka_directory() -> Path:
    """Return the directory of Kafka's jars.

    Raises:
        UsageError: If they have not been fetched.
    """
    directory = cache.entry(_ENTRY)
    if not has_kafka():
        raise UsageError("Kafka's jars are not in the cache. 'kafka-mirror lab up' fetches them.")
    return directory


def kafka_classpath() -> str:
    """Return the class path with all of Kafka, as ``java -cp`` takes it."""
    return f"{kafka_directory()}/*"
