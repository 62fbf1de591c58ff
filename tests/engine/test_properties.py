"""Property values and their form on the wire."""

from __future__ import annotations

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from engine.properties import (
    OUTPUT_SIGNATURE,
    RESOURCE_SIGNATURE,
    SECRET_SIGNATURE,
    SIGNATURE_KEY,
    UNKNOWN,
    UNKNOWN_ID,
    Secret,
    UnservedValueError,
    as_secret,
    contains_secret,
    contains_unknown,
    from_struct,
    plain,
    secret_like,
    secret_texts,
    shown,
    to_struct,
)

LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES | st.just(UNKNOWN),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        | inner.map(Secret)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4))
def test_a_value_survives_the_wire(properties: dict[str, object]) -> None:
    assert from_struct(to_struct(properties)) == properties


def test_the_wire_form_is_pulumis() -> None:
    struct = to_struct({"a": Secret({"b": UNKNOWN}), "c": None, "d": []})
    assert json_format.MessageToDict(struct) == {
        "a": {SIGNATURE_KEY: SECRET_SIGNATURE, "value": {"b": UNKNOWN_ID}},
        "c": None,
        "d": [],
    }


def test_whole_numbers_come_back_whole() -> None:
    struct = struct_pb2.Struct()
    struct.update({"a": 3.0, "b": 3.5, "c": 1e300})
    read = from_struct(struct)
    assert [type(read[key]) for key in "abc"] == [int, float, float]


def test_an_output_value_is_its_inner_value() -> None:
    struct = struct_pb2.Struct()
    struct.update(
        {
            "known": {SIGNATURE_KEY: OUTPUT_SIGNATURE, "value": 1, "secret": True},
            "unknown": {SIGNATURE_KEY: OUTPUT_SIGNATURE},
        }
    )
    assert from_struct(struct) == {"known": Secret(1), "unknown": UNKNOWN}


def test_a_reference_to_a_resource_is_kept_or_becomes_its_id() -> None:
    value = {"r": {SIGNATURE_KEY: RESOURCE_SIGNATURE, "urn": "urn:x", "id": "shop/items"}}
    assert from_struct(to_struct(value)) == value
    assert from_struct(to_struct(value, keep_references=False)) == {"r": "shop/items"}


def test_an_asset_is_not_served() -> None:
    struct = struct_pb2.Struct()
    struct.update({"a": {SIGNATURE_KEY: "c44067f5952c0a294b673a41bacd8c17", "text": "t"}})
    with pytest.raises(UnservedValueError, match="assets and archives"):
        from_struct(struct)


def test_what_is_shown_hides_secrets_and_names_unknowns() -> None:
    value = {"a": Secret({"b": 1}), "c": [UNKNOWN, 2]}
    assert shown(value) == {"a": "[secret]", "c": ["[unknown]", 2]}
    assert plain(value) == {"a": {"b": 1}, "c": [UNKNOWN, 2]}
    assert repr(Secret("hidden")) == "[secret]"
    assert contains_unknown(value)
    assert contains_secret(value)
    assert not contains_secret({"a": [1]})


def test_marks_are_carried_to_what_comes_back_from_a_server() -> None:
    model = {"spec": {"password": Secret("x"), "size": 1}, "list": [Secret("x")]}
    live = {"spec": {"password": "x", "size": 1, "new": 2}, "list": ["x", "y"]}
    assert secret_like(live, model) == {
        "spec": {"password": Secret("x"), "size": 1, "new": 2},
        "list": Secret(["x", "y"]),
    }


def test_a_secret_is_marked_once() -> None:
    assert as_secret({"a": Secret(1)}) == Secret({"a": 1})
    assert as_secret(Secret(1)) == Secret(1)
    assert as_secret(UNKNOWN) is UNKNOWN


def test_secret_texts_come_with_their_keys() -> None:
    value = {"a": Secret("one"), "b": Secret({"user": "u", "list": ["two"]}), "c": "open"}
    assert list(secret_texts(value)) == [("", "one"), ("user", "u"), ("list", "two")]
