"""The rules on resources that a real operator was seen to accept."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tests.policies.resources import found

RECORDED = os.environ.get("KAFKA_MIRROR_GOLDEN")
pytestmark = pytest.mark.skipif(
    not RECORDED, reason="KAFKA_MIRROR_GOLDEN names no directory of recorded operator behaviour"
)


def rules_broken_in(case: str) -> Counter[str]:
    text = (Path(RECORDED or "") / "strimzi-1.2.0" / case / "input.yaml").read_text()
    return Counter(finding.rule for finding in found(*yaml.safe_load_all(text)))


@pytest.mark.parametrize("case", ["mm2-identity-scram-tls", "kafka-cr", "topic-basic"])
def test_what_works_and_is_safe_breaks_nothing(case):
    assert rules_broken_in(case) == Counter()


@pytest.mark.parametrize(
    ("case", "rule"),
    [
        pytest.param("mm2-scram-source-no-tls", "tls-on-every-end", id="SCRAM in the clear"),
        pytest.param("mm2-tls-auth-no-tls", "tls-on-every-end", id="client certificate unused"),
        pytest.param("mm2-tls-client-auth", "hostname-verified", id="any host believed"),
        pytest.param("mm2-plain-apikey-source", "public-authorities-trusted", id="public trust"),
    ],
)
def test_what_is_ready_and_unsafe_is_found(case, rule):
    assert rules_broken_in(case)[rule] > 0


def test_every_recorded_input_is_judged_without_an_exception():
    inputs = sorted((Path(RECORDED or "") / "strimzi-1.2.0").glob("*/input.yaml"))
    assert inputs
    for path in inputs:
        found(*yaml.safe_load_all(path.read_text()))
