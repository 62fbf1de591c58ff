from __future__ import annotations

from pathlib import Path

import pytest

from lab.operator.failures import ReconciliationError
from lab.operator.worker_properties import render_worker_properties
from tests.lab.operator import recordings


@pytest.mark.parametrize("case", recordings.parameters("mm2-*", "worker.properties"))
def test_worker_file_is_byte_equal_to_the_recorded_one(case: Path) -> None:
    rendered = render_worker_properties(recordings.resource(case, "KafkaMirrorMaker2"))

    assert rendered == (case / "worker.properties").read_text()


@pytest.mark.parametrize(
    "name", ["mm2-missing-password-target", "mm2-tls-auth-empty-target", "mm2-config-map"]
)
def test_unusable_target_is_refused_in_the_recorded_words(name: str) -> None:
    case = recordings.case(name)
    (condition,) = recordings.yaml_file(case / "status.yaml")["status"]["conditions"]

    with pytest.raises(ReconciliationError) as raised:
        render_worker_properties(recordings.resource(case, "KafkaMirrorMaker2"))

    assert (raised.value.reason, raised.value.message) == (
        condition["reason"],
        condition["message"],
    )
