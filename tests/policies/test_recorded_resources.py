"""The rules on resources that a real operator was seen to accept."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
import yaml

from mirror_policies import Level
from tests.policies.resources import found

RECORDED = os.environ.get("KAFKA_MIRROR_GOLDEN")
pytestmark = pytest.mark.skipif(
    not RECORDED, reason="KAFKA_MIRROR_GOLDEN names no directory of recorded operator behaviour"
)


def rules_broken_in(case: str, level: Level = Level.MANDATORY) -> Counter[str]:
    text = (Path(RECORDED or "") / "strimzi-1.2.0" / case / "input.yaml").read_text()
    return Counter(f.rule for f in found(*yaml.safe_load_all(text)) if f.level is level)


@pytest.mark.parametrize("case", ["mm2-identity-scram-tls", "kafka-cr", "topic-basic"])
def test_what_works_and_is_safe_breaks_nothing(case):
    assert rules_broken_in(case) == Counter()


@pytest.mark.parametrize(
    ("case", "rule"),
    [
        pytest.param("mm2-scram-source-no-tls", "login-only-over-tls", id="SCRAM in the clear"),
        pytest.param("mm2-tls-client-auth", "hostname-verified", id="any host believed"),
        pytest.param("mm2-alias-duplicate", "alias-used-once", id="no status for ever"),
        pytest.param("mm2-alias-equal", "source-is-not-target", id="copied into itself"),
        pytest.param("mm2-forbidden-config", "connection-declared-once", id="fields overruled"),
        pytest.param("mm2-config-map", "settings-are-scalars", id="settings the operator refuses"),
        pytest.param("mm2-missing-password-source", "authentication-complete", id="half a login"),
        pytest.param("mm2-missing-secret-key", "referenced-secrets-exist", id="Secret without key"),
        pytest.param("mm2-pattern-no-match", "referenced-secrets-exist", id="pattern of nothing"),
        pytest.param(
            "user-scram-precreated-secret-labels",
            "copied-secrets-unlabelled",
            id="a Secret that is deleted at once",
        ),
    ],
)
def test_what_an_operator_takes_and_regrets_stops_the_deployment(case, rule):
    assert rules_broken_in(case)[rule] > 0


@pytest.mark.parametrize(
    ("case", "rule"),
    [
        pytest.param("mm2-tls-auth-no-tls", "tls-on-every-end", id="client certificate unused"),
        pytest.param("mm2-plain-apikey-source", "public-authorities-trusted", id="public trust"),
        pytest.param("mm2-checkpoint-only", "source-connector-present", id="nothing copied"),
        pytest.param("mm2-mirrors-empty", "source-connector-present", id="no mirror at all"),
    ],
)
def test_what_is_ready_and_of_little_use_is_said(case, rule):
    assert rules_broken_in(case, Level.ADVISORY)[rule] > 0


def test_every_recorded_input_is_judged_without_an_exception():
    inputs = sorted((Path(RECORDED or "") / "strimzi-1.2.0").glob("*/input.yaml"))
    assert inputs
    for path in inputs:
        found(*yaml.safe_load_all(path.read_text()))
