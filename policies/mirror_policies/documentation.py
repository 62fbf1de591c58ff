"""Write ``docs/policies.md`` from the registry: ``python -m mirror_policies.documentation``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby

from mirror_policies.registry import RULES
from mirror_policies.rule import ObjectRule, Rule

_INTRODUCTION = """\
# Policies

Written by `python -m mirror_policies.documentation`; do not edit.

A *mandatory* rule stops the deployment, an *advisory* one is shown and lets it pass. How to run the
pack, change a level or set a threshold: [policies/README.md](../policies/README.md).
"""


def policies_page(rules: Sequence[Rule] = RULES) -> str:
    """Return the page: a table of all rules, then a section for each family and rule."""
    return "\n".join([_INTRODUCTION, *_table(rules), *_sections(rules)]).rstrip() + "\n"


def _table(rules: Sequence[Rule]) -> Iterator[str]:
    yield "| rule | level | severity | what holds when it is kept |"
    yield "|---|---|---|---|"
    for rule in rules:
        yield f"| [`{rule.id}`](#{rule.id}) | {rule.level} | {rule.severity} | {rule.title} |"
    yield ""


def _sections(rules: Sequence[Rule]) -> Iterator[str]:
    for family, members in groupby(rules, key=lambda rule: rule.family):
        yield f"## {family.capitalize()}\n"
        for rule in members:
            yield from _section(rule)


def _section(rule: Rule) -> Iterator[str]:
    scope = "each object by itself" if isinstance(rule, ObjectRule) else "all objects of a stack"
    yield f"### {rule.id}\n"
    yield f"{rule.title}. Level {rule.level}, severity {rule.severity}.\n"
    yield f"- **Why**: {rule.why}"
    yield f"- **Fix**: {rule.fix}"
    yield f"- **Judges**: {', '.join(sorted(rule.kinds))}; {scope}"
    for threshold in rule.thresholds:
        yield f"- **Setting** `{threshold.name}` (default {threshold.default}): {threshold.description}"
    yield f"- **Tags**: {', '.join(rule.tags)}"
    yield f"- **More**: <{rule.link}>\n"


if __name__ == "__main__":
    sys.stdout.write(policies_page())
