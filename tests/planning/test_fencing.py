"""A fenced user loses Write on topics and nothing else, exactly where it is fenced."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from kafka_mirror.planning import Plan, describe_sites, plan
from kafka_mirror.planning.authorizer import merged
from kafka_mirror.planning.fences import without_writing
from kafka_mirror.planning.rights import Right
from kafka_mirror.topology import SiteName, UserName, load
from tests.planning.plans import planned, two_stacks, with_user
from tests.planning.test_rights import allowed, rights
from tests.topology.configurations import changed, two_sites

DEV, STG = SiteName("dev"), SiteName("stg")
WRITES_AND_READS: list[dict[str, Any]] = [
    {"role": "producer", "topics": ["items", {"pattern": "inv-.*"}]},
    {"role": "consumer", "topics": ["items"], "groups": ["app"]},
]


def may(found: Plan, site: SiteName, user: str) -> list[str]:
    """Return what a user may do at a site, its own or one it was replicated to."""
    made = [one for one in found.sites[site].users if one.name == user]
    made += [
        one
        for flow in found.flows
        if flow.target.site == site
        for one in flow.replicated_users
        if one.name == user
    ]
    (one,) = made
    return ["fenced", *map(str, one.rights)] if one.fenced else list(map(str, one.rights))


@given(granted=rights)
def test_a_fence_takes_exactly_writing_to_topics(granted: list[Right]) -> None:
    before, after = allowed(granted), allowed(without_writing(granted))
    lost = before - after

    assert after <= before
    assert not any(kind == "topic" and what == "Write" for kind, _, what in after)
    # Write brings Describe, so that may go with it.
    assert {(kind, what) for kind, _, what in lost} <= {("topic", "Write"), ("topic", "Describe")}


@given(granted=rights)
def test_a_fence_is_lifted_without_a_trace_and_put_up_twice_is_one(granted: list[Right]) -> None:
    assert merged(without_writing(without_writing(granted))) == merged(without_writing(granted))


def test_a_fenced_user_goes_on_reading_and_committing() -> None:
    found = planned(with_user("app", *WRITES_AND_READS, fenced=True))

    assert may(found, DEV, "app") == ["fenced", "Read on group 'app'", "Read on topic 'items'"]


def test_a_user_of_two_sites_is_fenced_at_the_one_that_is_named() -> None:
    configuration = with_user("app", *WRITES_AND_READS, fenced=["dev"])
    configuration["users"]["app"]["sites"] = ["dev", "stg"]

    found = planned(configuration)

    assert may(found, DEV, "app")[0] == "fenced"
    assert "Read, Write on topic 'items'" in may(found, STG, "app")


def test_a_user_fenced_at_the_source_writes_at_the_target() -> None:
    found = planned(changed(two_sites(), "users", "producer", "fenced", to=True))

    assert may(found, DEV, "producer") == ["fenced"]
    assert may(found, STG, "producer") == ["Write on topic 'items'"]


@pytest.mark.parametrize("fenced", [True, ["producer"]])
def test_a_flow_fences_at_its_target_alone(fenced: Any) -> None:
    found = planned(changed(two_sites(), "flows", "dev-to-stg", "fenced", to=fenced))

    assert may(found, DEV, "producer") == ["Write on topic 'items'"]
    assert may(found, STG, "producer") == ["fenced"]


def test_a_fenced_user_of_another_stack_is_not_fenced_here() -> None:
    here, elsewhere = two_stacks()
    dev = elsewhere[DEV]
    fenced = dev.users[UserName("producer")].model_copy(update={"fenced": True})
    told = dev.model_copy(update={"users": {**dev.users, UserName("producer"): fenced}})

    assert may(planned(here, {DEV: told}), STG, "producer") == ["Write on topic 'items'"]


def test_the_description_of_a_site_tells_who_is_fenced_there() -> None:
    topology = load(
        changed(
            changed(two_sites(), "users", "producer", "fenced", to=True),
            *("flows", "dev-to-stg", "fenced"),
            to=["consumer"],
        )
    )

    described = describe_sites(topology, {})

    fenced = {
        site: {name for name, user in one.users.items() if user.fenced}
        for site, one in described.items()
    }
    assert fenced == {DEV: {"producer"}, STG: {"consumer"}}
    assert plan(topology, {}).descriptions == described
