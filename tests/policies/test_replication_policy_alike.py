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

said = only("replication-policy-alike")[0]

RULE = "replication-policy-alike"
CLASS, SEPARATOR = "replication.policy.class", "replication.policy.separator"
DEFAULT = "org.apache.kafka.connect.mirror.DefaultReplicationPolicy"
SOURCE = "spec.mirrors[0].sourceConnector.config"
CHECKPOINT = "spec.mirrors[0].checkpointConnector.config"


@pytest.mark.parametrize("made", LAYOUTS)
@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        pytest.param(
            [(checkpoint_config(CLASS), ABSENT)],
            f'{CHECKPOINT}["{CLASS}"]',
            f"sourceConnector has {CLASS} '{IDENTITY}', checkpointConnector has no {CLASS} "
            "(DefaultReplicationPolicy applies): group offsets would go to topics that do not "
            f"exist. Write the same {CLASS} into both",
            id="identity on the source connector only",
        ),
        pytest.param(
            [(source_config(CLASS), ABSENT)],
            f'{SOURCE}["{CLASS}"]',
            f"sourceConnector has no {CLASS} (DefaultReplicationPolicy applies), "
            f"checkpointConnector has {CLASS} '{IDENTITY}': group offsets would go to topics that "
            f"do not exist. Write the same {CLASS} into both",
            id="identity on the checkpoint connector only",
        ),
        pytest.param(
            [(checkpoint_config(CLASS), "com.example.Policy")],
            f'{CHECKPOINT}["{CLASS}"]',
            f"sourceConnector has {CLASS} '{IDENTITY}', checkpointConnector has {CLASS} "
            "'com.example.Policy': group offsets would go to topics that do not exist. "
            f"Write the same {CLASS} into both",
            id="two classes",
        ),
        pytest.param(
            [(source_config(SEPARATOR), "")],
            f'{CHECKPOINT}["{SEPARATOR}"]',
            f"sourceConnector has {SEPARATOR} '', checkpointConnector has no {SEPARATOR} ('.' "
            "applies): the two would look for offset syncs in different topics and no group offset "
            f"would be translated. Write the same {SEPARATOR} into both",
            id="separator on the source connector only",
        ),
    ],
)
def test_connectors_that_name_topics_differently_are_found(made, changes, path, message):
    assert said(made(*changes)) == [(RULE, path, message)]


@pytest.mark.parametrize("made", LAYOUTS)
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param([], id="identity on both"),
        pytest.param(
            [(source_config(CLASS), ABSENT), (checkpoint_config(CLASS), ABSENT)], id="none on both"
        ),
        pytest.param(
            [(source_config(CLASS), ABSENT), (checkpoint_config(CLASS), DEFAULT)],
            id="none, and the default by name",
        ),
        pytest.param([(source_config(CLASS), f" {IDENTITY} ")], id="blanks around a class"),
        pytest.param([(checkpoint_config(SEPARATOR), ".")], id="the default separator by name"),
        pytest.param(
            [(source_config(SEPARATOR), "_"), (checkpoint_config(SEPARATOR), "_")],
            id="one separator on both",
        ),
        pytest.param(
            [(at("spec.mirrors.0.checkpointConnector"), ABSENT)], id="no checkpoint connector"
        ),
        pytest.param([(at("spec.mirrors.0.sourceConnector"), None)], id="no source connector"),
    ],
)
def test_connectors_that_name_topics_alike_pass(made, changes):
    assert said(made(*changes)) == []


def test_sections_without_config_both_take_the_default():
    empty = mirror_maker(
        (at("spec.mirrors.0.sourceConnector"), {}), (at("spec.mirrors.0.checkpointConnector"), {})
    )
    assert said(empty) == []


def test_each_mirror_is_compared_by_itself():
    broken = mirror_maker((checkpoint_config(CLASS), ABSENT))
    good = mirror_maker()["spec"]["mirrors"][0]
    broken["spec"]["mirrors"].insert(0, good)
    assert [path for _, path, _ in said(broken)] == [
        f'spec.mirrors[1].checkpointConnector.config["{CLASS}"]'
    ]


def test_an_unknown_class_is_left_for_later():
    unknown = mirror_maker((checkpoint_config(CLASS), UNKNOWN))
    assert said(unknown) == [
        (
            RULE,
            f'{CHECKPOINT}["{CLASS}"]',
            f"{CLASS} of both connectors can be compared once it is known",
        )
    ]
