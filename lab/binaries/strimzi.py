"""Strimzi's custom resource definitions, generated from its published classes by its own generator."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from kafka_mirror.errors import UsageError
from lab.binaries import cache
from lab.binaries.maven import copy_jars
from lab.binaries.versions import STRIMZI
from lab.commands import run
from lab.java import find_java
from lab.settings import JVM_FLAGS
from lab.steps import Steps, Work

_ENTRY = f"strimzi-crds-{STRIMZI}"
_ARTIFACTS = (f"io.strimzi:api:{STRIMZI}", f"io.strimzi:crd-generator:{STRIMZI}")
_MODEL = "io.strimzi.api.kafka.model"
_CLASSES = (
    "kafka.Kafka",
    "nodepool.KafkaNodePool",
    "topic.KafkaTopic",
    "user.KafkaUser",
    "mirrormaker2.KafkaMirrorMaker2",
    "connect.KafkaConnect",
    "connector.KafkaConnector",
    "podset.StrimziPodSet",
)


def ensure_strimzi_crds() -> Steps:
    """Generate the definitions unless the cache has them."""
    work = Work(f"Strimzi {STRIMZI} resource definitions")

    def make(into: Path) -> Steps:
        java = str(find_java().executable)
        with tempfile.TemporaryDirectory(prefix="kafka-mirror-") as directory:
            scratch = Path(directory)
            yield from copy_jars(_ARTIFACTS, scratch / "jars", work, scratch=scratch)
            generate = [java, *JVM_FLAGS, "-cp", f"{scratch / 'jars'}/*"]
            generate += ["io.strimzi.crdgenerator.CrdGenerator", "--target-kube", "1.25+"]
            generate += [
                "--crd-api-version",
                "v1",
                "--api-versions",
                "v1",
                "--storage-version",
                "v1",
            ]
            generate += ["--yaml", *(_output(name, into) for name in _CLASSES)]
            for _ in run(generate, cwd=scratch, log=cache.log_file("strimzi-crds")):
                yield work.progress("generating")
        yield work.progress(f"{len(_CLASSES)} definitions")

    yield from cache.ensure(
        _ENTRY,
        work,
        cost="fetching 39 MB of jars and generating: about 30 s, once",
        make=make,
        tool="maven",
    )


def has_strimzi_crds() -> bool:
    """Tell whether the cache has the definitions."""
    return cache.entry(_ENTRY).is_dir()


def strimzi_crd_files() -> Sequence[Path]:
    """Return the files of the definitions, one each, in a fixed order.

    Raises:
        UsageError: If they have not been generated.
    """
    directory = cache.entry(_ENTRY)
    if not has_strimzi_crds():
        raise UsageError(
            "Strimzi's definitions are not in the cache. 'kafka-mirror lab up' makes them."
        )
    return sorted(directory.glob("*.yaml"))


def _output(name: str, into: Path) -> str:
    return f"{_MODEL}.{name}={into / name.rpartition('.')[2]}.yaml"
