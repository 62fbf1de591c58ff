"""What counts as drift of an object, and whose hand it was, told from the fields that the API server notes."""

from __future__ import annotations

from typing import Any

import pytest

from engine.drift import changed_by, drifted_inputs
from engine.properties import Secret

MANAGER = "kafka-mirror"
# As the API server notes a KafkaMirrorMaker2: `mirrors` is one value to it.
OURS: dict[str, Any] = {"f:spec": {"f:replicas": {}, "f:mirrors": {}, "f:config": {"f:a": {}}}}
INPUTS: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "X",
    "spec": {"replicas": 1, "mirrors": [{"source": "dev"}], "config": {"a": 1}},
}


def _live(*entries: tuple[str, dict[str, Any]], **spec: Any) -> dict[str, Any]:
    fields = [{"manager": manager, "fieldsV1": owned} for manager, owned in entries]
    return {
        "apiVersion": "v1",
        "kind": "X",
        "metadata": {"managedFields": fields},
        "spec": {**INPUTS["spec"], **spec},
    }


@pytest.mark.parametrize(
    ("owned", "spec", "drift"),
    [
        pytest.param(OURS, {}, {}, id="nothing"),
        pytest.param(OURS, {"paused": True}, {}, id="a field never declared is somebody else's"),
        pytest.param(OURS, {"config": {"a": 1, "b": 2}}, {}, id="a key beside the declared ones"),
        pytest.param(OURS, {"config": {"a": 2}}, {"config": {"a": 2}}, id="a declared key"),
        pytest.param(OURS, {"config": {}}, {"config": {}}, id="a declared key that is gone"),
        pytest.param(
            OURS,
            {"mirrors": [{"source": "dev", "by": "default"}]},
            {},
            id="a default of the server in a list that is still ours",
        ),
        pytest.param(
            {"f:spec": {"f:replicas": {}}},
            {"mirrors": [{"source": "dev", "by": "hand"}]},
            {"mirrors": [{"source": "dev", "by": "hand"}]},
            id="an addition to a list that is no longer ours",
        ),
        pytest.param(OURS, {"mirrors": []}, {"mirrors": []}, id="a shorter list"),
    ],
)
def test_what_was_declared_is_compared_and_nothing_else(
    owned: dict[str, Any], spec: dict[str, Any], drift: dict[str, Any]
) -> None:
    found = drifted_inputs(INPUTS, _live((MANAGER, owned), **spec), manager=MANAGER)
    assert found == {**INPUTS, "spec": {**INPUTS["spec"], **drift}}


def test_an_object_without_notes_is_compared_place_by_place() -> None:
    live = _live(mirrors=[{"source": "dev", "by": "default"}])
    assert drifted_inputs(INPUTS, live, manager=MANAGER) == INPUTS


def test_a_secret_value_stays_one() -> None:
    live = {"metadata": {}, "data": {"password": "b", "other": "c"}}
    found = drifted_inputs({"data": Secret({"password": "a"})}, live, manager=MANAGER)
    assert found == {"data": Secret({"password": "b"})}


def test_hands_are_named_by_the_fields_they_hold() -> None:
    live = _live(
        (MANAGER, OURS),
        ("kubectl-edit", {"f:spec": {"f:config": {"f:a": {}}}}),
        ("operator", {"f:metadata": {"f:finalizers": {}}}),
        ("someone", {"f:spec": {"f:mirrors": {}}}),
    )
    assert changed_by(live, [("spec", "config", "a")], manager=MANAGER) == ("kubectl-edit",)
    assert changed_by(live, [("spec", "mirrors", 0, "x")], manager=MANAGER) == ("someone",)
    assert changed_by(live, [("spec", "replicas")], manager=MANAGER) == ()


def test_who_wrote_the_status_is_no_hand() -> None:
    live = _live((MANAGER, OURS))
    live["metadata"]["managedFields"].append(
        {"manager": "operator", "subresource": "status", "fieldsV1": {"f:spec": {}}}
    )
    assert changed_by(live, [("spec", "replicas")], manager=MANAGER) == ()
