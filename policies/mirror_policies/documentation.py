"""Write ``docs/policies.md`` from the registry: ``python -m mirror_policies.documentation``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby

from mirror_policies.registry import RULES
from mirror_policies.rule import ObjectRule, Profile, Rule, Scope, Threshold

_INTRODUCTION = """\
# Policies

Written by `python -m mirror_policies.documentation`; do not edit.

A *mandatory* rule stops the deployment, an *advisory* one is shown and lets it pass. Two levels are
those of the profiles `development` and `production`. How to run the pack, choose a profile, change a
level, set a threshold or exempt an object: [policies/README.md](../policies/README.md).
"""

_SCOPES = {
    Scope.PULUMI: "what a Pulumi program declares",
    Scope.MANIFEST: "what no Pulumi program declares",
}


def policies_page(rules: Sequence[Rule] = RULES) -> str:
    """Return the page: a table of all rules, then a section for each family and rule."""
    return "\n".join([_INTRODUCTION, *_table(rules), *_sections(rules)]).rstrip() + "\n"


def _table(rules: Sequence[Rule]) -> Iterator[str]:
    yield "| rule | level | severity | what holds when it is kept |"
    yield "|---|---|---|---|"
    for rule in rules:
        yield f"| [`{rule.id}`](#{rule.id}) | {_levels(rule)} | {rule.severity} | {rule.title} |"
    yield ""


def _sections(rules: Sequence[Rule]) -> Iterator[str]:
    for family, members in groupby(rules, key=lambda rule: rule.family):
        yield f"## {family.capitalize()}\n"
        for rule in members:
            yield from _section(rule)


def _section(rule: Rule) -> Iterator[str]:
    scope = "each object by itself" if isinstance(rule, ObjectRule) else "all objects of a stack"
    yield f"### {rule.id}\n"
    yield f"{rule.title}. Level {_levels(rule)}, severity {rule.severity}.\n"
    yield f"- **Why**: {rule.why}"
    yield f"- **Fix**: {rule.fix}"
    yield f"- **Judges**: {', '.join(sorted(rule.kinds))}; {scope}"
    if rule.scope is not Scope.BOTH:
        yield f"- **Only**: {_SCOPES[rule.scope]}"
    for threshold in rule.thresholds:
        yield f"- **Setting** `{threshold.name}` ({_defaults(threshold)}): {threshold.description}"
    yield f"- **Tags**: {', '.join(rule.tags)}"
    yield f"- **More**: <{rule.link}>\n"


def _levels(rule: Rule) -> str:
    """Return the level, or both where the profiles differ."""
    levels = [rule.level_under(profile) for profile in Profile]
    return levels[0] if len(set(levels)) == 1 else " / ".join(levels)


def _defaults(threshold: Threshold) -> str:
    numbers = [threshold.under(profile) for profile in Profile]
    if len(set(numbers)) == 1:
        return f"default {numbers[0]}"
    return f"default {numbers[0]}, in production {numbers[1]}"


if __name__ == "__main__":
    sys.stdout.write(policies_page())
