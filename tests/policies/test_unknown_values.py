"""What is not known never passes for kept: a mandatory rule that hangs on it says so, or already speaks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mirror_policies import RULES
from mirror_policies.fields import UNKNOWN
from mirror_policies.rule import Level, Profile
from tests.policies.test_mutations import MUTATIONS, Mutation, judged, mutated

MANDATORY = {r.id for r in RULES if r.level_under(Profile.PRODUCTION) is Level.MANDATORY}
SETTLED_ELSEWHERE = {
    # Of what kind an object is says which rules are about it, so no rule is.
    "kind-is-served",
    "api-version-is-served",
    # An output in a setting is a text to Pulumi and to the operator.
    "settings-are-scalars",
}


BY_PRESENCE = {"fields-are-served", "connection-declared-once", "no-inline-credentials"}
"""Rules on what may not be there at all, whatever it turns out to be."""


def broken_by(mutation: Mutation) -> set[str]:
    return {said[0] for said in mutation.expected} & MANDATORY - SETTLED_ELSEWHERE


@pytest.mark.parametrize(
    "mutation",
    # Nobody leaves open what a topic is called.
    [one for one in MUTATIONS if broken_by(one) and one.place[-1] != "topicName"],
    ids=lambda mutation: mutation.id,
)
def test_a_rule_that_a_value_can_break_is_not_silent_while_it_is_unknown(mutation):
    findings = judged(mutated(replace(mutation, value=UNKNOWN)))
    said = {finding.rule for finding in findings}
    # What hangs on the address of a source is not judged, and one rule says so for all of them.
    of_address = {
        "patterns-match-a-topic",
        "short-names-near",
        "object-well-formed",
        "source-is-not-target",
    }
    unseen = of_address if "source-site-shown" in said else set()
    assert broken_by(mutation) - unseen <= said


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.id)
def test_no_rule_calls_an_unknown_value_wrong(mutation):
    def stopping(value: object) -> set[tuple[str, str, str]]:
        findings = judged(mutated(replace(mutation, value=value)))
        stopping = (one for one in findings if one.stops and one.rule not in BY_PRESENCE)
        return {(one.rule, one.object, one.path) for one in stopping}

    assert not {one for one in stopping(UNKNOWN) if one in mutation.expected}
