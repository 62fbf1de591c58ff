from __future__ import annotations

import pytest

from mirror_policies import check
from mirror_policies.durability import replication_factor_fits_brokers
from mirror_policies.fields import ABSENT, UNKNOWN
from mirror_policies.objects import KubernetesObject
from tests.policies.resources import (
    LAYOUTS,
    Resource,
    at,
    changed,
    kafka,
    mirror_maker,
    node_pool,
    old_mirror_maker,
    only,
    source_config,
    topic,
)

said, found = only("replication-factor-fits-brokers")

RULE = "replication-factor-fits-brokers"
FACTOR = source_config("replication.factor")
FACTOR_PATH = 'spec.mirrors[0].sourceConnector.config["replication.factor"]'
SYNCS = source_config("offset-syncs.topic.replication.factor")
BOOTSTRAP = at("spec.target.bootstrapServers")


def four_of_three(key: str = "replication.factor", wanted: int = 4) -> str:
    return (
        f"{key} is {wanted}, Kafka stg/stg has 3 brokers (KafkaNodePool broker: 3): "
        "the flow could not create its topics. Write 3 or less, or add brokers"
    )


def broken_keys(*resources: Resource) -> list[str]:
    return [path.split('"')[-2] if '"' in path else path for _, path, _ in said(*resources)]


def test_a_flow_that_asks_for_more_copies_than_the_target_has_brokers_is_found():
    assert said(mirror_maker((FACTOR, 4)), node_pool(3)) == [(RULE, FACTOR_PATH, four_of_three())]


def test_so_it_is_in_the_old_layout():
    broken = old_mirror_maker(
        (at("spec.clusters.1.config", "offset.storage.replication.factor"), 4)
    )
    path = 'spec.clusters[1].config["offset.storage.replication.factor"]'
    message = four_of_three("offset.storage.replication.factor")
    assert said(broken, node_pool(3)) == [(RULE, path, message)]


@pytest.mark.parametrize("made", LAYOUTS)
def test_every_factor_at_the_target_is_compared(made):
    assert broken_keys(made(), node_pool(1)) == [
        "config.storage.replication.factor",
        "offset.storage.replication.factor",
        "status.storage.replication.factor",
        "replication.factor",
        "offset-syncs.topic.replication.factor",
        "checkpoints.topic.replication.factor",
    ]


def test_offset_syncs_kept_at_the_source_are_not_compared_with_the_target():
    at_source = mirror_maker((SYNCS, 9), (source_config("offset-syncs.topic.location"), ABSENT))
    assert said(at_source, node_pool(3)) == []


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("stg-kafka-bootstrap.stg.svc:9093", id="service with namespace"),
        pytest.param("stg-kafka-bootstrap.stg.svc.cluster.local:9093", id="full service name"),
        pytest.param("stg-kafka-bootstrap:9093", id="short service name"),
        pytest.param("stg-kafka-external-bootstrap.stg:9094", id="service of a listener"),
        pytest.param("stg-kafka-tls-bootstrap-stg.apps.example.com:443", id="route"),
        pytest.param("stg-kafka-bootstrap-stg.apps.example.com:443", id="route of Event Streams"),
        pytest.param("other:1, stg-kafka-bootstrap.stg.svc:9093", id="second of two addresses"),
        pytest.param("127.0.0.1:20012", id="address in the status"),
        pytest.param(UNKNOWN, id="unknown, and one cluster alone in the namespace"),
        pytest.param(ABSENT, id="forgotten, and one cluster alone in the namespace"),
    ],
)
def test_the_target_is_known_by_its_address(address):
    listeners = [{"name": "tls", "bootstrapServers": "127.0.0.1:20012"}]
    target = kafka((("status",), {"listeners": listeners}))
    broken = mirror_maker((FACTOR, 4), (BOOTSTRAP, address))
    assert said(broken, target, node_pool(3)) == [(RULE, FACTOR_PATH, four_of_three())]


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("broker.example.com:9093", id="another host"),
        pytest.param("stg-kafka-bootstrap.other.svc:9093", id="namesake in another namespace"),
        pytest.param("stg2-kafka-bootstrap.stg.svc:9093", id="longer name"),
        pytest.param("x" * 100_000 + "-kafka-bootstrap:1", id="huge"),
        pytest.param(["stg-kafka-bootstrap.stg.svc:9093"], id="a list"),
    ],
)
def test_a_target_that_the_stack_does_not_show_is_not_compared(address):
    assert said(mirror_maker((FACTOR, 4), (BOOTSTRAP, address)), node_pool(3)) == []


def test_an_unknown_address_between_two_clusters_is_not_guessed():
    unknown = mirror_maker((FACTOR, 4), (BOOTSTRAP, UNKNOWN))
    assert said(unknown, node_pool(3), node_pool(1, of="other")) == []


def test_of_namesakes_in_two_kubernetes_clusters_the_near_one_is_the_target():
    objects = [
        KubernetesObject(mirror_maker((FACTOR, 4)), site="a"),
        KubernetesObject(node_pool(5), site="a"),
        KubernetesObject(node_pool(1), site="b"),
    ]
    assert check(objects, rules=[replication_factor_fits_brokers.RULE]) == ()


def test_brokers_are_the_sum_of_the_pools_with_that_role():
    pools = [
        node_pool(1, name="a"),
        node_pool(2, name="b", roles=("controller", "broker")),
        node_pool(3, name="c", roles=("controller",)),
    ]
    assert said(topic(4), *pools) == [
        (
            RULE,
            "spec.replicas",
            (
                "replicas is 4, Kafka stg/stg has 3 brokers (KafkaNodePool a: 1, KafkaNodePool b: 2): "
                "the topic could not be created. Write 3 or less, or add brokers"
            ),
        )
    ]
    assert said(topic(3), *pools) == []


@pytest.mark.parametrize(
    "pool",
    [
        pytest.param(node_pool("many"), id="replicas that are no number"),
        pytest.param(node_pool(0), id="scaled to nothing"),
        pytest.param(node_pool(1, of="other"), id="of another cluster"),
        pytest.param(changed(node_pool(1), (("metadata", "namespace"), "x")), id="elsewhere"),
    ],
)
def test_brokers_that_are_not_shown_are_not_counted(pool):
    assert said(topic(9), pool) == []


@pytest.mark.parametrize(
    ("pool", "path"),
    [
        pytest.param(node_pool(UNKNOWN), "spec.replicas", id="replicas"),
        pytest.param(node_pool(1, roles=UNKNOWN), "spec.roles", id="roles"),
        pytest.param(node_pool(1, roles=[UNKNOWN]), "spec.roles[0]", id="role"),
    ],
)
def test_brokers_that_are_not_known_yet_are_said_to_be(pool, path):
    message = "how many copies Kafka stg/stg can hold can be told once it is known"
    assert said(topic(9), pool) == [(RULE, path, message)]


def test_a_kafka_on_one_broker_needs_its_internal_topics_at_one():
    alone = kafka((at("spec.kafka.config"), ABSENT))
    one = "Kafka stg/stg has 1 broker (KafkaNodePool broker: 1)"
    where = "spec.kafka.config"
    assert said(alone, node_pool(1)) == [
        (
            RULE,
            f'{where}["offsets.topic.replication.factor"]',
            (
                f"offsets.topic.replication.factor is not set, so 3 applies, {one}: no consumer group "
                "could start. Write 1 or less, or add brokers"
            ),
        ),
        (
            RULE,
            f'{where}["transaction.state.log.replication.factor"]',
            (
                f"transaction.state.log.replication.factor is not set, so 3 applies, {one}: no "
                "transaction could start. Write 1 or less, or add brokers"
            ),
        ),
    ]
    assert [f.is_decided for f in found(alone, node_pool(1))] == [True, False]


@pytest.mark.parametrize(
    ("key", "consequence"),
    [
        ("default.replication.factor", "new topics could not be created"),
        ("transaction.state.log.min.isr", "the operator refuses the cluster"),
    ],
)
def test_a_kafka_that_asks_for_more_than_its_brokers_is_found(key, consequence):
    message = (
        f"{key} is 4, Kafka stg/stg has 3 brokers (KafkaNodePool broker: 3): {consequence}. "
        "Write 3 or less, or add brokers"
    )
    broken = kafka((at("spec.kafka.config", key), "4"))
    assert said(broken, node_pool(3)) == [(RULE, f'spec.kafka.config["{key}"]', message)]


def test_without_node_pools_a_kafka_says_its_brokers_itself():
    old = kafka((at("spec.kafka.replicas"), 2))
    assert broken_keys(old) == [
        "default.replication.factor",
        "offsets.topic.replication.factor",
        "transaction.state.log.replication.factor",
    ]
    assert "Kafka stg/stg has 2 brokers (spec.kafka.replicas: 2)" in said(old)[0][2]


@pytest.mark.parametrize(
    "brokers",
    [
        pytest.param({"kafka": {"replicas": 1}}, id="replicas"),
        pytest.param(
            {"nodePools": [{"name": "a", "replicas": 1, "roles": ["broker"]}]}, id="node pools"
        ),
    ],
)
def test_an_event_streams_instance_is_a_kafka_too(brokers):
    instance = {
        "apiVersion": "eventstreams.ibm.com/v1",
        "kind": "EventStreams",
        "metadata": {"name": "stg", "namespace": "stg"},
        "spec": {"strimziOverrides": brokers},
    }
    ibm_topic = changed(
        topic(1),
        (("apiVersion",), "eventstreams.ibm.com/v1"),
        (("metadata", "labels"), {"eventstreams.ibm.com/cluster": "stg"}),
        (("spec", "replicas"), 2),
    )
    assert broken_keys(instance, ibm_topic) == [
        "offsets.topic.replication.factor",
        "transaction.state.log.replication.factor",
        "spec.replicas",
    ]


@pytest.mark.parametrize(
    "replicas",
    [
        pytest.param(ABSENT, id="left to the broker"),
        pytest.param(-1, id="the broker's default"),
        pytest.param("x", id="no number"),
    ],
)
def test_a_topic_without_a_number_is_not_compared(replicas):
    assert said(changed(topic(), (("spec", "replicas"), replicas)), node_pool(1)) == []


def test_an_unknown_number_is_left_for_later():
    assert said(topic(UNKNOWN), node_pool(3)) == [
        (RULE, "spec.replicas", "it can be compared with Kafka stg/stg once it is known")
    ]
