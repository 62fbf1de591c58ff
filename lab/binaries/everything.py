"""All real parts of a lab: what Go builds and what Maven fetches, side by side."""

from __future__ import annotations

from lab.binaries import parts
from lab.binaries.class_archive import ensure_class_archive, has_class_archive
from lab.binaries.kafka import ensure_kafka, has_kafka
from lab.binaries.strimzi import ensure_strimzi_crds, has_strimzi_crds
from lab.java import find_java
from lab.steps import Steps, Work, one_after_another, side_by_side

_CONTROL_PLANE = (parts.ETCD_SERVER, parts.APISERVER)


def ensure_everything() -> Steps:
    """See to every real part; what is missing is fetched or built.

    Raises:
        UsageError: If Go, Maven or Java is needed and missing.
        LabError: If a fetch or a build fails.
    """
    work = Work("Binaries")
    find_java()  # told at once, not after minutes of building
    if _is_everything_here():
        yield work.done("cached")
        return
    yield from side_by_side(
        one_after_another(*map(parts.ensure, _CONTROL_PLANE)),
        one_after_another(ensure_kafka(), ensure_strimzi_crds(), ensure_class_archive()),
    )


def _is_everything_here() -> bool:
    has_jars = has_kafka() and has_strimzi_crds() and has_class_archive()
    return has_jars and all(parts.locate(part) for part in _CONTROL_PLANE)
