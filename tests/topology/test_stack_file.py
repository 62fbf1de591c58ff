"""A stack file is read as Pulumi reads it, and what is no stack file is one clear message."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_mirror.errors import ConfigurationError
from kafka_mirror.topology import read_stack_file


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


def test_encrypted_values_are_left_out() -> None:
    text = "config:\n  kafka-mirror:token: {secure: v1:abc}\n  kafka-mirror:users: {}\n"

    assert read_stack_file(text, name="Pulumi.dev.yaml") == {"users": {}}


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
    ("text", "message"),
    [
        pytest.param(
            "config: {a: 1, b: 2, a: 3}",
            "Pulumi.dev.yaml is not YAML: the key 'a' stands twice at line 1, column 22",
            id="a key twice",
        ),
        pytest.param(
            "config:\n  ? [x]\n  : 1\n",
            "Pulumi.dev.yaml is not YAML: a key must be a text at line 2, column 5",
            id="a list as key",
        ),
        pytest.param(
            "config: {a\n",
            "Pulumi.dev.yaml is not YAML: while parsing a flow mapping at line 1, column 9 did not find "
            "expected ',' or '}' at line 2, column 1",
            id="an open bracket",
        ),
        pytest.param(
            "config: *x\n",
            "Pulumi.dev.yaml is not YAML: found undefined alias at line 1, column 9",
            id="an alias of nothing",
        ),
        pytest.param(
            "config: !!python/object:os.x {}\n",
            "Pulumi.dev.yaml is not YAML: could not determine a constructor for the tag "
            "'tag:yaml.org,2002:python/object:os.x' at line 1, column 9",
            id="an object of Python's",
        ),
        pytest.param(
            "config: !!int abc\n",
            "Pulumi.dev.yaml is not YAML: invalid literal for int() with base 10: 'abc'",
            id="a number that is none",
        ),
        pytest.param(
            "config: " + "[" * 100_000,
            "Pulumi.dev.yaml is not YAML: it is nested too deeply",
            id="nested without end",
        ),
        pytest.param(
            "config:\n" + "- " * 100_000,
            "Pulumi.dev.yaml is not YAML: it is nested too deeply",
            id="lists in lists without end",
        ),
        pytest.param("- a\n", "Pulumi.dev.yaml must hold a map under the key config", id="a list"),
        pytest.param(
            "config: [a]\n",
            "Pulumi.dev.yaml must hold a map under the key config",
            id="a list inside",
        ),
        pytest.param("text", "Pulumi.dev.yaml must hold a map under the key config", id="a text"),
    ],
)
def test_what_is_no_stack_file_is_told_in_one_line(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        read_stack_file(text, name="Pulumi.dev.yaml")

    assert str(error.value) == message


@given(text=st.text(alphabet="config:{}[]-?&*!|>'\"# \n\tabc1~", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    problem = ""
    try:
        read_stack_file(text, name="x")
    except ConfigurationError as error:
        problem = str(error)
    assert "\n" not in problem
