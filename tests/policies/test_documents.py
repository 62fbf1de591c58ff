"""Five ways to write a flow that were published and do not hold: every defect of each is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mirror_policies import RULES, check

DOCUMENTS = Path(__file__).with_name("documents")
GOLDEN: dict[str, dict[str, Any]] = yaml.safe_load((DOCUMENTS / "findings.yaml").read_text())


def found_in(name: str) -> dict[str, list[str]]:
    places: dict[str, list[str]] = {}
    for finding in check(list(yaml.safe_load_all((DOCUMENTS / name).read_text()))):
        places.setdefault(finding.rule, []).append(f"{finding.object}: {finding.path}")
    return places


def test_every_document_is_in_the_golden_file():
    assert sorted(GOLDEN) == sorted(path.name for path in DOCUMENTS.glob("0*.yaml"))


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_what_is_found_in_a_document_is_what_the_golden_file_tells(name):
    assert found_in(name) == {rule: told["at"] for rule, told in GOLDEN[name].items()}


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_each_finding_has_a_sentence(name):
    known = {rule.id for rule in RULES}
    for rule, told in GOLDEN[name].items():
        assert rule in known
        assert told["says"].endswith(".")
        assert told["says"].count(". ") == 0
