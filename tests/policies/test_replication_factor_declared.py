from __future__ import annotations

import pytest

from mirror_policies import RULES, Configuration, check
from mirror_policies.durability import replication_factor_declared
from mirror_policies.fields import ABSENT, UNKNOWN
from tests.policies.resources import (
    LAYOUTS,
    at,
    changed,
    checkpoint_config,
    mirror_maker,
    old_mirror_maker,
    only,
    source_config,
    target_config,
)

said = only("replication-factor-declared")[0]

RULE = "replication-factor-declared"
FACTOR = source_config("replication.factor")
FACTOR_PATH = 'spec.mirrors[0].sourceConnector.config["replication.factor"]'

PLACES = [
    pytest.param(source_config("replication.factor"), 2, id="mirrored topics"),
    pytest.param(source_config("offset-syncs.topic.replication.factor"), 3, id="offset syncs"),
    pytest.param(checkpoint_config("checkpoints.topic.replication.factor"), 3, id="checkpoints"),
]
WORKER = [f"{topic}.storage.replication.factor" for topic in ("config", "offset", "status")]


def missing(key: str, default: int) -> str:
    return (
        f"{key} is not set, so {default} copies are asked for whatever the target has. "
        "Write the number, or -1 for the broker's default"
    )


@pytest.mark.parametrize("made", LAYOUTS)
@pytest.mark.parametrize(("place", "default"), PLACES)
def test_a_factor_of_a_connector_that_is_not_set_is_found(made, place, default):
    connector, key = place[3], place[-1]
    path = f'spec.mirrors[0].{connector}.config["{key}"]'
    assert said(made((place, ABSENT))) == [(RULE, path, missing(key, default))]


@pytest.mark.parametrize("key", WORKER)
def test_a_factor_of_the_workers_topics_that_is_not_set_is_found(key):
    broken = mirror_maker((target_config(key), ABSENT))
    assert said(broken) == [(RULE, f'spec.target.config["{key}"]', missing(key, 3))]


@pytest.mark.parametrize("key", WORKER)
def test_in_the_old_layout_the_worker_is_at_the_connect_cluster(key):
    broken = old_mirror_maker((at("spec.clusters.1.config", key), ABSENT))
    assert said(broken) == [(RULE, f'spec.clusters[1].config["{key}"]', missing(key, 3))]


def test_without_a_section_its_connector_asks_for_no_copies():
    assert said(mirror_maker((at("spec.mirrors.0.checkpointConnector"), ABSENT))) == []


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        pytest.param(0, "0", id="zero"),
        pytest.param(-2, "-2", id="negative"),
        pytest.param("three", "'three'", id="a word"),
        pytest.param(2.5, "2.5", id="a fraction"),
        pytest.param(True, "true", id="a boolean"),
        pytest.param([3], "a list", id="a list"),
    ],
)
def test_what_is_no_number_of_copies_is_found(given, shown):
    message = (
        f"replication.factor is {shown}, which is no number of copies. "
        "Write a number from 1 up, or -1 for the broker's default"
    )
    assert said(mirror_maker((FACTOR, given))) == [(RULE, FACTOR_PATH, message)]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(1, id="one copy"),
        pytest.param("3", id="a number as text"),
        pytest.param(3.0, id="a whole number that arrived as a float"),
        pytest.param(-1, id="the broker's default"),
        pytest.param("-1", id="the broker's default as text"),
    ],
)
def test_numbers_of_copies_pass(given):
    assert said(mirror_maker((FACTOR, given))) == []


def test_a_minimum_can_be_set_and_the_brokers_default_still_passes():
    configuration = Configuration.read({RULE: {"minimum": 3}}, rules=RULES)
    few = mirror_maker((FACTOR, 2), (source_config("offset-syncs.topic.replication.factor"), -1))
    findings = check([few], configuration=configuration, rules=[replication_factor_declared.RULE])
    assert [(f.rule, f.path, f.message) for f in findings] == [
        (
            RULE,
            FACTOR_PATH,
            (
                "replication.factor is 2, the minimum here is 3: fewer brokers may be lost than that "
                "minimum allows. Write a number from 3 up, or -1"
            ),
        )
    ]


def test_an_unknown_factor_is_left_for_later():
    assert said(mirror_maker((FACTOR, UNKNOWN))) == [
        (RULE, FACTOR_PATH, "it can be judged once it is known")
    ]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(at("spec.connectCluster"), "other", id="names no cluster"),
        pytest.param(at("spec.clusters.1.alias"), ABSENT, id="cluster without alias"),
    ],
)
def test_without_a_connect_cluster_the_worker_is_not_judged(place, value):
    assert said(changed(old_mirror_maker(), (place, value))) == []
