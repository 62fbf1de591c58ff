"""A flow that moves no groups says so in every dialect, and has nothing that would move one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from kafka_mirror import manifests
from kafka_mirror.cli.check_sources import rendered_objects
from kafka_mirror.cli.offline import OfflineStack
from kafka_mirror.planning import Plan, plan
from kafka_mirror.topology import Operator, load
from mirror_policies import Configuration, check
from mirror_policies.rule import Profile
from tests.manifests.flows import (
    EVENT_STREAMS_12,
    EVENT_STREAMS_13,
    OLD_STRIMZI,
    connection,
    ends,
    flow_plan,
    served_flow,
)
from tests.planning.plans import planned
from tests.strategies import Stack, stacks
from tests.topology.configurations import changed, two_sites


def rights_of_writer(groups: Any) -> set[str]:
    found = planned(changed(two_sites(), "flows", "dev-to-stg", "groups", to=groups))
    (writer,) = [one for site in found.sites.values() for one in site.users if one.name == "writer"]
    return set(map(str, writer.rights))


@pytest.mark.parametrize("operator", [{}, OLD_STRIMZI, EVENT_STREAMS_12, EVENT_STREAMS_13])
def test_an_operator_is_asked_for_no_groups_and_no_connector_for_them(operator: Any) -> None:
    plan = served_flow(flow_plan(groups=[]), Operator.model_validate(operator))

    spec = manifests.mirror_maker(plan, source=connection(), target=connection())["spec"]

    assert spec["mirrors"][0]["groupsPattern"] == ""
    assert "checkpointConnector" not in spec["mirrors"][0]
    assert "sourceConnector" in spec["mirrors"][0]


def test_connect_is_posted_the_connector_of_records_alone() -> None:
    plan = flow_plan(groups=[])

    (only,) = manifests.connect(plan, **ends(plan))["connectors"]

    assert only["name"] == "dev->stg.MirrorSourceConnector"
    assert only["config"]["groups"] == ""


def test_in_dedicated_mode_the_connector_of_groups_has_none() -> None:
    plan = flow_plan(groups=[])

    lines = manifests.properties(plan, **ends(plan)).splitlines()

    assert {"dev->stg.groups=", "dev->stg.sync.group.offsets.enabled=false"} <= set(lines)
    # Without these the connector refuses to start.
    assert not [line for line in lines if "emit.checkpoints.enabled" in line]


def test_its_user_needs_no_right_for_groups() -> None:
    lost = rights_of_writer("all") - rights_of_writer([])
    gained = rights_of_writer([]) - rights_of_writer("all")

    assert lost == {
        "Read on every group",
        "Create, Read, Write on topic 'dev.checkpoints.internal'",
        "Alter, AlterConfigs, Create, Read, Write on topic 'items'",
    }
    assert gained == {
        "Read on group 'mm2-dev-to-stg'",
        "Alter, AlterConfigs, Create, Write on topic 'items'",
    }


def test_nothing_waits_for_checkpoints_that_do_not_come() -> None:
    def alerts(**changes: Any) -> set[str]:
        (rule,) = [
            one
            for one in manifests.flow_monitoring(flow_plan(metrics=True, **changes))
            if one["kind"] == "PrometheusRule"
        ]
        return {one["alert"] for group in rule["spec"]["groups"] for one in group["rules"]}

    assert alerts() - alerts(groups=[]) == {"MirrorCheckpointsLate"}


def test_the_policies_take_it_as_meant() -> None:
    configuration = changed(two_sites(), "flows", "dev-to-stg", "groups", to=[])
    source = OfflineStack(plan=planned(configuration), sources={})
    material = rendered_objects(source, origin="x")

    found = check(
        material.objects,
        sites=material.sites,
        configuration=Configuration(profile=Profile.PRODUCTION),
    )

    assert [
        one for one in found if one.rule in {"group-offsets-synced", "mirror-user-rights"}
    ] == []


@given(stack=stacks())
def test_a_flow_has_a_connector_for_groups_if_it_moves_any(stack: Stack) -> None:
    found: Plan = plan(load(stack.configuration), stack.elsewhere)

    for flow in found.flows:
        written = stack.configuration["flows"][flow.name].get("groups", "all")
        mirror = manifests.mirror_maker(flow, source=connection(), target=connection())
        assert ("checkpointConnector" in mirror["spec"]["mirrors"][0]) == (written != [])
        assert flow.moves_groups == (written != [])
