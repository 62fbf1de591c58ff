"""A stack file is read as Pulumi reads it, and what is no stack file is one clear message."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_mirror.errors import ConfigurationError
from kafka_mirror.topology import Sealed, read_stack_file


def test_the_keys_of_the_project_are_read_and_others_are_not() -> None:
    text = """
encryptionsalt: v1:abc
config:
  pulumi:disable-default-providers: [kubernetes]
  kafka-mirror:sites: {dev: {stack: dev}}
  aws:region: eu
  topics: {}
"""

    assert read_stack_file(text, name="Pulumi.dev.yaml") == {
        "sites": {"dev": {"stack": "dev"}},
        "topics": {},
    }


def test_of_encrypted_values_nothing_is_read_but_that_they_are_there() -> None:
    text = "config:\n  kafka-mirror:token: {secure: v1:abc}\n  kafka-mirror:users: {}\n"

    found = read_stack_file(text, name="Pulumi.dev.yaml")

    assert isinstance(found.pop("token"), Sealed)
    assert found == {"users": {}}


@pytest.mark.parametrize("text", ["", "config:\n", "# nothing\n", "encryptionsalt: v1\n"])
def test_a_file_without_configuration_has_no_keys(text: str) -> None:
    assert read_stack_file(text, name="Pulumi.dev.yaml") == {}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("no", "no", id="a word that is false in YAML 1.1"),
        pytest.param("on", "on", id="a word that is true in YAML 1.1"),
        pytest.param("true", True, id="truth"),
        pytest.param("12", 12, id="number"),
        pytest.param("0x1F", 31, id="hexadecimal number"),
        pytest.param("1.5", 1.5, id="fraction"),
        pytest.param("1e3", 1000.0, id="exponent"),
        pytest.param("012", 10, id="octal number of YAML 1.1, which Pulumi reads too"),
        pytest.param("0o12", 10, id="octal number"),
        pytest.param("089", 89.0, id="no octal number"),
        pytest.param("1_000", "1_000", id="number of Python's"),
        pytest.param("12:30", "12:30", id="time, a number in YAML 1.1"),
        pytest.param("2024-13-45", "2024-13-45", id="no date"),
        pytest.param("2024-01-02", "2024-01-02", id="date"),
        pytest.param("99999999999999999999", 1e20, id="number too large for an integer"),
        pytest.param("~", None, id="nothing"),
        pytest.param("'12'", "12", id="quoted number"),
    ],
)
def test_values_are_read_as_yaml_1_2(written: str, read: Any) -> None:
    text = f"config: {{kafka-mirror:a: {written}}}"

    found = read_stack_file(text, name="Pulumi.dev.yaml")["a"]

    assert (type(found), found) == (type(read), read)


def test_keys_are_the_texts_that_are_written() -> None:
    text = "config: {kafka-mirror:a: {1: x, true: y, 1.0: z, ~: w}}"

    assert read_stack_file(text, name="x") == {"a": {"1": "x", "true": "y", "1.0": "z", "~": "w"}}


def test_a_merged_map_may_be_overridden() -> None:
    text = "config:\n  b: &b {x: 1, y: 2}\n  c: {<<: *b, x: 3}\n"

    assert read_stack_file(text, name="x")["c"] == {"x": 3, "y": 2}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("config: " + "[" * 100_000, id="brackets without end"),
        pytest.param("config:\n" + "- " * 100_000, id="lists in lists without end"),
    ],
)
def test_what_is_nested_without_end_is_told(text: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        read_stack_file(text, name="Pulumi.dev.yaml")

    assert str(error.value) == "Pulumi.dev.yaml is not YAML: it is nested too deeply"


def test_a_value_that_two_places_share_is_no_circle() -> None:
    text = "config: {a: &a {x: [1]}, b: [*a, *a]}"

    assert read_stack_file(text, name="x") == {"a": {"x": [1]}, "b": [{"x": [1]}, {"x": [1]}]}


@given(text=st.text(alphabet="config:{}[]-?&*!|>'\"# \n\tabc1~", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    problem = ""
    try:
        read_stack_file(text, name="x")
    except ConfigurationError as error:
        problem = str(error)
    assert "\n" not in problem
