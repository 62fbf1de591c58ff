"""Heartbeats that a stack writes for a flow are known as such by the pack."""

from __future__ import annotations

import pytest

from kafka_mirror.cli.check_sources import rendered_objects
from kafka_mirror.cli.offline import OfflineStack
from mirror_policies import check
from tests.planning.plans import planned
from tests.topology.configurations import two_sites


@pytest.mark.parametrize(("heartbeats", "missing"), [(["dev-to-stg"], 0), (["other"], 1)])
def test_a_measured_flow_is_missing_heartbeats_unless_its_source_names_it(
    heartbeats: list[str], missing: int
) -> None:
    configuration = two_sites()
    configuration["sites"]["dev"]["heartbeats"] = heartbeats
    configuration["users"]["reader"]["access"][0]["topics"].append("heartbeats")
    configuration["flows"]["dev-to-stg"]["metrics"] = True
    material = rendered_objects(OfflineStack(plan=planned(configuration), sources={}), origin="x")

    found = check(material.objects, sites=material.sites)

    assert [one.rule for one in found].count("heartbeats-present") == missing


def test_users_of_workers_are_no_applications() -> None:
    configuration = two_sites()
    for name, there in (("dev", "stg"), ("stg", "dev")):
        flow = f"{name}-to-{there}"
        configuration["sites"][name]["heartbeats"] = [flow]
        role = {"role": "mirror-source", "topics": ["items", "orders", "heartbeats"]}
        configuration["users"][f"reader-{name}"] = {"sites": [name], "access": [role]}
        role = {"role": "mirror-target", "flow": flow}
        configuration["users"][f"writer-{there}"] = {"sites": [there], "access": [role]}
        configuration["flows"][flow] = {
            "source": {"site": name, "user": f"reader-{name}"},
            "target": {"site": there, "user": f"writer-{there}"},
            "naming": "prefix",
            "topics": ["items" if name == "dev" else "orders"],
        }
    configuration["users"] = {
        name: user for name, user in configuration["users"].items() if "-" in name
    }
    material = rendered_objects(OfflineStack(plan=planned(configuration), sources={}), origin="x")

    found = check(material.objects, sites=material.sites)

    assert [one.rule for one in found if one.object.startswith("KafkaUser")] == []
