from __future__ import annotations

import math

import pytest

from mirror_policies.fields import UNKNOWN, integer_of, printable, shown, text_of
from mirror_policies.objects import KubernetesObject


def read(data: object) -> KubernetesObject:
    return KubernetesObject({"spec": data})


def test_a_path_quotes_only_what_is_no_plain_name():
    spec = read({"mirrors": [{"config": {}}]})["spec"]
    setting = spec["mirrors"].elements()[0]["config"]['a."b"']
    assert setting.path == 'spec.mirrors[0].config["a.\\"b\\""]'


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({}, id="missing key"),
        pytest.param({"target": None}, id="null"),
        pytest.param("text", id="key of a text"),
        pytest.param([1], id="key of a list"),
        pytest.param(None, id="key of nothing"),
    ],
)
def test_what_cannot_be_reached_is_absent(data):
    field = read(data)["spec"]["target"]["tls"]
    assert field.is_absent
    assert field.path == "spec.target.tls"


def test_below_an_unknown_value_everything_is_unknown():
    field = read(UNKNOWN)["spec"]["target"]["tls"]
    assert field.is_unknown
    assert not field.is_absent
    assert field.text is None


def test_members_come_by_key_and_without_keys_that_are_no_text():
    members = read({"b": 1, "a": 2, 3: 4})["spec"].members()
    assert [(member.key, member.value) for member in members] == [("a", 2), ("b", 1)]


def test_only_lists_have_elements():
    assert read("abc")["spec"].elements() == ()
    assert read({"a": 1})["spec"].elements() == ()
    assert [element.value for element in read([1, 2])["spec"].elements()] == [1, 2]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("x", "x", id="text"),
        pytest.param(True, "true", id="boolean as the operators write it"),
        pytest.param(3, "3", id="number"),
        pytest.param(3.0, "3", id="whole number that arrived as a float"),
        pytest.param(0.5, "0.5", id="fraction"),
        pytest.param([], None, id="list"),
        pytest.param(10**5000, None, id="number too long to be written"),
    ],
)
def test_text_is_what_the_operators_would_write(value, text):
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "integer"),
    [
        pytest.param(-1, -1, id="number"),
        pytest.param(" 3 ", 3, id="number in a text"),
        pytest.param(3.0, 3, id="whole float"),
        pytest.param(3.5, None, id="fraction"),
        pytest.param(True, None, id="boolean"),
        pytest.param("three", None, id="word"),
        pytest.param("٣", None, id="digit of another script"),
        pytest.param("9" * 5000, None, id="number too long to be read"),
        pytest.param(math.nan, None, id="not a number"),
        pytest.param(math.inf, None, id="infinite"),
    ],
)
def test_integer_reads_whole_numbers_only(value, integer):
    assert integer_of(value) == integer


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("x", "'x'", id="text"),
        pytest.param({"password": "hidden"}, "an object", id="object without its content"),
        pytest.param(["hidden"], "a list", id="list without its content"),
        pytest.param(UNKNOWN, "not known yet", id="unknown"),
        pytest.param(None, "absent", id="nothing"),
        pytest.param(False, "false", id="boolean"),
        pytest.param(b"hidden", "a bytes", id="anything else"),
    ],
)
def test_a_message_shows_scalars_only(value, text):
    assert shown(value) == text


def test_a_message_stays_short_and_on_one_line():
    assert printable("a\nb\x1b[0m") == "a?b?[0m"
    assert printable("x" * 100_000) == "x" * 80 + "…"
