"""The JMX exporter that Strimzi starts in its pods, to read a process of the lab with the very same rules."""

from __future__ import annotations

import tempfile
from pathlib import Path

from lab.binaries import cache
from lab.binaries.maven import copy_jars
from lab.binaries.versions import JMX_EXPORTER
from lab.steps import Steps, Work

_NAME = "jmx_prometheus_javaagent"
_ENTRY = f"jmx-exporter-{JMX_EXPORTER}"


def ensure_exporter() -> Steps:
    """Fetch the exporter unless the cache has it."""
    work = Work(f"JMX exporter {JMX_EXPORTER}")

    def make(into: Path) -> Steps:
        artifact = f"io.prometheus.jmx:{_NAME}:{JMX_EXPORTER}"
        with tempfile.TemporaryDirectory(prefix="kafka-mirror-") as scratch:
            yield from copy_jars([artifact], into, work, scratch=Path(scratch))

    yield from cache.ensure(
        _ENTRY, work, cost="fetching 1 MB: some seconds, once", make=make, tool="maven"
    )


def exporter_jar() -> Path:
    """Return the exporter, which a Java process takes as an agent, also while it runs."""
    return cache.entry(_ENTRY) / f"{_NAME}-{JMX_EXPORTER}.jar"
