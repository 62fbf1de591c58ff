from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import pytest

import mirror_policies
from mirror_policies import RULES
from mirror_policies.documentation import policies_page
from mirror_policies.exemptions.explained import ID as EXEMPTIONS
from mirror_policies.rule import Family, Level, ObjectRule, Rule, Severity

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"
FAMILIES = {family: importlib.import_module(f"mirror_policies.{family.value}") for family in Family}


def declared(family: Family) -> set[str]:
    names = (module.name for module in pkgutil.iter_modules(FAMILIES[family].__path__))
    modules = (importlib.import_module(f"mirror_policies.{family.value}.{name}") for name in names)
    return {rule.id for module in modules for rule in rules_of(module)}


def rules_of(module: ModuleType) -> tuple[Rule, ...]:
    return (*((module.RULE,) if hasattr(module, "RULE") else ()), *getattr(module, "RULES", ()))


def test_ids_are_unique():
    ids = [rule.id for rule in RULES]
    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("family", list(Family))
def test_every_module_with_a_rule_is_registered_under_its_family(family):
    # The rule on exemptions is made from all the others, so no module can hold it.
    made = {EXEMPTIONS} if family is Family.EXEMPTIONS else set()
    assert declared(family) | made == {rule.id for rule in RULES if rule.family is family}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_a_reader_needs(rule):
    assert rule.why.count(". ") == 0, "why is one sentence"
    assert rule.why.endswith(".")
    assert rule.fix.endswith(".")
    assert not rule.title.endswith(".")
    assert re.match(
        r"https://(strimzi\.io|kafka\.apache\.org|ibm\.github\.io|www\.pulumi\.com)/", rule.link
    )
    assert rule.tags
    assert rule.kinds


def test_rules_of_one_family_stand_together():
    families = [rule.family for rule in RULES]
    assert families == sorted(families, key=list(Family).index)


@pytest.mark.parametrize("name", ["all", "Not_Kebab", "", "-a", "a--b"])
def test_an_id_that_a_configuration_could_not_name_is_refused(name):
    with pytest.raises(ValueError, match="cannot name a rule: kebab case is needed"):
        ObjectRule(
            id=name,
            title="",
            family=Family.TRUST,
            level=Level.ADVISORY,
            severity=Severity.LOW,
            why="",
            fix="",
            link="",
            tags=(),
            kinds=frozenset(),
            check=lambda judged, settings: (),
        )


def test_the_page_is_the_one_the_registry_writes():
    written = PAGE.read_text(encoding="utf-8")
    assert written == policies_page(), (
        "run: python -m mirror_policies.documentation > docs/policies.md"
    )


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md"])
def test_the_number_of_rules_is_the_one_that_is_told(page):
    assert f"with {len(RULES)} rules" in (PAGE.parents[1] / page).read_text(encoding="utf-8")


def test_the_page_shows_thresholds_with_their_default():
    said = "- **Setting** `minimum` (default 1, in production 3): Fewest copies that are accepted"
    assert said in policies_page()


def test_the_package_offers_its_names():
    assert all(hasattr(mirror_policies, name) for name in mirror_policies.__all__)
