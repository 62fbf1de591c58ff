"""What a plan decides, and that each decision depends on nothing but its own part."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from kafka_mirror.planning import Plan, describe_sites, pick, plan
from kafka_mirror.topology import FlowName, SiteDescription, SiteName, TopicName, UserName, load
from tests.planning.plans import planned, two_stacks, with_user
from tests.strategies import Stack, stacks
from tests.topology.configurations import Configuration, changed, site, two_sites

DEV, STG = SiteName("dev"), SiteName("stg")


def changed_flow(**changes: Any) -> Configuration:
    configuration = two_sites()
    configuration["flows"]["dev-to-stg"] |= changes
    return configuration


def rights(found: Plan, where: SiteName, user: str) -> list[str]:
    (one,) = [one for one in found.sites[where].users if one.name == user]
    return list(map(str, one.rights))


def test_a_site_keeps_three_copies_and_writes_two() -> None:
    found = planned(two_sites()).sites[DEV]

    assert (found.replication_factor, found.min_insync_replicas) == (3, 2)
    assert [(topic.name, topic.partitions, topic.replicas) for topic in found.topics] == [
        ("items", 3, 3)
    ]


@pytest.mark.parametrize(
    ("nodes", "copies", "in_sync"), [(1, 1, 1), (2, 2, 1), (3, 3, 2), (9, 3, 2)]
)
def test_a_small_site_keeps_fewer_copies(nodes: int, copies: int, in_sync: int) -> None:
    found = planned(changed(two_sites(), "sites", "dev", to=site("dev", nodes=nodes))).sites[DEV]

    assert (found.replication_factor, found.min_insync_replicas) == (copies, in_sync)


@pytest.mark.parametrize(
    ("topic", "config"),
    [
        pytest.param({}, {}, id="the site's number of copies"),
        pytest.param({"replicas": 3}, {}, id="three copies"),
        pytest.param(
            {"replicas": 2}, {"min.insync.replicas": 1}, id="two copies bear the loss of one"
        ),
        pytest.param({"replicas": 1}, {"min.insync.replicas": 1}, id="one copy can be written"),
        pytest.param(
            {"replicas": 2, "config": {"min.insync.replicas": 2, "retention.ms": 5}},
            {"min.insync.replicas": 2, "retention.ms": 5},
            id="what is written down stays",
        ),
    ],
)
def test_a_topic_can_be_written_with_the_copies_it_has(
    topic: dict[str, Any], config: dict[str, Any]
) -> None:
    configuration = changed(two_sites(), "topics", "items", to={"sites": ["dev"], **topic})

    assert planned(configuration).sites[DEV].topics[0].config == config


def test_a_user_has_the_rights_of_its_roles_at_its_sites() -> None:
    found = planned(two_sites())

    assert rights(found, DEV, "reader") == [
        "Describe on every group",
        "DescribeConfigs, Read on topic 'items'",
    ]
    assert "Alter, AlterConfigs, Create, Read, Write on topic 'items'" in rights(
        found, STG, "writer"
    )
    assert rights(planned(with_user("nobody")), DEV, "nobody") == []


def test_a_flow_gives_rights_at_its_target_alone() -> None:
    configuration = changed(two_sites(), "users", "writer", "sites", to=["dev", "stg"])

    assert rights(planned(configuration), DEV, "writer") == []


def test_a_flow_between_clusters_takes_the_listener_that_leads_out() -> None:
    (flow,) = planned(two_sites()).flows

    assert (flow.source.site, flow.source.listener, flow.source.tls) == ("dev", "external", True)
    assert (flow.target.site, flow.target.listener, flow.target.kafka) == ("stg", "tls", "k-stg")


def test_a_flow_within_one_cluster_stays_inside() -> None:
    configuration = changed(two_sites(), "sites", "stg", to=site("stg", context="dev"))

    (flow,) = planned(configuration).flows

    assert flow.source.listener == "tls"


def test_a_flow_takes_what_it_is_told() -> None:
    (flow,) = planned(
        changed_flow(
            topics=["items", {"pattern": "inv-.*"}],
            naming="prefix",
            groups=["app", {"pattern": "g.*"}],
            topicsExclude=[{"pattern": "tmp-.*"}],
            groupsExclude=[{"pattern": "test-.*"}],
            tasks=4,
            replicas=2,
            state="paused",
            tuning={"offset.lag.max": 0},
            objectives={"duplicateWindow": "15s", "discovery": "3s"},
            source={"site": "dev", "user": "reader", "listener": "tls"},
        )
        | {
            "users": with_user(
                "reader", {"role": "mirror-source", "topics": ["items", {"pattern": "inv-.*"}]}
            )["users"]
        }
    ).flows

    assert flow.topics == ("items", "inv-.*")
    assert flow.topics_exclude == ("tmp-.*",)
    assert flow.groups == ("app", "g.*")
    assert flow.groups_exclude == ("test-.*",)
    assert (flow.tasks, flow.workers.replicas, flow.state) == (4, 2, "paused")
    assert flow.tuning == {"offset.lag.max": 0}
    assert flow.source.listener == "tls"
    assert flow.duplicate_window == timedelta(seconds=15)
    assert (flow.intervals.sync.seconds, flow.intervals.discovery.seconds) == (4, 3)


@pytest.mark.parametrize(
    ("flow", "excluded"),
    [
        pytest.param(
            {"topics": {"pattern": "inv-.*"}}, (".*heartbeats",), id="pattern that may meet one"
        ),
        pytest.param({"topics": {"pattern": "inv-[0-9]"}}, (), id="pattern that never meets one"),
        pytest.param({"topics": ["items"]}, (), id="names"),
        pytest.param({"topics": {"pattern": "inv-.*"}, "naming": "prefix"}, (), id="prefix naming"),
    ],
)
def test_identity_naming_leaves_out_what_it_would_rename(
    flow: dict[str, Any], excluded: tuple[str, ...]
) -> None:
    reader = {"role": "mirror-source", "topics": {"pattern": ".*"}}
    configuration = {**with_user("reader", reader), "topics": {}}
    configuration["flows"]["dev-to-stg"] |= flow

    assert planned(configuration).flows[0].topics_exclude == excluded


@pytest.mark.parametrize("naming", ["identity", "prefix"])
def test_a_replicated_user_reads_at_the_target_what_arrives_there(naming: str) -> None:
    (flow,) = planned(changed_flow(naming=naming)).flows

    arriving = ["Read on topic 'dev.items'"] if naming == "prefix" else []
    assert {user.name: list(map(str, user.rights)) for user in flow.replicated_users} == {
        "producer": ["Write on topic 'items'"],
        "consumer": ["Read on group 'app'", *arriving, "Read on topic 'items'"],
    }


# --- descriptions ---------------------------------------------------------------------------------


READER = {"role": "mirror-source", "topics": ["items"], "groups": "all", "offsetSyncsFor": []}


def test_a_site_is_described_as_far_as_it_is_known() -> None:
    described = planned(two_sites()).descriptions[DEV]

    assert described.model_dump(mode="json", by_alias=True) == {
        "schema": 1,
        "site": "dev",
        "operator": {"type": "strimzi", "api": "v1"},
        "namespace": "kafka-dev",
        "kafka": "k-dev",
        "nodes": 3,
        "replicationFactor": None,
        "sharesClientsCa": False,
        "listeners": {
            name: {
                "type": kind,
                "tls": True,
                "authentication": "scram-sha-512",
                "bootstrapServers": None,
                "certificates": [],
                "trustSecret": None,
                "trustKey": None,
            }
            for name, kind in (("tls", "internal"), ("external", "route"))
        },
        "users": {
            name: {
                "authentication": "scram-sha-512",
                "shared": False,
                "access": access,
                "acls": [],
                "fenced": False,
                "quotas": None,
                "username": None,
                "byOperator": False,
                "secret": None,
            }
            for name, access in (
                ("reader", [READER]),
                ("producer", [{"role": "producer", "topics": ["items"]}]),
                ("consumer", [{"role": "consumer", "topics": ["items"], "groups": ["app"]}]),
            )
        },
        "topics": {"items": {"partitions": 3}},
        "flows": {},
        "heartbeats": [],
    }


def test_a_target_is_described_with_the_flow_into_it_and_the_users_it_brings() -> None:
    described = planned(*two_stacks()).descriptions[STG]

    assert list(described.users) == ["producer", "consumer", "writer"]
    assert described.users[UserName("producer")].shared
    assert described.flows[FlowName("dev-to-stg")].topics == ("items",)


def test_a_further_stack_reads_users_as_they_are_at_the_middle_site() -> None:
    configuration, elsewhere = two_stacks()
    middle = planned(
        changed(configuration, "flows", "dev-to-stg", "naming", to="prefix"), elsewhere
    )
    reader = {"role": "mirror-source", "topics": ["dev.items"]}
    described = middle.descriptions[STG]
    document = described.model_dump(mode="json", by_alias=True)
    document["users"]["chain"] = {
        "authentication": "scram-sha-512",
        "shared": True,
        "access": [{**reader, "groups": "all"}],
    }
    last: Configuration = {
        "sites": {"stg": {"stack": "stg"}, "prod": site("prod")},
        "users": {
            "writer": {
                "sites": ["prod"],
                "access": [{"role": "mirror-target", "flow": "stg-to-prod"}],
            }
        },
        "flows": {
            "stg-to-prod": {
                "source": {"site": "stg", "user": "chain"},
                "target": {"site": "prod", "user": "writer"},
                "naming": "prefix",
                "topics": ["dev.items"],
                "replicatedUsers": ["consumer"],
            }
        },
    }

    (flow,) = planned(last, {STG: SiteDescription.model_validate(document)}).flows

    assert list(map(str, flow.replicated_users[0].rights)) == [
        "Read on group 'app'",
        "Read on topic 'dev.items'",
        "Read on topic 'items'",
        "Read on topic 'stg.dev.items'",
        "Read on topic 'stg.items'",
    ]


def test_a_user_that_is_not_at_the_source_is_not_described_at_the_target() -> None:
    configuration, elsewhere = two_stacks()
    broken = changed(configuration, "flows", "dev-to-stg", "replicatedUsers", to=["nobody"])

    assert list(describe_sites(load(broken), elsewhere)[STG].users) == ["writer"]
    assert list(describe_sites(load(broken), {})) == ["stg"]


def test_a_site_that_another_stack_does_not_have_is_told() -> None:
    assert pick(DEV, "dev", [DEV]) is None
    assert str(pick(SiteName("dve"), "dev", [DEV, STG])) == (
        "sites.dve.stack: stack 'dev' has no site 'dve' (has dev, stg). Did you mean 'dev'?"
    )


@given(stack=stacks())
def test_a_description_is_read_back_as_it_was_written(stack: Stack) -> None:
    for described in plan(load(stack.configuration), stack.elsewhere).descriptions.values():
        document = described.model_dump(mode="json", by_alias=True)

        assert SiteDescription.model_validate(document) == described


# --- nothing else changes -------------------------------------------------------------------------


@given(stack=stacks())
def test_the_order_of_a_configuration_decides_the_order_of_its_plan_alone(stack: Stack) -> None:
    backwards = {
        section: dict(reversed(entries.items()))
        for section, entries in reversed(stack.configuration.items())
    }

    before = plan(load(stack.configuration), stack.elsewhere)
    after = plan(load(backwards), stack.elsewhere)

    assert after.descriptions == before.descriptions
    assert sorted(after.flows, key=lambda one: one.name) == sorted(
        before.flows, key=lambda one: one.name
    )
    for where, one in after.sites.items():
        other = before.sites[where]
        assert dict.fromkeys(user.name for user in one.users).keys() == {
            user.name for user in other.users
        }
        assert {user.name: user for user in one.users} == {user.name: user for user in other.users}
        assert {TopicName(topic.name): topic for topic in one.topics} == {
            topic.name: topic for topic in other.topics
        }
