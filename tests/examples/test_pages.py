"""The pages of the examples show the pictures that `kafka-mirror graph` draws today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kafka_mirror.cli.main import app
from tests.examples.running import EXAMPLES
from tests.examples.test_previews import STACKS
from tests.lab.stacks.small import CHECKOUT

PAGES = sorted((CHECKOUT / "docs" / "examples").glob("*.md"))
_PICTURE = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def drawn(*stacks: str, project: Path = EXAMPLES) -> str:
    result = CliRunner().invoke(app, ["graph", *stacks, "--project", str(project)])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_picture_is_the_one_that_is_drawn_today(page: Path) -> None:
    text = page.read_text()
    named = set(re.findall(r"examples/Pulumi\.([\w-]+)\.yaml", text))
    pictures = _PICTURE.findall(text)

    assert pictures
    assert {one for one in pictures if one not in _drawable(named)} == set()


def test_every_example_has_a_page() -> None:
    text = "".join(page.read_text() for page in PAGES)

    assert [stack for stack in STACKS if f"examples/Pulumi.{stack}.yaml" not in text] == []


def _drawable(named: set[str]) -> set[str]:
    """Return the pictures of each stack that a page names, and of all of them together."""
    together = sorted(named)
    return {drawn(one) for one in named} | ({drawn(*together)} if named else set())
