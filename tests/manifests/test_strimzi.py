"""Every object is one that Strimzi 1.2.0 takes whole, and says what was planned."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given

from kafka_mirror import manifests
from kafka_mirror.cli.offline import OfflineStack
from kafka_mirror.cli.render import rendered
from kafka_mirror.manifests import Connection, Dialect
from kafka_mirror.mirrormaker import keys
from kafka_mirror.planning import Plan, SitePlan, UserPlan, UserProof, plan
from kafka_mirror.topology import SiteName, UserName, load
from lab.binaries.versions import STRIMZI
from tests.manifests.conftest import releases_serving, schemas_of
from tests.manifests.flows import connection, flow_plan, site_plan
from tests.manifests.schemas import CrdSchemas
from tests.planning.plans import planned
from tests.strategies import Stack, stacks
from tests.topology.configurations import Configuration, changed, site, two_sites

KAFKA = ("sites", "dev", "kafka")


def objects_of(found: Plan) -> list[dict[str, Any]]:
    return rendered(OfflineStack(plan=found, sources={}))


def node_pool(plan: SitePlan) -> dict[str, Any]:
    (pool,) = manifests.kafka_node_pools(plan)
    return pool


def mirror_maker(source: Connection | None = None, **changes: Any) -> dict[str, Any]:
    """Return the spec of the KafkaMirrorMaker2 of the flow with some changes."""
    manifest = manifests.mirror_maker(
        flow_plan(**changes), source=source or connection(), target=connection()
    )
    spec: dict[str, Any] = manifest["spec"]
    return spec


# --- schemas --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dialect", "release"), [(Dialect.STRIMZI_V1, STRIMZI), (Dialect.STRIMZI_V1BETA2, "0.45.0")]
)
@given(stack=stacks())
def test_every_object_is_valid_in_every_field(dialect: Dialect, release: str, stack: Stack) -> None:
    offline = OfflineStack(plan=plan(load(stack.configuration), stack.elsewhere), sources={})
    schemas = schemas_of(release)

    objects = [
        one
        for one in rendered(offline, dialect)
        if one["apiVersion"].startswith("kafka.strimzi.io/")
    ]

    assert [(one, found) for one in objects if (found := schemas.problems(one))] == []


@pytest.mark.parametrize("release", releases_serving("v1"))
def test_the_newer_layout_is_that_of_every_release_that_serves_it(release: str) -> None:
    schemas = schemas_of(release)

    for one in objects_of(planned(two_sites())):
        assert schemas.problems(one) == []


def test_the_schemas_are_strict(crd_schemas: CrdSchemas) -> None:
    manifest = node_pool(site_plan())
    manifest["spec"]["replica"] = 3
    manifest["spec"]["storage"]["volumes"][0]["id"] = "0"

    assert sorted(crd_schemas.problems(manifest)) == [
        "$.spec.storage.volumes[0].id: '0' is not of type 'integer'",
        "$.spec: Additional properties are not allowed ('replica' was unexpected)",
    ]


# --- determinism ----------------------------------------------------------------------------------


@given(stack=stacks())
def test_the_same_stack_renders_the_same_bytes(stack: Stack) -> None:
    def text(configuration: Configuration) -> str:
        objects = objects_of(plan(load(configuration), stack.elsewhere))
        return json.dumps(objects)

    first = text(stack.configuration)

    assert text(copy.deepcopy(stack.configuration)) == first


@given(stack=stacks())
def test_the_order_of_a_configuration_changes_no_object(stack: Stack) -> None:
    def by_name(configuration: Configuration) -> dict[tuple[str, str, str], dict[str, Any]]:
        objects = objects_of(plan(load(configuration), stack.elsewhere))
        return {
            (one["kind"], one["metadata"]["namespace"], one["metadata"]["name"]): one
            for one in objects
        }

    def backwards(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: backwards(inner) for key, inner in reversed(value.items())}
        return [backwards(inner) for inner in value] if isinstance(value, list) else value

    found = by_name(stack.configuration)

    assert by_name(backwards(stack.configuration)) == found
    assert len(found) == len(objects_of(plan(load(stack.configuration), stack.elsewhere)))


# --- sites ----------------------------------------------------------------------------------------


def test_a_kafka_is_safe_with_three_nodes() -> None:
    assert manifests.kafka(site_plan()) == {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "Kafka",
        "metadata": {"name": "k-dev", "namespace": "kafka-dev"},
        "spec": {
            "kafka": {
                "listeners": [
                    {
                        "name": name,
                        "port": port,
                        "type": kind,
                        "tls": True,
                        "authentication": {"type": "scram-sha-512"},
                    }
                    for name, port, kind in (("tls", 9093, "internal"), ("external", 9094, "route"))
                ],
                "authorization": {"type": "simple"},
                "config": {
                    "auto.create.topics.enable": False,
                    "default.replication.factor": 3,
                    "min.insync.replicas": 2,
                    "offsets.topic.replication.factor": 3,
                    "transaction.state.log.replication.factor": 3,
                    "transaction.state.log.min.isr": 2,
                    "share.coordinator.state.topic.replication.factor": 3,
                    "share.coordinator.state.topic.min.isr": 2,
                },
            },
            "entityOperator": {"topicOperator": {}, "userOperator": {}},
        },
    }


def test_a_kafka_takes_what_was_written() -> None:
    configuration = changed(two_sites(), *KAFKA, "version", to="4.3.1")
    configuration = changed(
        configuration, *KAFKA, "config", to={"min.insync.replicas": 1, "a": "b"}
    )

    spec = manifests.kafka(site_plan(configuration))["spec"]["kafka"]

    assert spec["version"] == "4.3.1"
    assert (spec["config"]["min.insync.replicas"], spec["config"]["a"]) == (1, "b")


def test_an_ingress_announces_its_hosts(crd_schemas: CrdSchemas) -> None:
    listener = {
        "name": "web",
        "port": 9443,
        "type": "ingress",
        "host": "k.example.com",
        "brokerHost": "k-{nodeId}.example.com",
    }
    manifest = manifests.kafka(site_plan(changed(two_sites(), *KAFKA, "listeners", 1, to=listener)))

    assert manifest["spec"]["kafka"]["listeners"][1]["configuration"] == {
        "bootstrap": {"host": "k.example.com"},
        "hostTemplate": "k-{nodeId}.example.com",
    }
    assert crd_schemas.problems(manifest) == []


@pytest.mark.parametrize(
    ("nodes", "volume"),
    [
        (
            {"storage": "20Gi"},
            {"type": "persistent-claim", "size": "20Gi", "deleteClaim": True},
        ),
        (
            {"storage": "1Ti", "storageClass": "fast"},
            {"type": "persistent-claim", "size": "1Ti", "deleteClaim": True, "class": "fast"},
        ),
        ({"storage": "ephemeral"}, {"type": "ephemeral"}),
    ],
)
def test_nodes_are_brokers_and_controllers_with_their_storage(
    nodes: dict[str, Any], volume: dict[str, Any], crd_schemas: CrdSchemas
) -> None:
    manifest = node_pool(site_plan(changed(two_sites(), *KAFKA, "nodes", to=nodes)))

    assert manifest["metadata"]["labels"] == {"strimzi.io/cluster": "k-dev"}
    assert manifest["spec"] == {
        "replicas": 3,
        "roles": ["controller", "broker"],
        "storage": {"type": "jbod", "volumes": [{"id": 0, "kraftMetadata": "shared", **volume}]},
    }
    assert crd_schemas.problems(manifest) == []


def test_only_a_production_site_keeps_its_volumes_when_its_kafka_goes() -> None:
    production = changed(two_sites(), "sites", "dev", "production", to=True)

    (volume,) = node_pool(site_plan(production))["spec"]["storage"]["volumes"]

    assert volume["deleteClaim"] is False


@pytest.mark.parametrize(
    ("name", "topic", "resource", "spec"),
    [
        ("items", {}, "items", {"partitions": 1, "replicas": 3}),
        (
            "Orders_EU",
            {"partitions": 6, "config": {"retention.ms": 5}},
            "orders-eu-",
            {
                "partitions": 6,
                "replicas": 3,
                "topicName": "Orders_EU",
                "config": {"retention.ms": 5},
            },
        ),
    ],
)
def test_a_topic_says_its_name_where_kubernetes_cannot(
    name: str, topic: dict[str, Any], resource: str, spec: dict[str, Any]
) -> None:
    configuration = changed(two_sites(), "topics", to={name: {"sites": ["dev"], **topic}})
    (topic_plan,) = site_plan(configuration).topics

    manifest = manifests.kafka_topic(topic_plan, namespace="n", cluster="k")

    assert manifest["metadata"]["name"].startswith(resource)
    assert manifest["metadata"]["labels"] == {"strimzi.io/cluster": "k"}
    assert manifest["spec"] == spec


def user_plan(name: str) -> UserPlan:
    return next(one for one in site_plan().users if one.name == name)


def test_a_user_takes_its_password_from_the_secret_beside_it() -> None:
    manifest = manifests.kafka_user(user_plan("consumer"), namespace="n", cluster="k")

    assert manifest["metadata"] == {
        "name": "consumer",
        "namespace": "n",
        "labels": {"strimzi.io/cluster": "k"},
    }
    assert manifest["spec"] == {
        "authentication": {
            "type": "scram-sha-512",
            "password": {
                "valueFrom": {"secretKeyRef": {"name": "consumer-password", "key": "password"}}
            },
        },
        "authorization": {
            "type": "simple",
            "acls": [
                {
                    "resource": {"type": kind, "name": name, "patternType": "literal"},
                    "operations": ["Read"],
                }
                for kind, name in (("group", "app"), ("topic", "items"))
            ],
        },
    }


def test_a_user_without_rights_can_log_in_and_do_nothing(crd_schemas: CrdSchemas) -> None:
    nobody = UserPlan(
        name=UserName("nobody"), rights=(), proof=UserProof(authentication="scram-sha-512")
    )

    manifest = manifests.kafka_user(nobody, namespace="n", cluster="k")

    # The User Operator 1.2.0 takes the empty list for no rights at all, and reports Ready.
    assert manifest["spec"]["authorization"] == {"type": "simple", "acls": []}
    assert crd_schemas.problems(manifest) == []


@dataclass(frozen=True)
class Unknown:
    """A value that is known at deployment only, as a Pulumi Output is; looking into it fails."""

    def __bool__(self) -> bool:
        raise TypeError("an Output is never looked into")

    def __str__(self) -> str:
        raise TypeError("an Output is never looked into")

    def __iter__(self) -> Any:
        raise TypeError("an Output is never looked into")


def test_what_only_the_deployment_knows_is_passed_on_untouched() -> None:
    version, source, target = Unknown(), Unknown(), Unknown()

    user = manifests.kafka_user(
        user_plan("reader"), namespace="n", cluster="k", credential_version=version
    )
    flow = manifests.mirror_maker(
        flow_plan(),
        source=connection(bootstrap_servers=source),
        target=connection(bootstrap_servers=target),
    )

    assert user["metadata"]["annotations"]["kafka-mirror/credential-version"] is version
    assert flow["spec"]["mirrors"][0]["source"]["bootstrapServers"] is source
    assert flow["spec"]["target"]["bootstrapServers"] is target


# --- flows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("naming", "policy"),
    [
        ("identity", "org.apache.kafka.connect.mirror.IdentityReplicationPolicy"),
        ("prefix", "org.apache.kafka.connect.mirror.DefaultReplicationPolicy"),
    ],
)
def test_both_connectors_agree_on_names_and_on_where_offsets_are_kept(
    naming: str, policy: str
) -> None:
    (mirror,) = mirror_maker(naming=naming)["mirrors"]

    for connector in ("sourceConnector", "checkpointConnector"):
        config = mirror[connector]["config"]
        assert config["replication.policy.class"] == policy
        assert config["offset-syncs.topic.location"] == "target"


def test_offset_syncs_at_the_source_are_told_to_both_connectors_with_the_copies_of_that_site() -> (
    None
):
    configuration = changed(two_sites(), "flows", "dev-to-stg", "offsetSyncs", to="source")
    reader = ("users", "reader", "access", 0, "offsetSyncsFor")
    small = changed(configuration, "sites", "dev", to=site("dev", nodes=2))

    spec = manifests.mirror_maker(
        planned(changed(small, *reader, to=["stg"])).flows[0],
        source=connection(),
        target=connection(),
    )["spec"]

    source, checkpoint = (
        spec["mirrors"][0][f"{one}Connector"]["config"] for one in ("source", "checkpoint")
    )
    assert {one["offset-syncs.topic.location"] for one in (source, checkpoint)} == {"source"}
    assert source["offset-syncs.topic.replication.factor"] == 2
    assert source["replication.factor"] == 3


def test_own_acls_are_said_as_they_were_written_after_those_of_the_roles(
    crd_schemas: CrdSchemas,
) -> None:
    written = [
        {
            "resource": {"type": "topic", "name": "audit-", "patternType": "prefix"},
            "operations": ["Write", "All"],
            "type": "deny",
            "host": "10.0.0.1",
        },
        {"resource": {"type": "cluster"}, "operations": ["Describe"]},
        {
            "resource": {"type": "transactionalId", "name": "*", "patternType": "literal"},
            "operations": ["Describe"],
        },
    ]
    configuration = changed(two_sites(), "users", "consumer", "acls", to=written)
    (user,) = (
        one for one in planned(configuration).sites[SiteName("dev")].users if one.name == "consumer"
    )

    manifest = manifests.kafka_user(user, namespace="n", cluster="k")

    assert manifest["spec"]["authorization"]["acls"][2:] == written
    assert crd_schemas.problems(manifest) == []


def test_defaults_that_fail_without_a_word_are_set_otherwise() -> None:
    (mirror,) = mirror_maker()["mirrors"]
    source, checkpoint = mirror["sourceConnector"], mirror["checkpointConnector"]

    assert source["config"]["sync.topic.acls.enabled"] is False
    assert source["config"]["heartbeats.replication.enabled"] is False
    assert source["config"]["consumer.isolation.level"] == "read_committed"
    assert checkpoint["config"]["sync.group.offsets.enabled"] is True
    assert source["autoRestart"] == checkpoint["autoRestart"] == {"enabled": True}


def test_every_topic_a_flow_makes_has_the_copies_of_its_target() -> None:
    small = changed(two_sites(), "sites", "stg", to=site("stg", nodes=1))
    spec = manifests.mirror_maker(
        planned(small).flows[0], source=connection(), target=connection()
    )["spec"]

    configs = [
        spec["target"]["config"],
        spec["mirrors"][0]["sourceConnector"]["config"],
        spec["mirrors"][0]["checkpointConnector"]["config"],
    ]
    copies = {key: value for config in configs for key, value in config.items() if "factor" in key}
    assert copies == dict.fromkeys(
        (
            "config.storage.replication.factor",
            "offset.storage.replication.factor",
            "status.storage.replication.factor",
            "replication.factor",
            "offset-syncs.topic.replication.factor",
            "checkpoints.topic.replication.factor",
        ),
        1,
    )


def test_the_intervals_are_those_of_the_plan() -> None:
    spec = mirror_maker(objectives={"duplicateWindow": "15s", "discovery": "10s"})
    (mirror,) = spec["mirrors"]

    assert spec["target"]["config"]["offset.flush.interval.ms"] == 4000
    assert mirror["sourceConnector"]["config"]["refresh.topics.interval.seconds"] == 10
    assert mirror["sourceConnector"]["config"]["sync.topic.configs.interval.seconds"] == 10
    assert mirror["checkpointConnector"]["config"]["refresh.groups.interval.seconds"] == 10
    assert mirror["checkpointConnector"]["config"]["emit.checkpoints.interval.seconds"] == 4
    assert mirror["checkpointConnector"]["config"]["sync.group.offsets.interval.seconds"] == 4


def test_the_tasks_of_a_lost_worker_do_not_wait_for_it() -> None:
    assert mirror_maker(replicas=2)["target"]["config"]["scheduled.rebalance.max.delay.ms"] == 0


def test_names_are_quoted_and_patterns_are_not() -> None:
    (mirror,) = mirror_maker(topics=["items"], groups=["a.b", {"pattern": "g.*"}], naming="prefix")[
        "mirrors"
    ]

    assert mirror["topicsPattern"] == "items"
    assert mirror["groupsPattern"] == r"a\.b|g.*"
    assert "topicsExcludePattern" not in mirror
    assert "groupsExcludePattern" not in mirror


def test_excludes_take_those_of_mirror_maker_along() -> None:
    (mirror,) = mirror_maker(
        topicsExclude=[{"pattern": "tmp-.*"}], groupsExclude=[{"pattern": "test-.*"}]
    )["mirrors"]

    assert mirror["topicsExcludePattern"] == r"mm2.*\.internal|.*\.replica|__.*|tmp-.*"
    assert mirror["groupsExcludePattern"] == "console-consumer-.*|connect-.*|__.*|test-.*"


def test_tuning_comes_last_and_reaches_the_source_connector_alone() -> None:
    (mirror,) = mirror_maker(tuning={"producer.override.linger.ms": 5, "a": True})["mirrors"]

    assert mirror["sourceConnector"]["config"]["producer.override.linger.ms"] == 5
    assert mirror["sourceConnector"]["config"]["a"] is True
    assert "a" not in mirror["checkpointConnector"]["config"]
    assert not any(
        key.startswith("producer.") and "override" not in key for key in keys.DATA_TUNING
    )


def test_trust_is_by_pattern_so_that_a_new_authority_can_come() -> None:
    spec = mirror_maker()

    assert spec["target"]["tls"] == {
        "trustedCertificates": [{"secretName": "trust", "pattern": "*.crt"}]
    }
    assert "tls" not in mirror_maker(source=connection(trust=None))["mirrors"][0]["source"]


def test_a_state_is_that_of_both_connectors() -> None:
    (mirror,) = mirror_maker(state="stopped", tasks=7)["mirrors"]

    assert mirror["sourceConnector"]["state"] == mirror["checkpointConnector"]["state"] == "stopped"
    assert (mirror["sourceConnector"]["tasksMax"], mirror["checkpointConnector"]["tasksMax"]) == (
        7,
        1,
    )


def test_offsets_can_always_be_listed_and_altered() -> None:
    (mirror,) = mirror_maker()["mirrors"]

    assert mirror["sourceConnector"]["listOffsets"] == {
        "toConfigMap": {"name": "dev-to-stg-source-offsets"}
    }
    assert mirror["checkpointConnector"]["alterOffsets"] == {
        "fromConfigMap": {"name": "dev-to-stg-checkpoint-offsets-to-set"}
    }
