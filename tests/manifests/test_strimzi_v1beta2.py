"""The older layout, as Strimzi 0.45 to 0.51 and AMQ Streams 2.9 and 3.0 take it: checked against their definitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kafka_mirror import manifests
from kafka_mirror.cli.offline import OfflineStack
from kafka_mirror.cli.render import rendered
from kafka_mirror.topology import Operator
from tests.manifests.conftest import releases_serving
from tests.manifests.flows import (
    OLD_STRIMZI,
    connection,
    flow_plan,
    served_by,
    served_flow,
    site_plan,
)
from tests.manifests.schemas import CrdSchemas
from tests.planning.plans import login, planned
from tests.topology.configurations import changed, two_sites

OLD = Operator(type="strimzi", api="v1beta2")


def both_layouts(**changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the spec of a flow in the older layout, and in the newer one."""
    plan = flow_plan(**changes)
    ends = {
        "source": connection(bootstrap_servers="dev:443", login=login(held_in="dev")),
        "target": connection(bootstrap_servers="stg:443", login=login(held_in="stg")),
    }
    old, new = (
        manifests.mirror_maker(served_flow(plan, operator), **ends)["spec"]
        for operator in (OLD, Operator())
    )
    return old, new


@pytest.mark.parametrize("release", releases_serving("v1beta2"))
def test_every_object_is_valid_in_every_release_that_serves_it(
    release: str, crd_schemas_of: Callable[[str], CrdSchemas]
) -> None:
    configuration = served_by(OLD_STRIMZI)
    configuration["flows"]["dev-to-stg"] |= {
        "topicsExclude": [{"pattern": "tmp-.*"}],
        "groupsExclude": [{"pattern": "test-.*"}],
    }
    web = {
        "name": "web",
        "port": 9443,
        "type": "ingress",
        "host": "k.example.com",
        "brokerHost": "k-{nodeId}.example.com",
    }
    configuration = changed(configuration, "sites", "dev", "kafka", "listeners", 2, to=web)
    schemas = crd_schemas_of(release)

    for one in rendered(OfflineStack(plan=planned(configuration), sources={})):
        assert one["apiVersion"] == "kafka.strimzi.io/v1beta2"
        assert schemas.problems(one) == []


def test_mirrors_refer_to_clusters_by_their_aliases() -> None:
    old, new = both_layouts()

    assert old["connectCluster"] == "stg"
    assert [one["alias"] for one in old["clusters"]] == ["dev", "stg"]
    (mirror,) = old["mirrors"]
    assert (mirror["sourceCluster"], mirror["targetCluster"]) == ("dev", "stg")
    assert old["clusters"][0] == new["mirrors"][0]["source"]


def test_the_worker_has_its_own_group_and_topics_and_not_those_of_every_flow() -> None:
    old, new = both_layouts()

    assert old["clusters"][1]["config"] == {
        "group.id": "mm2-dev-to-stg",
        "config.storage.topic": "__mm2-dev-to-stg-configs",
        "offset.storage.topic": "__mm2-dev-to-stg-offsets",
        "status.storage.topic": "__mm2-dev-to-stg-status",
        **new["target"]["config"],
    }


def test_what_is_mirrored_and_how_is_said_alike_in_both_layouts() -> None:
    old, new = both_layouts(
        topicsExclude=[{"pattern": "tmp-.*"}],
        groupsExclude=[{"pattern": "test-.*"}],
        tuning={"offset.lag.max": 3},
        state="paused",
        tasks=4,
        replicas=2,
    )

    ends = {"source", "sourceCluster", "targetCluster"}
    first, second = (
        {key: value for key, value in one["mirrors"][0].items() if key not in ends}
        for one in (old, new)
    )
    assert first == second
    assert old["replicas"] == new["replicas"] == 2


def test_a_flow_taken_over_from_strimzis_own_names_keeps_them() -> None:
    """Without names every flow of the older layout was part of one group; its place is under these."""
    start = "mirrormaker2-cluster"
    names = {
        "resource": "mm2",
        "group": start,
        "configTopic": f"{start}-configs",
        "offsetTopic": f"{start}-offsets",
        "statusTopic": f"{start}-status",
    }
    old, new = both_layouts(names=names)

    assert old["clusters"][1]["config"]["group.id"] == new["target"]["groupId"] == start
    assert new["target"]["offsetStorageTopic"] == f"{start}-offsets"


def test_nodes_without_zookeeper_are_asked_for_as_strimzi_before_0_48_needs_it() -> None:
    kafka = manifests.kafka(site_plan(served_by(OLD_STRIMZI)))

    assert kafka["metadata"]["annotations"] == {
        "strimzi.io/node-pools": "enabled",
        "strimzi.io/kraft": "enabled",
    }
    assert "annotations" not in manifests.kafka(site_plan(two_sites()))["metadata"]
