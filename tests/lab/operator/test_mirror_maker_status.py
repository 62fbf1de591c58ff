from __future__ import annotations

from pathlib import Path

import pytest

from lab.operator.mirror_makers import status_fields
from tests.lab.operator import recordings

# Refused before anything was made, so without an address; or never given a status at all.
_WITHOUT_FIELDS = (
    "mm2-alias-duplicate",
    "mm2-bad-version",
    "mm2-config-map",
    "mm2-missing-password-target",
    "mm2-tls-auth-empty-target",
)


@pytest.mark.parametrize(
    "case", recordings.parameters("mm2-*", "status.yaml", without=_WITHOUT_FIELDS)
)
def test_fields_of_the_status_are_the_recorded_ones(case: Path) -> None:
    recorded = recordings.yaml_file(case / "status.yaml")["status"]

    fields = status_fields(recordings.resource(case, "KafkaMirrorMaker2"))

    others = ("conditions", "connectors", "observedGeneration", "autoRestartStatuses")
    assert fields == {key: value for key, value in recorded.items() if key not in others}
