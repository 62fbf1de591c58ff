"""Whatever valid topology a user writes, what the project renders of it may be deployed."""

from __future__ import annotations

import copy

from hypothesis import given

from kafka_mirror.cli.check_sources import rendered_objects
from kafka_mirror.cli.offline import OfflineStack
from kafka_mirror.planning import plan
from kafka_mirror.topology import load
from mirror_policies import Configuration, check
from mirror_policies.rule import Profile
from tests.strategies import Stack, stacks


def over_tls(stack: Stack) -> Stack:
    """Return the stack with TLS at every listener: a login in the clear is valid, and rightly stopped."""
    configuration = copy.deepcopy(stack.configuration)
    for site in configuration["sites"].values():
        for listener in site.get("kafka", {}).get("listeners", ()):
            listener.pop("tls", None)
    return Stack(configuration, stack.elsewhere)


NOT_FOR_PRODUCTION = {
    "replication-factor-declared": "The target has one or two nodes, so there are no three copies.",
    "cluster-defaults-declared": "The site has one or two nodes.",
    "source-retention-covers-outage": "Records are kept for less than three days.",
    "patterns-match-a-topic": "The flow names a topic that no stack declares.",
    "replicated-users-alike": (
        "A user that was declared at both sites by hand cannot read what is mirrored under a prefix."
    ),
}
"""What keeps a valid topology from production, by rule, and why that is right."""


def judged(stack: Stack, profile: Profile = Profile.DEVELOPMENT) -> list[tuple[str, str, str]]:
    planned = OfflineStack(plan=plan(load(stack.configuration), stack.elsewhere), sources={})
    material = rendered_objects(planned, origin="Pulumi.any.yaml")
    return [
        (found.rule, found.object, found.message)
        for found in check(
            material.objects,
            sites=material.sites,
            configuration=Configuration(profile=profile),
        )
        if found.stops
    ]


@given(stacks(least_flows=1))
def test_no_mandatory_rule_is_broken_by_a_valid_topology(stack: Stack) -> None:
    assert judged(over_tls(stack)) == []


@given(stacks(least_flows=1))
def test_of_a_listener_without_tls_nothing_but_that_is_said(stack: Stack) -> None:
    assert {rule for rule, _, _ in judged(stack)} <= {"login-only-over-tls"}


@given(stacks(least_flows=1))
def test_in_production_nothing_is_broken_but_what_is_not_meant_for_it(stack: Stack) -> None:
    broken = {rule for rule, _, _ in judged(over_tls(stack), Profile.PRODUCTION)}
    assert broken <= set(NOT_FOR_PRODUCTION)
    assert all(reason.endswith(".") for reason in NOT_FOR_PRODUCTION.values())
