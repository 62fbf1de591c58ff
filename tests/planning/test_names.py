"""Names follow from names alone, are legal where they stand, and differ where they must."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_mirror.mirrormaker import internal_topics
from kafka_mirror.mirrormaker.name_sets import mirrored
from kafka_mirror.planning import names
from kafka_mirror.topology import Flow, FlowName, TopicName, load
from tests.topology.configurations import changed, two_sites

SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
topics = st.from_regex(r"[A-Za-z0-9._-]{1,249}", fullmatch=True)


@given(topic=topics)
def test_every_topic_has_a_name_that_kubernetes_takes(topic: str) -> None:
    name = names.topic_resource_name(TopicName(topic))

    assert SUBDOMAIN.fullmatch(name)
    assert len(name) <= 253


@given(one=topics, other=topics)
def test_two_topics_never_have_one_name(one: str, other: str) -> None:
    if one != other:
        assert names.topic_resource_name(TopicName(one)) != names.topic_resource_name(
            TopicName(other)
        )


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("items", "items"),
        ("items.inventory", "items.inventory"),
        ("Orders_EU", "orders-eu-b6ce662b8d"),
        ("___", "topic-bda251550b"),
        ("a..b", "a-b-f62b42414c"),
    ],
)
def test_a_topic_keeps_its_name_where_kubernetes_allows_it(topic: str, name: str) -> None:
    assert names.topic_resource_name(TopicName(topic)) == name


def flow(**changes: object) -> Flow:
    configuration = two_sites()
    for key, value in changes.items():
        configuration = changed(configuration, "flows", "dev-to-stg", key, to=value)
    return load(configuration).flows[FlowName("dev-to-stg")]


def test_a_flow_names_its_worker_after_itself() -> None:
    found = names.worker_names(FlowName("dev-to-stg"), flow())

    assert found.group == "mm2-dev-to-stg"
    assert found.storage_topics == (
        "__mm2-dev-to-stg-configs",
        "__mm2-dev-to-stg-offsets",
        "__mm2-dev-to-stg-status",
    )


def test_no_pattern_mirrors_what_a_flow_keeps_for_itself() -> None:
    own = names.flow_topics(flow())
    worker = names.worker_names(FlowName("dev-to-stg"), flow())
    everything = mirrored([".*"])

    for topic in (*worker.storage_topics, own.checkpoints, own.offset_syncs):
        assert topic not in everything


def test_a_flow_may_take_over_the_names_of_another() -> None:
    topics = {"configTopic": "c", "offsetTopic": "o", "statusTopic": "s"}
    old = {"resource": "r", "group": "g", **topics}

    found = names.worker_names(FlowName("dev-to-stg"), flow(names=old))

    assert (found.resource, found.group, *found.storage_topics) == ("r", "g", "c", "o", "s")


def test_a_renamed_flow_keeps_every_name_of_its_first_one() -> None:
    first = names.worker_names(FlowName("dev-to-stg"), flow())

    renamed = names.worker_names(FlowName("dev-to-staging"), flow(names={"resource": "dev-to-stg"}))

    assert renamed == first


def test_the_topics_of_the_connectors_are_named_after_the_source() -> None:
    found = names.flow_topics(flow(naming="prefix"))

    assert found.checkpoints == "dev.checkpoints.internal"
    assert found.offset_syncs == "mm2-offset-syncs.dev.internal"
    assert found.at("target") == (found.checkpoints, found.offset_syncs)
    assert found.at("source") == ()


def test_offset_syncs_at_the_source_are_named_after_the_target() -> None:
    found = names.flow_topics(flow(offsetSyncs="source"))

    assert found.at("target") == ("dev.checkpoints.internal",)
    assert found.at("source") == ("mm2-offset-syncs.stg.internal",)


def test_connectors_are_named_as_operators_name_them() -> None:
    assert internal_topics.source_connector("a", "b") == "a->b.MirrorSourceConnector"
    assert internal_topics.checkpoint_connector("a", "b") == "a->b.MirrorCheckpointConnector"


def test_the_secrets_of_a_cluster_are_those_the_operator_writes() -> None:
    assert names.operator_secrets("k", nodes=2) == (
        "k-cluster-ca",
        "k-cluster-ca-cert",
        "k-clients-ca",
        "k-clients-ca-cert",
        "k-entity-topic-operator-certs",
        "k-entity-user-operator-certs",
        "k-cluster-operator-certs",
        "k-trustbundle",
        "k-dual-role-0",
        "k-dual-role-1",
    )
    assert names.cluster_ca_secret("k") in names.operator_secrets("k", nodes=1)
