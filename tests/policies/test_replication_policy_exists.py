from __future__ import annotations

import pytest

from mirror_policies.fields import ABSENT, UNKNOWN
from tests.policies.resources import (
    IDENTITY,
    LAYOUTS,
    at,
    checkpoint_config,
    mirror_maker,
    only,
    source_config,
)

said = only("replication-policy-exists")[0]

RULE = "replication-policy-exists"
CLASS = "replication.policy.class"
REMOVED = "io.strimzi.kafka.connect.mirror.IdentityReplicationPolicy"
SOURCE = 'spec.mirrors[0].sourceConnector.config["replication.policy.class"]'
CHECKPOINT = 'spec.mirrors[0].checkpointConnector.config["replication.policy.class"]'
REMOVED_SAID = (
    f"{REMOVED} was removed in Strimzi 0.46: the connector would not start. Write {IDENTITY}, "
    "which means the same"
)


@pytest.mark.parametrize("made", LAYOUTS)
def test_the_removed_class_is_named_with_its_successor_wherever_it_stands(made):
    removed = made((source_config(CLASS), REMOVED), (checkpoint_config(CLASS), REMOVED))
    assert said(removed) == [(RULE, SOURCE, REMOVED_SAID), (RULE, CHECKPOINT, REMOVED_SAID)]


def test_the_removed_class_beside_its_successor_is_one_mistake_not_two():
    assert said(mirror_maker((source_config(CLASS), REMOVED))) == [(RULE, SOURCE, REMOVED_SAID)]


def test_a_heartbeat_connector_is_judged_too():
    section = {"config": {CLASS: REMOVED, "heartbeats.topic.replication.factor": 3}}
    broken = mirror_maker((at("spec.mirrors.0.heartbeatConnector"), section))
    path = f'spec.mirrors[0].heartbeatConnector.config["{CLASS}"]'
    assert said(broken) == [(RULE, path, REMOVED_SAID)]


@pytest.mark.parametrize(
    ("named", "message"),
    [
        pytest.param(
            "IdentityReplicationPolicy",
            "'IdentityReplicationPolicy' is no full class name: the connector would not start. "
            f"Write {IDENTITY}",
            id="without its package",
        ),
        pytest.param(
            "org.apache.kafka.connect.mirror.IdentityPolicy",
            "'org.apache.kafka.connect.mirror.IdentityPolicy' is no class of Kafka: the connector "
            "would not start. Write one of "
            f"org.apache.kafka.connect.mirror.DefaultReplicationPolicy, {IDENTITY}",
            id="misspelt",
        ),
    ],
)
def test_a_class_that_kafka_does_not_have_is_found(named, message):
    broken = mirror_maker((source_config(CLASS), named), (checkpoint_config(CLASS), named))
    assert said(broken) == [(RULE, SOURCE, message), (RULE, CHECKPOINT, message)]


@pytest.mark.parametrize(
    "named",
    [
        pytest.param(IDENTITY, id="identity"),
        pytest.param("org.apache.kafka.connect.mirror.DefaultReplicationPolicy", id="default"),
        pytest.param("com.example.OurPolicy", id="a class of the user's image"),
        pytest.param(ABSENT, id="none"),
        pytest.param("", id="blank"),
        pytest.param(["a"], id="a list, which the operator refuses itself"),
    ],
)
def test_classes_that_can_exist_pass(named):
    both = mirror_maker((source_config(CLASS), named), (checkpoint_config(CLASS), named))
    assert said(both) == []


def test_an_unknown_class_is_left_for_later():
    assert said(mirror_maker((source_config(CLASS), UNKNOWN))) == [
        (RULE, SOURCE, "whether this class exists can be told once it is known")
    ]
