"""Paths read as Pulumi takes them, and messages stay short."""

from __future__ import annotations

from typing import Any

import pytest

from kafka_mirror.topology.paths import listed, nearest, path, shown


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        pytest.param(("flows", "dev-to-stg", "topics", 1, "pattern"), 'flows["dev-to-stg"].topics[1].pattern', id="quoted"),
        pytest.param(("sites", "dev", "kafka"), "sites.dev.kafka", id="plain"),
        pytest.param(('a"b', "c\\d"), '["a\\"b"]["c\\\\d"]', id="escaped"),
        pytest.param(("a\nb",), '["a\\nb"]', id="on one line"),
        pytest.param(("größe",), '["größe"]', id="readable letters"),
        pytest.param(("x" * 300,), f'["{"x" * 80}…"]', id="shortened"),
        pytest.param((), "", id="the whole"),
    ],
)  # fmt: skip
def test_a_path_reads_as_pulumi_takes_it(parts: tuple[str | int, ...], text: str) -> None:
    assert path(*parts) == text


def test_the_nearest_name_is_offered_if_it_is_near() -> None:
    assert nearest("dve", ["dev", "stg"]) == " Did you mean 'dev'?"
    assert nearest("production", ["dev", "stg"]) == ""


def test_names_are_listed_sorted_and_not_without_end() -> None:
    assert listed([]) == "none"
    assert listed(["b", "a"]) == "a, b"
    assert listed(map(str, range(10, 45))).endswith("38, 39, and 5 more")


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (None, "nothing"),
        ({"a": 1}, "a map"),
        ([1], "a list"),
        ("a\n", r"'a\n'"),
        (True, "true"),
        ("x" * 81, f"'{'x' * 80}'… (81 characters)"),
    ],
)
def test_what_was_found_is_shown_in_a_line(found: Any, text: str) -> None:
    assert shown(found) == text
