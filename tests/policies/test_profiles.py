from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from mirror_policies import RULES, Configuration
from mirror_policies.profiles import pulumi_configuration
from mirror_policies.rule import Level, Profile, Scope
from mirror_policies.version import VERSION

POLICIES = Path(__file__).parents[2] / "policies"
STRICTNESS = [Level.DISABLED, Level.ADVISORY, Level.MANDATORY]


@pytest.mark.parametrize("profile", list(Profile))
def test_the_file_of_a_profile_is_the_one_the_registry_writes(profile):
    written = (POLICIES / "profiles" / f"{profile}.json").read_text(encoding="utf-8")
    assert written == pulumi_configuration(profile), (
        f"run: python -m mirror_policies.profiles {profile} > policies/profiles/{profile}.json"
    )


@pytest.mark.parametrize("profile", list(Profile))
def test_the_file_and_the_profile_are_the_same_configuration(profile):
    given = json.loads((POLICIES / "profiles" / f"{profile}.json").read_text())
    read, meant = Configuration.read(given, rules=RULES), Configuration(profile=profile)
    for rule in RULES:
        assert read.level_of(rule) is meant.level_of(rule)
        assert read.settings_of(rule) == meant.settings_of(rule)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_production_is_never_laxer_than_development(rule):
    levels = [STRICTNESS.index(rule.level_under(profile)) for profile in Profile]
    assert levels == sorted(levels)


def test_a_level_of_ones_own_beats_the_profile():
    given = {"tls-on-every-end": "advisory"}
    chosen = Configuration.read(given, rules=RULES, profile=Profile.PRODUCTION)
    (rule,) = (rule for rule in RULES if rule.id == "tls-on-every-end")
    assert chosen.level_of(rule) is Level.ADVISORY


def test_rules_on_declarations_are_for_pulumi_alone():
    ids = {rule.id for rule in RULES if rule.scope is Scope.PULUMI}
    assert ids == {
        "explicit-provider",
        "default-providers-disabled",
        "production-protected",
        "objects-awaited",
    }


def test_the_pack_has_one_version():
    assert yaml.safe_load((POLICIES / "PulumiPolicy.yaml").read_text())["version"] == VERSION
