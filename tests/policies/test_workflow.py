"""The workflow for pull requests judges and previews every committed stack, under a profile there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mirror_policies.rule import Profile

ROOT = Path(__file__).parents[2]
WORKFLOW: dict[Any, Any] = yaml.safe_load(
    (ROOT / ".github" / "workflows" / "pull-request.yml").read_text()
)
STACKS = {path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml")}


@pytest.mark.parametrize("job", ["check", "preview"])
def test_every_committed_stack_is_in_each_job(job):
    matrix = WORKFLOW["jobs"][job]["strategy"]["matrix"]["include"]
    assert {entry["stack"] for entry in matrix} == STACKS
    assert {entry["profile"] for entry in matrix} <= {profile.value for profile in Profile}


def test_the_findings_are_uploaded_even_if_a_rule_is_broken():
    steps = WORKFLOW["jobs"]["check"]["steps"]
    (upload,) = (step for step in steps if "upload-sarif" in step.get("uses", ""))
    assert "!cancelled()" in upload["if"]
    assert WORKFLOW["jobs"]["check"]["permissions"]["security-events"] == "write"


def test_no_step_can_deploy():
    commands = str(WORKFLOW)
    assert "'command': 'preview'" in commands
    assert not any(word in commands for word in ("pulumi up", "stack up", "'command': 'up'"))
