from __future__ import annotations

from pathlib import Path

import pytest

from lab.operator.connectors import connectors_of, normalised
from lab.operator.failures import ReconciliationError
from tests.lab.operator import recordings

# Two connectors of one name fight here; what Connect holds is whichever came first.
_DUPLICATE = ("mm2-alias-duplicate",)


@pytest.mark.parametrize(
    "case", recordings.parameters("mm2-*", "connectors.json", without=_DUPLICATE)
)
def test_connectors_equal_the_recorded_ones(case: Path) -> None:
    recorded = recordings.json_file(case / "connectors.json")
    made = connectors_of(recordings.resource(case, "KafkaMirrorMaker2"))

    assert {c.name: normalised(c.config) for c in made} == {
        name: normalised(entry["config"]) for name, entry in recorded.items()
    }


@pytest.mark.parametrize(
    "case", recordings.parameters("mm2-*", "connectors.json", without=_DUPLICATE)
)
def test_states_and_value_types_equal_the_recorded_ones(case: Path) -> None:
    recorded = recordings.json_file(case / "connectors.json")

    for connector in connectors_of(recordings.resource(case, "KafkaMirrorMaker2")):
        entry = recorded[connector.name]
        if entry["method"] == "POST":
            assert connector.initial_state == entry.get("initial_state")
        types = {key: type(value) for key, value in connector.config.items()}
        assert types == {key: type(value) for key, value in entry["config"].items()}


def test_list_in_a_connector_configuration_is_refused_in_the_recorded_words() -> None:
    case = recordings.case("mm2-config-null-list")
    (condition,) = recordings.yaml_file(case / "status.yaml")["status"]["conditions"]

    with pytest.raises(ReconciliationError) as raised:
        connectors_of(recordings.resource(case, "KafkaMirrorMaker2"))

    assert (raised.value.reason, raised.value.message) == (
        condition["reason"],
        condition["message"],
    )


def test_login_module_is_normalised_to_username_first() -> None:
    config = {"a": 'x.ScramLoginModule required password="p" username="u";', "tasks.max": 1}

    assert normalised(config) == {
        "a": 'x.ScramLoginModule required username="u" password="p";',
        "tasks.max": "1",
    }
