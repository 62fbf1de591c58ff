"""Planning refuses what would not mirror, or would fail without a word, each in one message."""

from __future__ import annotations

from typing import Any

import pytest

from tests.planning.plans import planned, problems_of, two_stacks, with_user
from tests.topology.configurations import Configuration, changed, site, two_sites

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


def test_the_two_sites_and_the_two_stacks_can_be_planned() -> None:
    assert problems_of(two_sites()) == []
    assert problems_of(*two_stacks()) == []


@pytest.mark.parametrize(
    ("configuration", "problem"),
    [
        pytest.param(
            with_user("reader", {"role": "consumer", "topics": ["items"], "groups": "all"}),
            "user 'reader' lacks DescribeConfigs on topic 'items' at site 'dev', without which the flow "
            "cannot mirror. Add them to an access of role mirror-source",
            id="one right",
        ),
        pytest.param(
            with_user("reader", {"role": "mirror-source", "topics": ["other"], "groups": ["g"]}),
            "user 'reader' lacks Describe on every group; Read, DescribeConfigs on topic 'items' at site "
            "'dev', without which the flow cannot mirror. Add them to an access of role mirror-source",
            id="several rights",
        ),
        pytest.param(
            with_user("reader"),
            "user 'reader' lacks Describe on every group; Read, DescribeConfigs on topic 'items' at site "
            "'dev', without which the flow cannot mirror. Add them to an access of role mirror-source",
            id="every right",
        ),
        pytest.param(
            mirroring({"pattern": "inv-.*|pay-.*"}, naming="prefix")
            | {
                "users": with_user("reader", {"role": "mirror-source", "topics": ["inv-a"]})[
                    "users"
                ]
            },
            "user 'reader' lacks Read, DescribeConfigs on every topic 'inv-…'; Read, DescribeConfigs on "
            "every topic 'pay-…' at site 'dev', without which the flow cannot mirror. "
            "Add them to an access of role mirror-source",
            id="rights on starts of names",
        ),
    ],
)
def test_a_source_user_without_a_right_is_refused_by_its_acl(
    configuration: Configuration, problem: str
) -> None:
    assert problems_of(configuration) == [f'flows["dev-to-stg"].source.user: {problem}']


def test_a_target_user_without_the_role_is_refused_by_its_acls() -> None:
    access = {"role": "consumer", "topics": ["items"], "groups": "all"}

    assert problems_of(with_user("writer", access, site="stg")) == [
        (
            "flows[\"dev-to-stg\"].target.user: user 'writer' lacks "
            "Create, Read, Write on topic '__mm2-dev-to-stg-configs'; "
            "Create, Read, Write on topic '__mm2-dev-to-stg-offsets'; "
            "Create, Read, Write on topic '__mm2-dev-to-stg-status'; "
            "Create, Read, Write on topic 'dev.checkpoints.internal'; "
            "Alter, AlterConfigs, Create, Write on topic 'items'; "
            "Create, Read, Write on topic 'mm2-offset-syncs.dev.internal' "
            "at site 'stg', without which the flow cannot mirror. "
            "Give it access {role: mirror-target, flow: dev-to-stg}"
        )
    ]


def test_a_right_on_more_than_the_flow_takes_is_enough() -> None:
    wide = {"role": "mirror-source", "topics": {"pattern": "it.*"}, "groups": "all"}

    assert problems_of(with_user("reader", wide)) == []


def test_a_credential_that_is_not_shared_is_refused() -> None:
    assert problems_of(*two_stacks(shared=False)) == [
        (
            "flows[\"dev-to-stg\"].source.user: site 'dev' does not share the credential of user 'reader'. "
            "Set users.reader.shared to true in its stack and deploy that first"
        )
    ]


@pytest.mark.parametrize(
    ("at", "value", "problem"),
    [
        pytest.param(
            ("source", "user"),
            "raeder",
            "source.user: site 'dev' has no user 'raeder' (has consumer, producer, reader). "
            "Did you mean 'reader'?",
            id="user of the flow",
        ),
        pytest.param(
            ("replicatedUsers",),
            ["prodcuer"],
            "replicatedUsers[0]: site 'dev' has no user 'prodcuer' (has consumer, producer, reader). "
            "Did you mean 'producer'?",
            id="replicated user",
        ),
        pytest.param(
            ("source", "listener"),
            "externl",
            "source.listener: site 'dev' has no listener 'externl' (has external (route), tls (internal))",
            id="listener",
        ),
    ],
)
def test_what_another_stack_does_not_have_is_told(
    at: tuple[str | int, ...], value: Any, problem: str
) -> None:
    configuration, elsewhere = two_stacks()

    assert problems_of(changed(configuration, *FLOW, *at, to=value), elsewhere) == [
        f'flows["dev-to-stg"].{problem}'
    ]


def test_a_site_that_nobody_described_is_told() -> None:
    configuration, _ = two_stacks()

    assert problems_of(configuration) == [
        "sites.dev.stack: nothing is known of this site: its stack was not read"
    ]


def test_a_site_without_a_way_in_is_told() -> None:
    inside = [{"name": "tls", "port": 9093, "type": "internal"}]

    assert problems_of(changed(two_sites(), "sites", "dev", "kafka", "listeners", to=inside)) == [
        (
            "flows[\"dev-to-stg\"].source.listener: site 'dev' has no listener that can be reached from "
            "outside its cluster (has tls (internal)). Add one of type route, loadbalancer or ingress"
        )
    ]


@pytest.mark.parametrize(
    ("configuration", "problem"),
    [
        pytest.param(
            changed(two_sites(), "topics", "items", "replicas", to=5),
            "topics.items.replicas: 5 copies need 5 brokers, site 'dev' has 3 "
            "(sites.dev.kafka.nodes.replicas). Use 3, or leave it out",
            id="more copies than nodes",
        ),
        pytest.param(
            changed(two_sites(), "topics", "items", "config", to={"min.insync.replicas": 4}),
            'topics.items.config["min.insync.replicas"]: 4 copies in sync are more than the 3 there are '
            "at site 'dev': nothing could be written. Use 2, or leave it out",
            id="more copies in sync than there are",
        ),
        pytest.param(
            changed_flow(objectives={"duplicateWindow": "4s"}),
            'flows["dev-to-stg"].objectives.duplicateWindow: found 4s; the shortest window that '
            "whole-second intervals can keep is 5s",
            id="window too short",
        ),
    ],
)
def test_an_impossible_number_is_told_with_one_that_works(
    configuration: Configuration, problem: str
) -> None:
    assert problems_of(configuration) == [problem]


@pytest.mark.parametrize(
    ("topic", "expression"),
    [
        ("__x", "__.*"),
        (".x", r"\..*"),
        ("a.replica", r".*\.replica"),
        ("mm2-a.internal", r"mm2.*\.internal"),
        ("dev.checkpoints.internal", r".*\.checkpoints\.internal"),
    ],
)
def test_a_topic_that_mirror_maker_keeps_out_is_refused(topic: str, expression: str) -> None:
    assert problems_of(mirroring(topic)) == [
        (
            f"flows[\"dev-to-stg\"].topics[0]: '{topic}' is never mirrored: MirrorMaker keeps out what "
            f"matches {expression}"
        )
    ]


@pytest.mark.parametrize(
    ("selector", "flow", "problem"),
    [
        pytest.param(
            "device-heartbeats",
            {"naming": "identity"},
            "'device-heartbeats' would not keep its name: MirrorMaker takes what ends in 'heartbeats' for "
            "its own and would write 'dev.device-heartbeats'. Use naming: prefix for it",
            id="identity does not keep heartbeats",
        ),
        pytest.param(
            "a.stg.x",
            {"naming": "prefix"},
            "'a.stg.x' is never mirrored: by its name MirrorMaker takes it for a topic that came from site "
            "'stg'. Use naming: identity for it",
            id="name that carries the target",
        ),
        pytest.param(
            "y" * 246,
            {"naming": "prefix"},
            "'yyyyyyyyyyyyyyyyyyyy…' would have 250 characters behind its prefix, a topic may have 249. "
            "Use naming: identity for it",
            id="name too long with a prefix",
        ),
        pytest.param(
            "items",
            {"topicsExclude": [{"pattern": "it.*"}]},
            "'items' is taken out again by topicsExclude; drop one of them",
            id="named and excluded",
        ),
        pytest.param(
            {"pattern": "__a.*"},
            {},
            "'__a.*' matches no topic that may be mirrored",
            id="pattern that MirrorMaker keeps out",
        ),
        pytest.param(
            {"pattern": "inv-.*"},
            {"topicsExclude": [{"pattern": "i.*"}]},
            "'inv-.*' matches no topic that may be mirrored",
            id="pattern that is excluded altogether",
        ),
    ],
)
def test_a_selector_that_would_not_do_what_it_says_is_refused(
    selector: Any, flow: dict[str, Any], problem: str
) -> None:
    assert problems_of(mirroring(selector, **flow)) == [f'flows["dev-to-stg"].topics[0]: {problem}']


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


@pytest.mark.parametrize(
    ("flow", "problem"),
    [
        pytest.param(
            {"groups": ["connect-x"]},
            "group 'connect-x' is never synced: MirrorMaker keeps out what matches connect-.*",
            id="kept out by MirrorMaker",
        ),
        pytest.param(
            {"groups": ["app"], "groupsExclude": [{"pattern": "a.*"}]},
            "group 'app' is taken out again by groupsExclude; drop one of them",
            id="named and excluded",
        ),
    ],
)
def test_a_group_that_would_not_be_synced_is_refused(flow: dict[str, Any], problem: str) -> None:
    assert problems_of(changed_flow(**flow)) == [f'flows["dev-to-stg"].groups[0]: {problem}']


def test_groups_by_pattern_are_left_to_mirror_maker() -> None:
    assert problems_of(changed_flow(groups={"pattern": "connect-.*"})) == []


DROPPED = (
    "the operator sets this itself and would drop what stands here without a word; leave it out"
)
FIXED = "is fixed: another value on one connector breaks the flow without a word; leave it out"
IGNORED = "would do nothing: tuning reaches the source connector, which has no such setting"


@pytest.mark.parametrize("key", ["listeners", "sasl.foo", "ssl.keystore.location", "node.id"])
def test_a_broker_setting_that_the_operator_drops_is_refused(key: str) -> None:
    configuration = changed(two_sites(), "sites", "dev", "kafka", "config", to={key: "x"})

    assert [problem.partition(": ")[2] for problem in problems_of(configuration)] == [DROPPED]


@pytest.mark.parametrize("key", ["ssl.protocol", "log.retention.hours", "num.partitions"])
def test_other_broker_settings_may_be_written(key: str) -> None:
    configuration = changed(two_sites(), "sites", "dev", "kafka", "config", to={key: 1})

    assert problems_of(configuration) == []


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("topics", "follows from the flow: set topics instead"),
        ("tasks.max", "follows from the flow: set tasks instead"),
        ("replication.policy.class", "follows from the flow: set naming instead"),
        (
            "refresh.topics.interval.seconds",
            "follows from the flow: set objectives.discovery instead",
        ),
        (
            "sync.group.offsets.interval.seconds",
            "follows from the flow: set objectives.duplicateWindow instead",
        ),
        (
            "offset.flush.interval.ms",
            "follows from the flow: set objectives.duplicateWindow instead",
        ),
        ("sync.group.offsets.enabled", IGNORED),
        ("checkpoints.topic.replication.factor", IGNORED),
        ("offset.flush.timeout.ms", IGNORED),
        ("replication.policy.separator", FIXED),
        ("offset-syncs.topic.location", FIXED),
        ("source.cluster.sasl.jaas.config", FIXED),
        ("sync.topic.acls.enabled", FIXED),
        ("emit.offset-syncs.enabled", FIXED),
    ],
)
def test_a_connector_setting_that_breaks_the_flow_is_refused(key: str, problem: str) -> None:
    found = problems_of(changed_flow(tuning={key: "x"}))

    assert [one.partition(": ")[2] for one in found] == [problem]


def test_other_connector_settings_may_be_written() -> None:
    tuning = {"producer.override.linger.ms": 5, "offset.lag.max": 1, "replication.factor": 1}

    assert problems_of(changed_flow(tuning=tuning)) == []


@pytest.mark.parametrize(
    ("listener", "namespace", "address", "length", "key"),
    [
        ({"name": "external", "port": 9094}, 42, "k-dev-kafka-bootstrap-", 64, "host"),
        ({"name": "public", "port": 9094}, 35, "k-dev-kafka-public-bootstrap-", 64, "host"),
        (
            {"name": "public", "port": 9095, "host": "kafka.example.com"},
            40,
            "k-dev-dual-role-public-2-",
            65,
            "brokerHost",
        ),
    ],
)
def test_a_route_whose_address_would_be_too_long_is_refused(
    listener: dict[str, Any], namespace: int, address: str, length: int, key: str
) -> None:
    long = changed(two_sites(), "sites", "dev", "kubernetes", "namespace", to="n" * namespace)
    listeners = [{**listener, "type": "route"}]

    assert problems_of(changed(long, "sites", "dev", "kafka", "listeners", to=listeners)) == [
        (
            f"sites.dev.kafka.listeners[0]: OpenShift would derive the address '{address}{'n' * namespace}', "
            f"which has {length} characters; 63 are allowed. Set {key}, or shorten the Kafka, the listener or the "
            "namespace"
        )
    ]


def test_a_route_with_addresses_of_its_own_may_have_long_names() -> None:
    hosts = {"host": "kafka.example.com", "brokerHost": "kafka-{nodeId}.example.com"}
    listeners = [{"name": "external", "port": 9094, "type": "route", **hosts}]
    long = changed(two_sites(), "sites", "dev", "kubernetes", "namespace", to="n" * 63)

    assert problems_of(changed(long, "sites", "dev", "kafka", "listeners", to=listeners)) == []


def test_two_sites_in_one_namespace_are_refused() -> None:
    place = {"context": "dev", "namespace": "kafka-dev"}

    assert problems_of(changed(two_sites(), "sites", "stg", "kubernetes", to=place)) == [
        (
            "sites.stg.kubernetes.namespace: site 'dev' is in namespace 'kafka-dev' of context 'dev' already: "
            "their topics, users and nodes would be the same objects. Use another namespace"
        )
    ]


@pytest.mark.parametrize(
    ("user", "where", "first"),
    [
        ("reader-password", "dev", "user 'reader'"),
        ("k-dev-cluster-ca-cert", "dev", "Kafka 'k-dev'"),
        ("dev-to-stg-source-trust", "stg", "flow 'dev-to-stg'"),
        ("producer-password", "stg", "user 'producer'"),
    ],
)
def test_a_secret_that_two_would_write_is_refused(user: str, where: str, first: str) -> None:
    found = problems_of(with_user(user, site=where))

    assert len(found) == 1
    assert found[0].endswith("; rename one of them")
    assert f"the Secret '{user}' at site '{where}' would be that of " in found[0]
    assert first in found[0]


def test_a_secret_that_two_would_write_is_told_in_one_message() -> None:
    assert problems_of(with_user("reader-password")) == [
        (
            "users[\"reader-password\"]: the Secret 'reader-password' at site 'dev' would be that of user "
            "'reader' and that of user 'reader-password'; rename one of them"
        )
    ]


def test_a_topic_declared_where_a_flow_brings_it_is_refused() -> None:
    both = {"sites": ["dev", "stg"]}

    assert problems_of(changed(two_sites(), "topics", "items", to=both)) == [
        (
            "flows[\"dev-to-stg\"].topics[0]: 'items' is declared at site 'stg' as well "
            "(topics.items.sites): its operator and MirrorMaker would undo each other's settings for ever. "
            "Declare it at 'dev' only"
        )
    ]


@pytest.mark.parametrize("flow", [{"state": "stopped"}, {"naming": "prefix"}])
def test_a_topic_may_be_declared_where_no_flow_brings_it(flow: dict[str, Any]) -> None:
    both = {"sites": ["dev", "stg"]}

    assert problems_of(changed(changed_flow(**flow), "topics", "items", to=both)) == []


def test_topics_that_kafka_takes_for_one_are_refused() -> None:
    configuration = changed(two_sites(), "topics", "a_b", to={"sites": ["dev"]})

    assert problems_of(changed(configuration, "topics", "a.b", to={"sites": ["dev"]})) == [
        (
            "topics.a_b: Kafka refuses 'a_b' beside 'a.b' at site 'dev': its metrics take . and _ for the "
            "same. Rename one of them"
        )
    ]


def test_a_topic_that_arrives_beside_one_that_kafka_takes_for_it_is_refused() -> None:
    configuration = changed(two_sites(), *FLOW, "naming", to="prefix")

    assert problems_of(changed(configuration, "topics", "dev_items", to={"sites": ["stg"]})) == [
        (
            "flows[\"dev-to-stg\"].topics[0]: Kafka refuses 'dev.items' beside 'dev_items' at site 'stg': its "
            "metrics take . and _ for the same. Rename one of them"
        )
    ]


def test_a_user_that_is_declared_at_the_target_is_not_replicated_there() -> None:
    configuration = changed(two_sites(), "users", "producer", "sites", to=["dev", "stg"])

    assert problems_of(configuration) == [
        (
            "flows[\"dev-to-stg\"].replicatedUsers[0]: user 'producer' is declared at site 'stg' already; "
            "leave it out here"
        )
    ]


def test_a_user_that_two_flows_replicate_to_one_site_is_refused() -> None:
    configuration = with_flow(
        "again", source="dev", target="stg", topics=["other"], replicatedUsers=["consumer"]
    )

    assert problems_of(configuration) == [
        (
            "flows.again.replicatedUsers[0]: user 'consumer' comes to site 'stg' by flow 'dev-to-stg' "
            "already; keep it in one of them"
        )
    ]


def test_two_flows_that_share_a_worker_are_refused() -> None:
    names = {
        "group": "mm2-dev-to-stg",
        "configTopic": "__a",
        "offsetTopic": "__b",
        "statusTopic": "__mm2-dev-to-stg-status",
    }
    configuration = with_flow("again", source="dev", target="stg", topics=["other"], names=names)

    assert problems_of(configuration) == [
        (
            "flows.again.names: flow 'dev-to-stg' at the same target uses __mm2-dev-to-stg-status, "
            "mm2-dev-to-stg as well: their workers would join and delete each other's connectors. "
            "Every flow needs its own names"
        )
    ]


def test_a_topic_that_two_flows_would_copy_twice_is_refused() -> None:
    configuration = with_flow("again", source="dev", target="stg", topics=[{"pattern": "it.*"}])

    assert problems_of(configuration) == [
        (
            "flows.again.topics: flow 'dev-to-stg' mirrors 'items' from 'dev' to 'stg' already: records would "
            "be copied twice and group offsets translated wrongly. Exclude it from one, or stop one"
        )
    ]


@pytest.mark.parametrize(
    "more", [{"state": "stopped"}, {"topicsExclude": [{"pattern": "items"}]}], ids=str
)
def test_flows_of_one_pair_whose_topics_differ_are_fine(more: dict[str, Any]) -> None:
    configuration = with_flow(
        "again", source="dev", target="stg", topics=[{"pattern": "it.*"}], **more
    )

    assert problems_of(configuration) == []


def test_an_identity_loop_of_two_is_refused() -> None:
    configuration = with_flow("back", source="stg", target="dev", topics=[{"pattern": "it.*"}])
    configuration["topics"] = {}

    assert problems_of(configuration) == [
        (
            "flows: back and dev-to-stg together mirror 'items' under one name: records would circle for "
            "ever. Use naming: prefix in all of them, exclude the topic from one, or stop one"
        )
    ]


def test_a_loop_with_one_flow_stopped_is_legal() -> None:
    configuration = with_flow("back", source="stg", target="dev", topics=["items"], state="stopped")

    assert len(planned(configuration).flows) == 2


def test_a_loop_of_three_by_way_of_another_stack_is_refused() -> None:
    configuration, elsewhere = two_stacks()
    dev = elsewhere[next(iter(elsewhere))]
    back = {
        "source": "prod",
        "naming": "identity",
        "topics": ["items"],
        "topicsExclude": [],
        "state": "running",
    }
    document = {**dev.model_dump(mode="json", by_alias=True), "flows": {"prod-to-dev": back}}
    configuration = changed(configuration, "sites", "prod", to=site("prod"))
    users = configuration["users"]
    users["r3"] = {"sites": ["stg"], "access": [{"role": "mirror-source", "topics": ["items"]}]}
    users["w3"] = {"sites": ["prod"], "access": [{"role": "mirror-target", "flow": "stg-to-prod"}]}
    configuration["flows"]["stg-to-prod"] = {
        "source": {"site": "stg", "user": "r3"},
        "target": {"site": "prod", "user": "w3"},
        "naming": "identity",
        "topics": ["items"],
    }

    described = {name: type(dev).model_validate(document) for name in elsewhere}

    assert problems_of(configuration, described) == [
        (
            "flows: dev-to-stg and prod-to-dev and stg-to-prod together mirror 'items' under one name: records "
            "would circle for ever. Use naming: prefix in all of them, exclude the topic from one, or stop one"
        )
    ]


def test_a_loop_of_mixed_naming_is_refused() -> None:
    configuration = with_flow(
        "back", source="stg", target="dev", topics=[{"pattern": ".*"}], naming="prefix"
    )
    configuration["flows"]["dev-to-stg"]["topics"] = [{"pattern": ".*"}]
    configuration["users"]["reader"]["access"][0]["topics"] = [{"pattern": ".*"}]
    configuration["topics"] = {}

    assert problems_of(configuration) == [
        (
            "flows: back and dev-to-stg together mirror '0' under one name: records would circle for ever. "
            "Use naming: prefix in all of them, exclude the topic from one, or stop one"
        )
    ]
