"""The committed stacks render as they did, byte for byte, and every object is one that Strimzi takes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from kafka_mirror.cli.main import app
from tests.manifests.conftest import crd_schemas  # noqa: F401 - a fixture
from tests.manifests.schemas import CrdSchemas

CHECKOUT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).with_name("golden")
STACKS = ["dev", "stg"]


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """Return a copy of the committed stacks without any state beside them."""
    return copied(CHECKOUT, tmp_path)


@pytest.fixture
def event_streams(tmp_path: Path) -> Path:
    """Return a copy of the examples, which have the same stacks served by IBM Event Streams."""
    return copied(CHECKOUT / "examples", tmp_path)


def copied(folder: Path, to: Path) -> Path:
    for file in folder.glob("Pulumi*.yaml"):
        (to / file.name).write_text(file.read_text())
    return to


@pytest.mark.parametrize("stack", STACKS)
def test_a_committed_stack_renders_as_it_did(stack: str, alone: Path) -> None:
    result = CliRunner().invoke(app, ["render", stack, "--project", str(alone)])

    assert result.exit_code == 0
    # If the change is meant: kafka-mirror render STACK > tests/stacks/golden/STACK.yaml
    assert result.stdout == (GOLDEN / f"{stack}.yaml").read_text()


@pytest.mark.parametrize(
    ("dialect", "file"),
    [
        ("strimzi-v1beta2", "stg.strimzi-v1beta2.yaml"),
        ("properties", "stg.properties"),
        ("connect", "stg.json"),
    ],
)
def test_a_committed_stack_renders_as_it_did_in_each_dialect(
    dialect: str, file: str, alone: Path
) -> None:
    arguments = ["render", "stg", "--project", str(alone), "--dialect", dialect]

    assert CliRunner().invoke(app, arguments).stdout == (GOLDEN / file).read_text()


@pytest.mark.parametrize("stack", STACKS)
def test_the_committed_stacks_render_as_they_did_for_event_streams(
    stack: str, event_streams: Path
) -> None:
    result = CliRunner().invoke(app, ["render", f"es-{stack}", "--project", str(event_streams)])

    assert result.stdout == (GOLDEN / f"es-{stack}.yaml").read_text()


@pytest.mark.parametrize("stack", STACKS)
def test_a_committed_stack_is_valid_in_every_field(
    stack: str,
    crd_schemas: CrdSchemas,  # noqa: F811 - the fixture
) -> None:
    for manifest in yaml.safe_load_all((GOLDEN / f"{stack}.yaml").read_text()):
        assert crd_schemas.problems(manifest) == []
