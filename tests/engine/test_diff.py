"""What differs, and what is put back."""

from __future__ import annotations

import pytest

from engine.diff import (
    PropertyChange,
    changes_between,
    is_same,
    keep_old,
    parse_path,
    path_text,
    touches,
)
from engine.properties import UNKNOWN, Properties, Secret


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        pytest.param({"a": 1}, {"a": 1.0}, [], id="three is three"),
        pytest.param({"a": True}, {"a": 1}, [("a", "true", "1")], id="true is not one"),
        pytest.param({"a": Secret(1)}, {"a": 1}, [], id="a mark alone is no change"),
        pytest.param(
            {"a": Secret("x")}, {"a": Secret("y")}, [("a", "[secret]", "[secret]")], id="secret"
        ),
        pytest.param(
            {"a": {"b": 1}}, {"a": {"c": 1}}, [("a.b", "1", None), ("a.c", None, "1")], id="keys"
        ),
        pytest.param({"a": [1, 2]}, {"a": [1, 3]}, [("a[1]", "2", "3")], id="an element"),
        pytest.param({"a": [1]}, {"a": [1, 2]}, [("a[1]", None, "2")], id="another length"),
        pytest.param({"a": 1}, {"a": UNKNOWN}, [("a", "1", "[unknown]")], id="unknown"),
        pytest.param({"x.y": 1}, {"x.y": 2}, [('["x.y"]', "1", "2")], id="a key with a dot"),
    ],
)
def test_changes_are_told_by_path(
    old: Properties, new: Properties, changes: list[tuple[str, str | None, str | None]]
) -> None:
    assert changes_between(old, new) == tuple(PropertyChange(*change) for change in changes)


def test_a_long_value_is_cut() -> None:
    (change,) = changes_between({}, {"a": "x" * 500})
    assert change.after is not None
    assert (len(change.after), change.after[-1]) == (120, "…")


def test_an_unknown_equals_nothing_not_even_itself() -> None:
    assert not is_same(UNKNOWN, UNKNOWN)


@pytest.mark.parametrize("text", ["spec.listeners[0].name", '["a.b"].c', "a[*].b", "metadata"])
def test_a_path_is_read_and_written(text: str) -> None:
    assert path_text(parse_path(text)).replace('["*"]', "[*]").replace(".*", "[*]") == text


@pytest.mark.parametrize(
    ("ignored", "result"),
    [
        (["spec.a"], {"spec": {"a": 1, "b": 20}}),
        (["spec.*"], {"spec": {"a": 1, "b": 2}}),
        (["spec"], {"spec": {"a": 1, "b": 2}}),
        (["spec.new"], {"spec": {"a": 10, "b": 20}}),
    ],
)
def test_ignored_properties_are_put_back(ignored: list[str], result: Properties) -> None:
    assert keep_old({"spec": {"a": 1, "b": 2}}, {"spec": {"a": 10, "b": 20}}, ignored) == result


def test_an_ignored_property_that_was_absent_stays_absent() -> None:
    assert keep_old({}, {"input": 1}, ["input"]) == {}
    assert keep_old({"l": [1]}, {"l": [2, 3]}, ["l[0]", "l[7]"]) == {"l": [1, 3]}


@pytest.mark.parametrize(
    ("path", "selector", "is_touched"),
    [
        ("metadata.name", "metadata.name", True),
        ("metadata", "metadata.name", True),
        ("metadata.name.x", "metadata.name", True),
        ("metadata.labels", "metadata.name", False),
        ("spec.a[3].b", "spec.a[*].b", True),
    ],
)
def test_a_change_touches_what_lies_above_and_below_it(
    path: str, selector: str, is_touched: bool
) -> None:
    assert touches([path], [selector]) is is_touched
