"""Strimzi's custom resource definitions, generated from its published classes by its own generator."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from kafka_mirror.errors import UsageError
from lab.binaries import cache
from lab.binaries.maven import copy_jars
from lab.binaries.versions import STRIMZI
from lab.commands import run
from lab.java import find_java
from lab.settings import JVM_FLAGS
from lab.steps import Steps, Work

_GENERATOR = f"io.strimzi:crd-generator:{STRIMZI}"
"""Of the latest release for all of them: of those between 0.45 and 1.2 none is published. It brings what it needs."""
ApiVersion = Literal["v1", "v1beta2"]
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


def ensure_strimzi_crds(
    version: str = STRIMZI, api_versions: Sequence[ApiVersion] = ("v1",)
) -> Steps:
    """Generate the definitions of a release unless the cache has them.

    Args:
        version: Of Strimzi; the lab's own unless another one is asked for.
        api_versions: To generate, the stored one first.
    """
    work = Work(f"Strimzi {version} resource definitions")

    def make(into: Path) -> Steps:
        java = str(find_java().executable)
        with tempfile.TemporaryDirectory(prefix="kafka-mirror-") as directory:
            scratch = Path(directory)
            artifacts = (f"io.strimzi:api:{version}", _GENERATOR)
            yield from copy_jars(
                artifacts, scratch / "jars", work, scratch=scratch, with_dependencies=False
            )
            generate = [java, *JVM_FLAGS, "-cp", f"{scratch / 'jars'}/*"]
            generate += ["io.strimzi.crdgenerator.CrdGenerator", "--target-kube", "1.25+"]
            generate += ["--crd-api-version", "v1", "--api-versions", ",".join(api_versions)]
            generate += ["--storage-version", api_versions[0]]
            generate += ["--yaml", *(_output(name, into) for name in _CLASSES)]
            for _ in run(generate, cwd=scratch, log=cache.log_file("strimzi-crds")):
                yield work.progress("generating")
        yield work.progress(f"{len(_CLASSES)} definitions")

    yield from cache.ensure(
        _entry(version),
        work,
        cost="fetching 20 MB of jars and generating: about 20 s, once",
        make=make,
        tool="maven",
    )


def has_strimzi_crds(version: str = STRIMZI) -> bool:
    """Tell whether the cache has the definitions of a release."""
    return cache.entry(_entry(version)).is_dir()


def strimzi_crd_files(version: str = STRIMZI) -> Sequence[Path]:
    """Return the files of the definitions of a release, one each, in a fixed order.

    Raises:
        UsageError: If they have not been generated.
    """
    if not has_strimzi_crds(version):
        raise UsageError(
            "Strimzi's definitions are not in the cache. 'kafka-mirror lab up' makes them."
        )
    return sorted(cache.entry(_entry(version)).glob("*.yaml"))


def _entry(version: str) -> str:
    return f"strimzi-crds-{version}"


def _output(name: str, into: Path) -> str:
    return f"{_MODEL}.{name}={into / name.rpartition('.')[2]}.yaml"
