"""Our resource says at least what one says that a real operator was given, and made connectors of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kafka_mirror import manifests
from kafka_mirror.manifests import Connection
from kafka_mirror.planning import Trust
from tests.planning.plans import login, planned
from tests.topology.configurations import two_sites

VARIABLE = "KAFKA_MIRROR_GOLDEN"
CASE = Path("strimzi-1.2.0/mm2-identity-scram-tls/input.yaml")
# A version is left to the operator, and certificates are trusted by pattern instead of by key.
OTHERWISE = {"spec.version", "certificate"}


@pytest.fixture
def recorded() -> dict[str, Any]:
    directory = os.environ.get(VARIABLE)
    if not directory or not (Path(directory) / CASE).is_file():
        pytest.skip(f"{VARIABLE} names no directory of recorded operator behaviour")
    documents = yaml.safe_load_all((Path(directory) / CASE).read_text())
    (found,) = [one for one in documents if one["kind"] == "KafkaMirrorMaker2"]
    return dict(found)


def paths(value: Any, at: str = "") -> Iterator[str]:
    """Yield the path of every leaf, whatever its value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, f"{at}.{key}" if at else str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, f"{at}[]")
    else:
        yield at


def test_every_field_of_the_recorded_resource_is_said(recorded: dict[str, Any]) -> None:
    (flow,) = planned(two_sites()).flows
    there = Connection(
        bootstrap_servers="b:9093", trust=Trust(secret="t"), login=login(held_in="c")
    )
    ours = manifests.mirror_maker(flow, source=there, target=there)

    missing = set(paths(recorded)) - set(paths(ours))

    assert {one for one in missing if not one.endswith(tuple(OTHERWISE))} == set()


def test_settings_that_decide_where_records_and_offsets_go_are_the_recorded_ones(
    recorded: dict[str, Any],
) -> None:
    (flow,) = planned(two_sites()).flows
    there = Connection(
        bootstrap_servers="b:9093", trust=Trust(secret="t"), login=login(held_in="c")
    )
    ours = manifests.mirror_maker(flow, source=there, target=there)

    for connector in ("sourceConnector", "checkpointConnector"):
        theirs = recorded["spec"]["mirrors"][0][connector]["config"]
        mine = ours["spec"]["mirrors"][0][connector]["config"]
        for key, value in theirs.items():
            if "interval" not in key:
                assert (key, mine[key]) == (key, value)
