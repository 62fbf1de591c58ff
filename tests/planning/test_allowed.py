"""Planning lets through what works, however near it is to what the table of broken configurations holds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.planning.plans import planned, problems_of, two_stacks, with_user
from tests.topology.configurations import Configuration, changed, two_sites

FLOW = ("flows", "dev-to-stg")


def changed_flow(**changes: Any) -> Configuration:
    configuration = two_sites()
    configuration["flows"]["dev-to-stg"] |= changes
    return configuration


def mirroring(selector: Any, **flow: Any) -> Configuration:
    """Return the two sites whose flow and its user take one other topic or pattern."""
    configuration = changed_flow(topics=[selector], **flow)
    configuration["users"]["reader"]["access"][0]["topics"] = [selector]
    return configuration


def with_flow(
    name: str, *, source: str, target: str, topics: list[Any], **more: Any
) -> Configuration:
    """Return the two sites with one more flow, and users of its own."""
    configuration = two_sites()
    configuration["users"][f"{name}-reader"] = {
        "sites": [source],
        "access": [{"role": "mirror-source", "topics": topics}],
    }
    configuration["users"][f"{name}-writer"] = {
        "sites": [target],
        "access": [{"role": "mirror-target", "flow": name}],
    }
    configuration["flows"][name] = {
        "source": {"site": source, "user": f"{name}-reader"},
        "target": {"site": target, "user": f"{name}-writer"},
        "naming": "identity",
        "topics": topics,
        **more,
    }
    return configuration


def test_a_right_on_more_than_the_flow_takes_is_enough() -> None:
    wide = {"role": "mirror-source", "topics": {"pattern": "it.*"}, "groups": "all"}

    assert problems_of(with_user("reader", wide)) == []


def test_a_site_that_nobody_described_is_told() -> None:
    configuration, _ = two_stacks()

    assert problems_of(configuration) == [
        "sites.dev.stack: nothing is known of this site: its stack was not read"
    ]


@pytest.mark.parametrize(
    ("selector", "naming"),
    [
        pytest.param("device-heartbeats", "prefix", id="heartbeats under a prefix"),
        pytest.param("a.stg.x", "identity", id="name that carries the target under identity"),
        pytest.param("stg", "prefix", id="name that is the target's"),
        pytest.param("stg.", "prefix", id="name that is the target's and a dot"),
        pytest.param("x.stg", "prefix", id="name that ends in the target's"),
        pytest.param("y" * 245, "prefix", id="name just short enough"),
        pytest.param({"pattern": ".*"}, "identity", id="every topic"),
    ],
)
def test_a_selector_that_works_is_not_refused(selector: Any, naming: str) -> None:
    configuration = mirroring(selector, naming=naming)
    configuration["topics"] = {}

    assert problems_of(configuration) == []


def test_groups_by_pattern_are_left_to_mirror_maker() -> None:
    assert problems_of(changed_flow(groups={"pattern": "connect-.*"})) == []


@pytest.mark.parametrize("key", ["ssl.protocol", "log.retention.hours", "num.partitions"])
def test_other_broker_settings_may_be_written(key: str) -> None:
    configuration = changed(two_sites(), "sites", "dev", "kafka", "config", to={key: 1})

    assert problems_of(configuration) == []


def test_other_connector_settings_may_be_written() -> None:
    tuning = {"producer.override.linger.ms": 5, "offset.lag.max": 1, "replication.factor": 1}

    assert problems_of(changed_flow(tuning=tuning)) == []


def test_a_route_with_addresses_of_its_own_may_have_long_names() -> None:
    hosts = {"host": "kafka.example.com", "brokerHost": "kafka-{nodeId}.example.com"}
    listeners = [{"name": "external", "port": 9094, "type": "route", **hosts}]
    long = changed(two_sites(), "sites", "dev", "kubernetes", "namespace", to="n" * 63)

    assert problems_of(changed(long, "sites", "dev", "kafka", "listeners", to=listeners)) == []


@pytest.mark.parametrize("flow", [{"state": "stopped"}, {"naming": "prefix"}])
def test_a_topic_may_be_declared_where_no_flow_brings_it(flow: dict[str, Any]) -> None:
    both = {"sites": ["dev", "stg"]}

    assert problems_of(changed(changed_flow(**flow), "topics", "items", to=both)) == []


@pytest.mark.parametrize(
    "more", [{"state": "stopped"}, {"topicsExclude": [{"pattern": "items"}]}], ids=str
)
def test_flows_of_one_pair_whose_topics_differ_are_fine(more: dict[str, Any]) -> None:
    configuration = with_flow(
        "again", source="dev", target="stg", topics=[{"pattern": "it.*"}], **more
    )

    assert problems_of(configuration) == []


def test_a_loop_with_one_flow_stopped_is_legal() -> None:
    configuration = with_flow("back", source="stg", target="dev", topics=["items"], state="stopped")

    assert len(planned(configuration).flows) == 2
