from __future__ import annotations

import pytest

from kafka_mirror.errors import ConfigurationError
from mirror_policies import RULES, Configuration, Level

RULE = next(rule for rule in RULES if rule.id == "replication-factor-declared")
IDS = ", ".join(rule.id for rule in RULES)


def test_without_a_configuration_a_rule_keeps_its_own_level_and_thresholds():
    assert Configuration().level_of(RULE) is Level.MANDATORY
    assert Configuration().settings_of(RULE) == {"minimum": 1}


def test_a_rules_own_entry_beats_the_one_for_all():
    given = {"all": "disabled", RULE.id: {"enforcementLevel": "advisory", "minimum": "3"}}
    configuration = Configuration.read(given, rules=RULES)
    assert configuration.level_of(RULE) is Level.ADVISORY
    assert configuration.settings_of(RULE) == {"minimum": 3}
    assert configuration.level_of(RULES[0]) is Level.DISABLED


def test_every_problem_is_told_at_once():
    given = {
        "replication-factor-declare": "mandatory",
        "qqq": "mandatory",
        "all": "strict",
        RULE.id: {"enforcementLevel": 3, "minimum": 0, "maximum": 3},
        "hostname-verified": {"minimum": 3},
    }
    with pytest.raises(ConfigurationError) as raised:
        Configuration.read(given, rules=RULES)
    assert str(raised.value).splitlines() == [
        (
            "replication-factor-declare: the pack has no rule 'replication-factor-declare'. "
            "Did you mean 'replication-factor-declared'?"
        ),
        f"qqq: the pack has no rule 'qqq'. It has all, {IDS}",
        "all: 'strict' is not a level (allowed: mandatory, advisory, disabled)",
        f"{RULE.id}: 3 is not a level (allowed: mandatory, advisory, disabled)",
        f"{RULE.id}.minimum: 0 is not a whole number from 1 up",
        f"{RULE.id}.maximum: '{RULE.id}' has no setting 'maximum' (has enforcementLevel, minimum)",
        (
            "hostname-verified.minimum: 'hostname-verified' has no setting 'minimum' "
            "(has enforcementLevel)"
        ),
    ]
