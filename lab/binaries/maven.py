"""Fetches published jars with all they need, by Maven, into a directory of the cache."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from kafka_mirror.errors import UsageError
from lab.binaries import cache
from lab.commands import run
from lab.steps import Steps, Work

# The plugin Maven 3.9 would take by itself; pinned so that every Maven takes the same.
_DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"

_ALONE = (
    "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"
)


def copy_jars(
    artifacts: Sequence[str],
    into: Path,
    work: Work,
    *,
    scratch: Path,
    with_dependencies: bool = True,
) -> Steps:
    """Copy artifacts (``group:name:version``), with their runtime dependencies or alone, into a directory."""
    (scratch / "pom.xml").write_text(_pom(artifacts, "" if with_dependencies else _ALONE))
    command = [_maven(), "-B", "-q", f"{_DEPENDENCY_PLUGIN}:copy-dependencies"]
    command += [
        f"-DoutputDirectory={into}",
        "-DincludeScope=runtime",
        "-Dmdep.overWriteIfNewer=true",
    ]
    for _ in run(command, cwd=scratch, log=cache.log_file("maven")):
        yield work.progress(f"{sum(1 for _ in into.glob('*.jar'))} jars")
    yield work.progress(f"{sum(1 for _ in into.glob('*.jar'))} jars")


def _pom(artifacts: Sequence[str], exclusions: str) -> str:
    dependencies = "".join(
        f"<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version>{exclusions}"
        "</dependency>"
        for group, name, version in (escape(artifact).split(":") for artifact in artifacts)
    )
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>lab</groupId><artifactId>lab</artifactId><version>1</version><packaging>pom</packaging>"
        f"<dependencies>{dependencies}</dependencies></project>"
    )


def _maven() -> str:
    found = shutil.which("mvn")
    if found is None:
        raise UsageError(
            "'mvn' is not on PATH; it fetches Kafka's and Strimzi's jars. Install Maven 3.8 or later "
            "(https://maven.apache.org, or the package 'maven' of your system)."
        )
    return found
