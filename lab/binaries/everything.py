"""All real parts of a lab: what Go builds and what Maven fetches, side by side."""

from __future__ import annotations

from lab.binaries import parts
from lab.binaries.kafka import ensure_kafka
from lab.binaries.strimzi import ensure_strimzi_crds
from lab.java import find_java
from lab.steps import Steps, one_after_another, side_by_side


def ensure_everything() -> Steps:
    """See to every real part; what is missing is fetched or built.

    Raises:
        UsageError: If Go, Maven or Java is needed and missing.
        LabError: If a fetch or a build fails.
    """
    find_java()  # told at once, not after minutes of building
    yield from side_by_side(
        one_after_another(parts.ensure(parts.ETCD_SERVER), parts.ensure(parts.APISERVER)),
        one_after_another(ensure_kafka(), ensure_strimzi_crds()),
    )
