from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror_policies import RULES, Configuration, Finding, Level, check
from mirror_policies.fields import ABSENT, UNKNOWN
from tests.policies.resources import (
    LAYOUTS,
    at,
    changed,
    found,
    kafka,
    mirror_maker,
    node_pool,
    old_mirror_maker,
    said,
    source_config,
    target_config,
    topic,
)

FACTOR = source_config("replication.factor")


@pytest.mark.parametrize("made", LAYOUTS)
def test_a_valid_stack_breaks_no_rule(made):
    assert found(made(), kafka(), node_pool(), topic()) == ()


def test_a_finding_names_rule_level_object_path_and_message():
    assert found(mirror_maker((FACTOR, ABSENT))) == (
        Finding(
            rule="replication-factor-declared",
            level=Level.MANDATORY,
            object="KafkaMirrorMaker2 stg/dev-to-stg",
            path='spec.mirrors[0].sourceConnector.config["replication.factor"]',
            message="replication.factor is not set, so 2 copies are asked for whatever the target "
            "has. Write the number, or -1 for the broker's default",
        ),
    )


def test_findings_come_by_object_then_by_rule():
    first = mirror_maker((at("spec.target.tls"), ABSENT), (FACTOR, 4), (("metadata", "name"), "a"))
    second = mirror_maker((FACTOR, 9), (("metadata", "name"), "b"))
    # The second one has the first one's group and topics, which is no matter here.
    findings = [f for f in found(first, second, node_pool()) if f.rule != "workers-apart"]
    assert [(f.object.rpartition("/")[2], f.rule) for f in findings] == [
        ("a", "replication-factor-fits-brokers"),
        ("a", "login-only-over-tls"),
        ("b", "replication-factor-fits-brokers"),
    ]


def test_objects_of_other_groups_are_not_judged():
    foreign = mirror_maker((("apiVersion",), "example.com/v1"), (FACTOR, ABSENT))
    assert found(foreign) == ()


def test_both_layouts_in_one_object_mean_the_new_one():
    both = changed(old_mirror_maker(), (at("spec.target"), mirror_maker()["spec"]["target"]))
    both["spec"]["mirrors"] = mirror_maker()["spec"]["mirrors"]
    both["spec"]["clusters"][0]["tls"] = ABSENT
    assert found(both) == ()


def test_what_hangs_on_an_unknown_value_is_advice_and_the_rest_is_judged():
    findings = found(mirror_maker((FACTOR, UNKNOWN), (at("spec.target.tls"), ABSENT)))
    assert [(f.rule, f.level, f.path) for f in findings] == [
        (
            "replication-factor-declared",
            Level.ADVISORY,
            'spec.mirrors[0].sourceConnector.config["replication.factor"]',
        ),
        ("login-only-over-tls", Level.MANDATORY, "spec.target.tls"),
    ]


@pytest.mark.parametrize("made", LAYOUTS)
def test_an_unknown_structure_is_said_and_never_taken_for_sound(made):
    unknown = changed(made(), (at("spec.mirrors"), UNKNOWN))
    assert (
        "tls-on-every-end",
        "spec.mirrors",
        "what it holds can be judged once it is known",
    ) in said(unknown)


def test_a_level_can_be_changed_for_one_rule_and_for_all():
    broken = mirror_maker((FACTOR, ABSENT), (at("spec.target.tls"), ABSENT))
    configuration = Configuration.read(
        {"all": "advisory"}
        | dict.fromkeys(
            ("login-only-over-tls", "source-site-shown", "target-site-shown"), "disabled"
        ),
        rules=RULES,
    )
    findings = check([broken], configuration=configuration)
    assert [(f.rule, f.level) for f in findings] == [
        ("replication-factor-declared", Level.ADVISORY)
    ]


def test_an_object_in_a_cycle_is_judged_like_any_other():
    broken = mirror_maker()
    broken["spec"]["target"]["tls"] = broken
    assert ("tls-on-every-end", "spec.target.tls.trustedCertificates") in [
        (f.rule, f.path) for f in found(broken)
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(UNKNOWN),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)


def paths(value: Any) -> list[tuple[str | int, ...]]:
    """Return every place in plain data, the root left out."""
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    below: list[tuple[str | int, ...]] = []
    for key, member in entries:
        below.append((key,))
        if isinstance(member, dict | list):
            below.extend((key, *rest) for rest in paths(member))
    return below


@st.composite
def spoiled(draw):
    made = draw(
        st.sampled_from([mirror_maker(), old_mirror_maker(), kafka(), node_pool(), topic()])
    )
    for _ in range(draw(st.integers(1, 3))):
        made = changed(made, (draw(st.sampled_from(paths(made) or [("spec",)])), draw(JSON)))
    return made


@given(st.lists(JSON, max_size=4))
def test_arbitrary_data_never_raises(objects):
    assert check(objects) == ()


@given(spoiled(), spoiled())
def test_malformed_resources_never_raise_and_findings_stay_short(one, other):
    for finding in check([one, other, kafka(), node_pool()]):
        assert finding.message.isprintable()
        assert len(finding.message) < 600


@given(spoiled())
def test_the_same_objects_give_the_same_findings(resource):
    assert check([resource, node_pool()]) == check([resource, node_pool()])


def test_no_value_of_a_secret_field_is_repeated():
    broken = mirror_maker(
        (at("spec.target.authentication.password"), "hidden-one"),
        (at("spec.target.tls"), ["hidden-two"]),
        (target_config("sasl.jaas.config"), "hidden-three"),
    )
    assert "hidden" not in str(found(broken))
    assert found(broken)
