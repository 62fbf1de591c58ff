"""Ways to run Kafka that are right though unusual: no mandatory rule may stand in their way."""

from __future__ import annotations

from typing import Any

import pytest

from mirror_policies import Configuration, check
from mirror_policies.fields import ABSENT
from mirror_policies.objects import KubernetesObject
from mirror_policies.rule import Profile
from tests.policies.resources import (
    Change,
    Resource,
    at,
    changed,
    checkpoint_config,
    kafka,
    mirror_maker,
    node_pool,
    old_mirror_maker,
    source_config,
    target_config,
    topic,
)

SOURCE, TARGET = at("spec.mirrors.0.source"), at("spec.target")
PLAIN_POLICY: tuple[Change, ...] = (
    (source_config("replication.policy.class"), ABSENT),
    (checkpoint_config("replication.policy.class"), ABSENT),
)


def in_both(key: str, value: Any) -> tuple[Change, ...]:
    return ((source_config(key), value), (checkpoint_config(key), value))


def back(*changes: Change) -> Resource:
    """Make the flow in the other direction, beside its target, for other topics."""
    away = mirror_maker()
    return changed(
        away,
        (("metadata",), {"name": "stg-to-dev", "namespace": "dev"}),
        (
            SOURCE,
            {key: away["spec"]["target"][key] for key in away["spec"]["mirrors"][0]["source"]},
        ),
        (
            TARGET,
            away["spec"]["target"] | away["spec"]["mirrors"][0]["source"] | {"groupId": "back"},
        ),
        (at("spec.mirrors.0.topicsPattern"), "reports"),
        *(
            (at(f"spec.target.{what}StorageTopic"), f"__back-{what}")
            for what in ("config", "offset", "status")
        ),
        *changes,
    )


def secret(
    name: str, *, namespace: str = "stg", keys: tuple[str, ...] = ("ca.crt",), **about: Any
) -> Resource:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, **about},
        "stringData": dict.fromkeys(keys, "x"),
    }


def user(name: str, namespace: str, of: str, **spec: Any) -> Resource:
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaUser",
        "metadata": {"name": name, "namespace": namespace, "labels": {"strimzi.io/cluster": of}},
        "spec": {"authentication": {"type": "scram-sha-512"}, **spec},
    }


def cluster(name: str, *changes: Change) -> Resource:
    moved = changed(kafka(name=name), (("metadata", "namespace"), name))
    return changed(moved, *changes)


ONE_SECRET = {
    "tls": {"trustedCertificates": [{"secretName": "cloud", "certificate": "ca.crt"}]},
    "authentication": {
        "type": "scram-sha-512",
        "username": "flow",
        "passwordSecret": {"secretName": "cloud", "password": "password"},
    },
}

OLD = old_mirror_maker()["spec"]["clusters"]


def rights(**may: tuple[str, ...]) -> dict[str, Any]:
    """Return rights on topics by name; one that ends in a hyphen is a prefix."""
    acls = [
        {
            "resource": {
                "type": "topic",
                "name": name,
                "patternType": "prefix" if name.endswith("-") else "literal",
            },
            "operations": list(operations),
        }
        for name, operations in may.items()
    ]
    group = {"resource": {"type": "group", "name": "*"}, "operations": ["Read"]}
    return {"type": "simple", "acls": [group, *acls]}


AUTHORIZED = changed(
    kafka((at("spec.kafka.authorization"), {"type": "simple"})),
    (at("spec.entityOperator"), {"userOperator": {}}),
    (
        at("spec.kafka.listeners"),
        [{"name": "a", "tls": True, "authentication": {"type": "scram-sha-512"}}],
    ),
)
OWN = dict.fromkeys(
    ("__mm2-", "mm2-offset-syncs.dev.internal", "dev.checkpoints.internal"),
    ("Create", "Read", "Write"),
)

LEGITIMATE = {
    "a user that may not make topics which the target declares": [
        AUTHORIZED,
        topic(),
        mirror_maker(),
        user(
            "stg-mm2",
            "stg",
            "stg",
            authorization=rights(**OWN, items=("Write", "Read", "AlterConfigs")),
        ),
    ],
    "a user of a flow whose topics another program makes": [
        AUTHORIZED,
        mirror_maker((source_config("forwarding.admin.class"), "com.example.Admin")),
        user("stg-mm2", "stg", "stg", authorization=rights(**OWN, items=("Write", "Read"))),
    ],
    "each MirrorMaker calls its own target by an inner address and the source by an outer one": [
        cluster("dev"),
        cluster("stg"),
        mirror_maker((at("spec.mirrors.0.source.bootstrapServers"), "kafka-dev.example.com:9094")),
        back((at("spec.mirrors.0.source.bootstrapServers"), "kafka-stg.example.com:9094")),
    ],
    "two flows to one cloud service, by different brokers of it": [
        mirror_maker(
            (
                at("spec.mirrors.0.source.bootstrapServers"),
                "b1.example.com:9092,b2.example.com:9092",
            )
        ),
        mirror_maker(
            (at("spec.mirrors.0.source.bootstrapServers"), "b3.example.com:9092"),
            (("metadata", "name"), "other"),
            (at("spec.target.groupId"), "other"),
            (at("spec.mirrors.0.topicsPattern"), "orders"),
            *(
                (at(f"spec.target.{what}StorageTopic"), f"__other-{what}")
                for what in ("config", "offset", "status")
            ),
        ),
    ],
    "one Secret of the user's own with password and CA": [
        mirror_maker(
            *((at("spec.mirrors.0.source", key), value) for key, value in ONE_SECRET.items())
        )
    ],
    "that Secret among the objects": [
        mirror_maker(
            *((at("spec.mirrors.0.source", key), value) for key, value in ONE_SECRET.items())
        ),
        secret("cloud", keys=("ca.crt", "password")),
    ],
    "a copy of a CA under the name of its private key": [
        mirror_maker(
            (at("spec.mirrors.0.source.tls.trustedCertificates.0.secretName"), "dev-cluster-ca")
        )
    ],
    "a CA that an annotation has copied": [
        cluster(
            "dev",
            (
                at("spec.kafka.template"),
                {
                    "clusterCaCert": {
                        "metadata": {
                            "annotations": {
                                "reflector.v1.k8s.emberstack.com/reflection-allowed": "true"
                            }
                        }
                    }
                },
            ),
        ),
        mirror_maker(
            (
                at("spec.mirrors.0.source.tls.trustedCertificates.0.secretName"),
                "dev-cluster-ca-cert",
            )
        ),
    ],
    "a password that an external store puts here, of a user elsewhere": [
        user("dev-mm2", "dev", "dev"),
        {
            "apiVersion": "external-secrets.io/v1",
            "kind": "ExternalSecret",
            "metadata": {"name": "dev-login", "namespace": "stg"},
            "spec": {"target": {"name": "dev-mm2"}},
        },
        mirror_maker(),
    ],
    "a labelled Secret whose KafkaUser is in another repository": [
        secret("app", labels={"strimzi.io/kind": "KafkaUser", "strimzi.io/cluster": "stg"})
    ],
    "ACL sync into a cluster that no User Operator keeps": [
        mirror_maker(
            (at("spec.target.bootstrapServers"), "b-1.msk.example.com:9098"),
            (source_config("sync.topic.acls.enabled"), True),
        )
    ],
    "ACL sync into a Kafka with an authorizer and no User Operator": [
        kafka(
            (at("spec.kafka.authorization"), {"type": "simple"}),
            (at("spec.entityOperator"), {"topicOperator": {}}),
        ),
        mirror_maker((source_config("sync.topic.acls.enabled"), True)),
    ],
    "a separator under identity that goes into no name": [
        mirror_maker(
            *in_both("replication.policy.separator", "-"),
            *in_both("replication.policy.internal.topic.separator.enabled", False),
        )
    ],
    "prefix naming with another separator, and rights for it": [
        changed(
            kafka((at("spec.kafka.authorization"), {"type": "simple"})),
            (at("spec.entityOperator"), {"userOperator": {}}),
            (
                at("spec.kafka.listeners"),
                [{"name": "a", "tls": True, "authentication": {"type": "scram-sha-512"}}],
            ),
        ),
        mirror_maker(*PLAIN_POLICY, *in_both("replication.policy.separator", "_")),
        user(
            "stg-mm2",
            "stg",
            "stg",
            authorization={
                "type": "simple",
                "acls": [
                    {"resource": {"type": "group", "name": "*"}, "operations": ["Read"]},
                    *(
                        {
                            "resource": {"type": "topic", "name": name, "patternType": kind},
                            "operations": list(may),
                        }
                        for name, kind, may in (
                            ("__mm2-", "prefix", ("Create", "Read", "Write")),
                            (
                                "mm2-offset-syncs_dev_internal",
                                "literal",
                                ("Create", "Read", "Write"),
                            ),
                            ("dev_checkpoints_internal", "literal", ("Create", "Read", "Write")),
                            (
                                "dev_items",
                                "literal",
                                ("Create", "Write", "Alter", "AlterConfigs", "Read"),
                            ),
                        )
                    ),
                ],
            },
        ),
    ],
    "two directions of identity, one of them scaled to nothing": [
        mirror_maker(),
        back((at("spec.mirrors.0.topicsPattern"), "items"), (at("spec.replicas"), 0)),
    ],
    "two directions of identity, records filtered by where they came from": [
        mirror_maker(),
        back(
            (at("spec.mirrors.0.topicsPattern"), "items"),
            (source_config("transforms"), "local"),
            (source_config("transforms.local.type"), "org.apache.kafka.connect.transforms.Filter"),
        ),
    ],
    "exactly once by the longer prefix": [
        mirror_maker(
            (target_config("exactly.once.source.support"), "enabled"),
            (source_config("source.consumer.isolation.level"), "read_committed"),
        )
    ],
    "workers of exactly once that only translate offsets": [
        mirror_maker(
            (target_config("exactly.once.source.support"), "enabled"),
            (at("spec.mirrors.0.sourceConnector"), ABSENT),
        )
    ],
    "a mechanism that the operator has no type for, at the source": [
        mirror_maker(
            (at("spec.mirrors.0.source.authentication"), ABSENT),
            (at("spec.mirrors.0.source.config"), {"sasl.mechanism": "AWS_MSK_IAM"}),
        )
    ],
    "another alias for the workers' cluster (Strimzi 0.45)": [
        old_mirror_maker(
            (
                at("spec.clusters"),
                [*OLD, {**OLD[1], "alias": "same", "config": {}}],
            ),
            (at("spec.mirrors.0.targetCluster"), "same"),
        )
    ],
    "users and topics in the version of 2020, which operators served as long as v1beta2": [
        changed(topic(), (("apiVersion",), "kafka.strimzi.io/v1beta1"))
    ],
    "one broker without a word on transactions": [
        kafka(
            (
                at("spec.kafka.config"),
                {
                    "default.replication.factor": 1,
                    "min.insync.replicas": 1,
                    "offsets.topic.replication.factor": 1,
                },
            )
        ),
        node_pool(1),
    ],
    "a scratch topic with one copy beside min.insync.replicas of two": [
        kafka(),
        node_pool(3),
        topic(1),
    ],
    "brokers in pools that are not shown (Strimzi 0.36 to 0.47)": [
        changed(
            kafka((at("metadata.annotations"), {"strimzi.io/node-pools": "enabled"})),
            (("apiVersion",), "kafka.strimzi.io/v1beta2"),
        ),
        topic(3),
    ],
    "copied records without offset syncs": [
        mirror_maker(
            (source_config("emit.offset-syncs.enabled"), False),
            (source_config("offset-syncs.topic.replication.factor"), ABSENT),
            (at("spec.mirrors.0.checkpointConnector"), ABSENT),
        )
    ],
    "Java's look-behind and possessive counts": [
        mirror_maker(
            (at("spec.mirrors.0.topicsPattern"), r"(?<!tmp|old)items|orders[0-9]++|\p{Lower}+")
        )
    ],
    "addresses with a protocol, blanks and a last comma": [
        mirror_maker(
            (
                at("spec.mirrors.0.source.bootstrapServers"),
                "SASL_SSL://a.example.com:9093, b.example.com:9093,",
            )
        )
    ],
    "a password from another variable of the container": [
        mirror_maker(
            (
                at("spec.template"),
                {
                    "connectContainer": {
                        "env": [{"name": "STORE_PASSWORD", "value": "$(FROM_SECRET)"}]
                    }
                },
            )
        )
    ],
    "Kerberos, which writes no password": [
        mirror_maker(
            (
                source_config("producer.override.sasl.jaas.config"),
                "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true;",
            )
        )
    ],
    "a converter of one's own for a store": [
        mirror_maker(
            (target_config("value.converter"), "org.apache.kafka.connect.storage.StringConverter")
        )
    ],
    "records kept by key, and shortly": [
        changed(
            topic(),
            (("metadata", "namespace"), "dev"),
            (("metadata", "labels"), {"strimzi.io/cluster": "dev"}),
            (("spec", "config"), {"cleanup.policy": "compact", "retention.ms": 60_000}),
        ),
        cluster("dev"),
        mirror_maker(),
    ],
}


def stopping(resources: list[Resource], profile: Profile) -> list[tuple[str, str, str, str]]:
    findings = check(resources, configuration=Configuration(profile=profile))
    return [(f.rule, f.object, f.path, f.message) for f in findings if f.stops]


@pytest.mark.parametrize("name", LEGITIMATE)
def test_no_mandatory_rule_stands_in_the_way(name):
    assert stopping(LEGITIMATE[name], Profile.DEVELOPMENT) == []


def test_namesakes_in_two_kubernetes_clusters_are_two_clusters():
    """Two regions with everything named alike, each with a flow from the other by its route."""
    objects = []
    for here, there in (("eu", "us"), ("us", "eu")):
        flow = mirror_maker(
            (at("spec.target.alias"), here),
            (at("spec.target.tls.trustedCertificates.0.secretName"), "kafka-cluster-ca-cert"),
            (at("spec.target.bootstrapServers"), "kafka-kafka-bootstrap.stg.svc:9093"),
            (at("spec.mirrors.0.source.alias"), there),
            (
                at("spec.mirrors.0.source.bootstrapServers"),
                f"kafka-kafka-bootstrap-stg.apps.{there}.example.com:443",
            ),
            *PLAIN_POLICY,
        )
        made = (kafka(name="kafka"), node_pool(3, of="kafka"), flow)
        objects += [KubernetesObject(resource, site=here) for resource in made]
    assert [(f.rule, f.path) for f in check(objects) if f.stops] == []


@pytest.mark.parametrize(
    ("one", "other", "is_endless"),
    [
        pytest.param("eu", "us", False, id="plain aliases: MirrorMaker knows its own records"),
        pytest.param("eu.west", "us", False, id="one with a dot: the other is still known"),
        pytest.param("eu.west", "us.east", True, id="two with dots: neither is"),
    ],
)
def test_aliases_that_hold_the_separator_hide_a_loop(one, other, is_endless):
    findings = check([to(other, one), to(one, other)])
    loops = [f.message for f in findings if f.rule == "no-replication-loop"]
    assert ["hide where a record came from" in message for message in loops] == [True] * is_endless


def to(target: str, source: str) -> Resource:
    return mirror_maker(
        (at("spec.mirrors.0.source.alias"), source),
        (at("spec.mirrors.0.source.bootstrapServers"), f"{source}.example.com:443"),
        (at("spec.target.alias"), target),
        (at("spec.target.bootstrapServers"), f"{target}.example.com:443"),
        (("metadata", "name"), f"to-{target}"),
        (at("spec.mirrors.0.topicsPattern"), ".*"),
        *PLAIN_POLICY,
    )
