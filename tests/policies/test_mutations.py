"""From a stack with nothing wrong, each change of one field fires exactly the rules beside it, where it must.

The stack is ``valid_stack.yaml``, judged as a Pulumi program declares it and under the stricter profile,
so that nothing is left out: what is not in a row must not be said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from mirror_policies import RULES, Configuration, Finding, check
from mirror_policies.fields import ABSENT
from mirror_policies.objects import Declaration, KubernetesObject, stack_settings
from mirror_policies.rule import Profile
from tests.policies.resources import Resource, at, old_mirror_maker
from tests.policies.resources import changed as changed_resource

FLOW = "KafkaMirrorMaker2 stg/dev-to-stg"
BACK = "KafkaMirrorMaker2 dev/stg-to-dev"
STANDBY = "KafkaMirrorMaker2 es/to-standby"
DEV, STG, INSTANCE = "Kafka dev/dev", "Kafka stg/stg", "EventStreams es/standby"
ITEMS, POOL = "KafkaTopic dev/items", "KafkaNodePool stg/pool-stg"
READER, WRITER = "KafkaUser dev/dev-reader", "KafkaUser stg/stg-writer"
APP, APP_AT_DEV, REPORTER = (
    "KafkaUser stg/item-app",
    "KafkaUser dev/item-app",
    "KafkaUser stg/reporter",
)
CONNECT, HEARTBEAT = "KafkaConnect dev/heartbeats", "KafkaConnector dev/heartbeat"

DECLARED = Declaration(is_protected=True, is_provider_default=False)
DISABLED: dict[str, object] = {"pulumi:disable-default-providers": ["kubernetes"]}
TEXT = (Path(__file__).with_name("valid_stack.yaml")).read_text()
# Written out and read again, so that what objects share in the file is their own here.
VALID = json.dumps(yaml.safe_load(TEXT)["items"])

Said = tuple[str, str, str]


@dataclass(frozen=True)
class Mutation:
    """One field changed, and every finding that follows: rule, object and path."""

    id: str
    object: str
    place: tuple[str | int, ...]
    value: Any
    expected: tuple[Said, ...]


def changed(
    name: str, title: str, place: tuple[str | int, ...], value: Any, *expected: Said
) -> Mutation:
    return Mutation(name, title, place, value, expected)


MUTATIONS = [
    changed(
        "no spec of dev-to-stg",
        FLOW,
        ("spec",),
        ABSENT,
        ("users-on-every-site", READER, "metadata.name"),
        ("object-well-formed", FLOW, "spec"),
    ),
    changed(
        "mirrors: items of dev-to-stg",
        FLOW,
        ("spec", "mirrors"),
        "items",
        ("users-on-every-site", READER, "metadata.name"),
        ("object-well-formed", FLOW, "spec.mirrors"),
    ),
    changed(
        "config: fast of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config"),
        "fast",
        ("mirror-user-rights", READER, "spec.authorization.acls"),
        ("mirror-user-rights", WRITER, "spec.authorization.acls"),
        ("replicated-users-alike", APP, "spec.authorization.acls"),
        ("object-well-formed", FLOW, "spec.mirrors[0].sourceConnector.config"),
        (
            "replication-policy-alike",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["replication.policy.class"]',
        ),
        (
            "replication-factor-declared",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["replication.factor"]',
        ),
        (
            "replication-factor-declared",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["offset-syncs.topic.replication.factor"]',
        ),
        ("acl-sync-off", FLOW, 'spec.mirrors[0].sourceConnector.config["sync.topic.acls.enabled"]'),
        (
            "offset-syncs-location-alike",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["offset-syncs.topic.location"]',
        ),
        (
            "exactly-once-complete",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["consumer.isolation.level"]',
        ),
        ("heartbeat-policy-alike", HEARTBEAT, 'spec.config["replication.policy.class"]'),
    ),
    changed(
        "acls of item-app",
        APP,
        ("spec", "authorization", "acls"),
        {},
        ("object-well-formed", APP, "spec.authorization.acls"),
        ("replicated-users-alike", APP, "spec.authorization.acls"),
        ("replicated-users-alike", APP, "spec.authorization.acls"),
    ),
    changed(
        "no replication.policy.class of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config", "replication.policy.class"),
        ABSENT,
        ("mirror-user-rights", WRITER, "spec.authorization.acls"),
        ("replicated-users-alike", APP, "spec.authorization.acls"),
        (
            "replication-policy-alike",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["replication.policy.class"]',
        ),
        ("heartbeat-policy-alike", HEARTBEAT, 'spec.config["replication.policy.class"]'),
    ),
    changed(
        "no replication.policy.class of dev-to-stg (2)",
        FLOW,
        ("spec", "mirrors", 0, "checkpointConnector", "config", "replication.policy.class"),
        ABSENT,
        (
            "replication-policy-alike",
            FLOW,
            'spec.mirrors[0].checkpointConnector.config["replication.policy.class"]',
        ),
    ),
    changed(
        "replication.policy.class of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "checkpointConnector", "config", "replication.policy.class"),
        "io.strimzi.kafka.connect.mirror.IdentityReplicationPolicy",
        (
            "replication-policy-exists",
            FLOW,
            'spec.mirrors[0].checkpointConnector.config["replication.policy.class"]',
        ),
    ),
    changed(
        "replication.policy.separator:  of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config", "replication.policy.separator"),
        "",
        ("mirror-user-rights", WRITER, "spec.authorization.acls"),
        (
            "replication-policy-alike",
            FLOW,
            'spec.mirrors[0].checkpointConnector.config["replication.policy.separator"]',
        ),
        (
            "separator-unset-under-identity",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["replication.policy.separator"]',
        ),
    ),
    changed(
        "topicsPattern: items of stg-to-dev",
        BACK,
        ("spec", "mirrors", 0, "topicsPattern"),
        "items",
        ("no-replication-loop", FLOW, "spec.mirrors[0].topicsPattern"),
        ("patterns-match-a-topic", BACK, "spec.mirrors[0].topicsPattern"),
    ),
    changed(
        "topicsPattern: .* of stg-to-dev",
        BACK,
        ("spec", "mirrors", 0, "topicsPattern"),
        ".*",
        ("users-on-every-site", REPORTER, "metadata.name"),
        ("no-replication-loop", FLOW, "spec.mirrors[0].topicsPattern"),
    ),
    changed(
        "alias: stg of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "source", "alias"),
        "stg",
        ("mirror-user-rights", WRITER, "spec.authorization.acls"),
        ("no-replication-loop", FLOW, "spec.mirrors[0].topicsPattern"),
        ("source-is-not-target", FLOW, "spec.mirrors[0].source.alias"),
        ("one-alias-per-cluster", FLOW, "spec.mirrors[0].source.alias"),
        ("one-alias-per-cluster", BACK, "spec.target.alias"),
        ("one-alias-per-cluster", STANDBY, "spec.mirrors[0].source.alias"),
    ),
    changed(
        "bootstrapServers of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "source", "bootstrapServers"),
        "stg-kafka-bootstrap.stg.svc:9093",
        ("source-is-not-target", FLOW, "spec.mirrors[0].source.bootstrapServers"),
        ("one-alias-per-cluster", FLOW, "spec.mirrors[0].source.alias"),
        ("patterns-match-a-topic", FLOW, "spec.mirrors[0].topicsPattern"),
        ("one-alias-per-cluster", BACK, "spec.target.alias"),
        ("one-alias-per-cluster", STANDBY, "spec.mirrors[0].source.alias"),
    ),
    changed(
        "mirrors 1 of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 1),
        {
            "source": {
                "alias": "dev",
                "bootstrapServers": "dev-kafka-bootstrap.dev.svc:9093",
                "tls": {"trustedCertificates": [{"secretName": "dev-trust", "pattern": "*.crt"}]},
            },
            "sourceConnector": {
                "autoRestart": {"enabled": True},
                "config": {
                    "replication.factor": 3,
                    "offset-syncs.topic.replication.factor": 3,
                    "sync.topic.acls.enabled": False,
                    "offset-syncs.topic.location": "target",
                },
            },
            "checkpointConnector": {
                "autoRestart": {"enabled": True},
                "config": {
                    "checkpoints.topic.replication.factor": 3,
                    "offset-syncs.topic.location": "target",
                    "sync.group.offsets.enabled": True,
                    "sync.group.offsets.interval.seconds": 20,
                    "emit.checkpoints.interval.seconds": 20,
                },
            },
            "topicsPattern": "audit",
            "groupsPattern": "x-.*",
        },
        ("mirror-user-rights", WRITER, "spec.authorization.acls"),
        ("alias-used-once", FLOW, "spec.mirrors[1].source.alias"),
        (
            "exactly-once-complete",
            FLOW,
            'spec.mirrors[1].sourceConnector.config["consumer.isolation.level"]',
        ),
        ("heartbeat-policy-alike", HEARTBEAT, 'spec.config["replication.policy.class"]'),
    ),
    changed(
        "alias: development of stg-to-dev",
        BACK,
        ("spec", "target", "alias"),
        "development",
        ("one-alias-per-cluster", BACK, "spec.target.alias"),
    ),
    changed(
        "alias: staging of stg-to-dev",
        BACK,
        ("spec", "mirrors", 0, "source", "alias"),
        "staging",
        ("one-alias-per-cluster", BACK, "spec.mirrors[0].source.alias"),
    ),
    changed(
        "offsetStorageTopic: __mm2-dev-to-stg-configs of dev-to-stg",
        FLOW,
        ("spec", "target", "offsetStorageTopic"),
        "__mm2-dev-to-stg-configs",
        ("storage-topics-apart", FLOW, "spec.target.offsetStorageTopic"),
    ),
    changed(
        "groupId: heartbeats of stg-to-dev",
        BACK,
        ("spec", "target", "groupId"),
        "heartbeats",
        ("workers-apart", CONNECT, "spec.groupId"),
    ),
    changed(
        "statusStorageTopic: __mm2-stg-to-dev-status of heartbeats",
        CONNECT,
        ("spec", "statusStorageTopic"),
        "__mm2-stg-to-dev-status",
        ("workers-apart", CONNECT, "spec.statusStorageTopic"),
    ),
    changed(
        "no replication.policy.class of heartbeat",
        HEARTBEAT,
        ("spec", "config", "replication.policy.class"),
        ABSENT,
        ("heartbeat-policy-alike", HEARTBEAT, 'spec.config["replication.policy.class"]'),
    ),
    changed(
        "no replication.factor of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config", "replication.factor"),
        ABSENT,
        (
            "replication-factor-declared",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["replication.factor"]',
        ),
    ),
    changed(
        "checkpoints.topic.replication.factor: three of dev-to-stg",
        FLOW,
        (
            "spec",
            "mirrors",
            0,
            "checkpointConnector",
            "config",
            "checkpoints.topic.replication.factor",
        ),
        "three",
        (
            "replication-factor-declared",
            FLOW,
            'spec.mirrors[0].checkpointConnector.config["checkpoints.topic.replication.factor"]',
        ),
    ),
    changed(
        "offset.storage.replication.factor: 2 of dev-to-stg",
        FLOW,
        ("spec", "target", "config", "offset.storage.replication.factor"),
        2,
        (
            "replication-factor-declared",
            FLOW,
            'spec.target.config["offset.storage.replication.factor"]',
        ),
    ),
    changed(
        "replication.factor: 4 of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config", "replication.factor"),
        4,
        (
            "replication-factor-fits-brokers",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["replication.factor"]',
        ),
    ),
    changed(
        "replicas: 2 of pool-stg",
        POOL,
        ("spec", "replicas"),
        2,
        ("replication-factor-fits-brokers", STG, 'spec.kafka.config["default.replication.factor"]'),
        (
            "replication-factor-fits-brokers",
            STG,
            'spec.kafka.config["offsets.topic.replication.factor"]',
        ),
        (
            "replication-factor-fits-brokers",
            STG,
            'spec.kafka.config["transaction.state.log.replication.factor"]',
        ),
        ("replication-factor-fits-brokers", "KafkaTopic stg/reports", "spec.replicas"),
        (
            "replication-factor-fits-brokers",
            FLOW,
            'spec.target.config["config.storage.replication.factor"]',
        ),
        (
            "replication-factor-fits-brokers",
            FLOW,
            'spec.target.config["offset.storage.replication.factor"]',
        ),
        (
            "replication-factor-fits-brokers",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["replication.factor"]',
        ),
        (
            "replication-factor-fits-brokers",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["offset-syncs.topic.replication.factor"]',
        ),
        (
            "replication-factor-fits-brokers",
            FLOW,
            'spec.mirrors[0].checkpointConnector.config["checkpoints.topic.replication.factor"]',
        ),
    ),
    changed(
        "replicas: 4 of items",
        ITEMS,
        ("spec", "replicas"),
        4,
        ("replication-factor-fits-brokers", ITEMS, "spec.replicas"),
    ),
    changed(
        "offset-syncs.topic.replication.factor: 1 of dev-to-stg",
        FLOW,
        (
            "spec",
            "mirrors",
            0,
            "sourceConnector",
            "config",
            "offset-syncs.topic.replication.factor",
        ),
        1,
        (
            "replication-factor-declared",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["offset-syncs.topic.replication.factor"]',
        ),
        (
            "min-insync-fits-replication-factor",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["offset-syncs.topic.replication.factor"]',
        ),
    ),
    changed(
        "min.insync.replicas: 4 of items",
        ITEMS,
        ("spec", "config", "min.insync.replicas"),
        4,
        ("min-insync-fits-replication-factor", ITEMS, 'spec.config["min.insync.replicas"]'),
    ),
    changed(
        "transaction.state.log.min.isr: 4 of stg",
        STG,
        ("spec", "kafka", "config", "transaction.state.log.min.isr"),
        4,
        (
            "replication-factor-fits-brokers",
            STG,
            'spec.kafka.config["transaction.state.log.min.isr"]',
        ),
        (
            "min-insync-fits-replication-factor",
            STG,
            'spec.kafka.config["transaction.state.log.min.isr"]',
        ),
    ),
    changed(
        "no min.insync.replicas of stg",
        STG,
        ("spec", "kafka", "config", "min.insync.replicas"),
        ABSENT,
        ("cluster-defaults-declared", STG, 'spec.kafka.config["min.insync.replicas"]'),
    ),
    changed(
        "default.replication.factor: 2 of stg",
        STG,
        ("spec", "kafka", "config", "default.replication.factor"),
        2,
        ("cluster-defaults-declared", STG, 'spec.kafka.config["default.replication.factor"]'),
    ),
    changed(
        "min.insync.replicas: 1 of stg",
        STG,
        ("spec", "kafka", "config", "min.insync.replicas"),
        1,
        ("cluster-defaults-declared", STG, 'spec.kafka.config["min.insync.replicas"]'),
    ),
    changed(
        "retention.ms: 3600000 of items",
        ITEMS,
        ("spec", "config", "retention.ms"),
        3600000,
        ("source-retention-covers-outage", ITEMS, 'spec.config["retention.ms"]'),
    ),
    changed(
        "log.retention.hours: 24 of dev",
        DEV,
        ("spec", "kafka", "config", "log.retention.hours"),
        24,
        ("source-retention-covers-outage", DEV, 'spec.kafka.config["log.retention.hours"]'),
    ),
    changed(
        "no tls of stg-to-dev",
        BACK,
        ("spec", "target", "tls"),
        ABSENT,
        ("tls-on-every-end", BACK, "spec.target.tls"),
    ),
    changed(
        "tls of stg-to-dev",
        BACK,
        ("spec", "mirrors", 0, "source", "tls"),
        {},
        ("tls-on-every-end", BACK, "spec.mirrors[0].source.tls.trustedCertificates"),
    ),
    changed(
        "no tls of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "source", "tls"),
        ABSENT,
        ("login-only-over-tls", FLOW, "spec.mirrors[0].source.tls"),
    ),
    changed(
        "security.protocol: SASL_PLAINTEXT of dev-to-stg",
        FLOW,
        ("spec", "target", "config", "security.protocol"),
        "SASL_PLAINTEXT",
        ("login-only-over-tls", FLOW, 'spec.target.config["security.protocol"]'),
        ("no-inert-settings", FLOW, 'spec.target.config["security.protocol"]'),
    ),
    changed(
        "ssl.endpoint.identification.algorithm:  of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "source", "config", "ssl.endpoint.identification.algorithm"),
        "",
        (
            "hostname-verified",
            FLOW,
            'spec.mirrors[0].source.config["ssl.endpoint.identification.algorithm"]',
        ),
    ),
    changed(
        "source of stg-to-dev",
        BACK,
        ("spec", "mirrors", 0, "source"),
        {"alias": "stg", "bootstrapServers": "kafka.example.com:443", "tls": {}},
        ("source-site-shown", BACK, "spec.mirrors[0].source.alias"),
        ("public-authorities-trusted", BACK, "spec.mirrors[0].source.tls.trustedCertificates"),
    ),
    changed(
        "trustedCertificates 0 of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "source", "tls", "trustedCertificates", 0),
        {"secretName": "dev-trust", "certificate": "ca.crt"},
        ("trust-by-pattern", FLOW, "spec.mirrors[0].source.tls.trustedCertificates[0].certificate"),
    ),
    changed(
        "secretName: dev-clients-ca-cert of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "source", "tls", "trustedCertificates", 0, "secretName"),
        "dev-clients-ca-cert",
        (
            "cluster-ca-trusted",
            FLOW,
            "spec.mirrors[0].source.tls.trustedCertificates[0].secretName",
        ),
        (
            "referenced-secrets-exist",
            FLOW,
            "spec.mirrors[0].source.tls.trustedCertificates[0].secretName",
        ),
    ),
    changed(
        "secretName: stg-writer of dev-to-stg",
        FLOW,
        ("spec", "target", "tls", "trustedCertificates", 0, "secretName"),
        "stg-writer",
        ("cluster-ca-trusted", FLOW, "spec.target.tls.trustedCertificates[0].secretName"),
        ("referenced-secrets-exist", FLOW, "spec.target.tls.trustedCertificates[0].pattern"),
    ),
    changed(
        "source.consumer.sasl.jaas.config of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config", "source.consumer.sasl.jaas.config"),
        'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="not-for-messages";',
        (
            "no-inline-credentials",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["source.consumer.sasl.jaas.config"]',
        ),
    ),
    changed(
        "password: not-for-messages of item-app",
        APP_AT_DEV,
        ("spec", "authentication", "password"),
        "not-for-messages",
        ("no-inline-credentials", APP_AT_DEV, "spec.authentication.password"),
    ),
    changed(
        "env 0 of heartbeats",
        CONNECT,
        ("spec", "template", "connectContainer", "env", 0),
        {"name": "DB_PASSWORD", "value": "not-for-messages"},
        ("no-inline-credentials", CONNECT, "spec.template.connectContainer.env[0].value"),
    ),
    changed(
        "database.password: not-for-messages of heartbeat",
        HEARTBEAT,
        ("spec", "config", "database.password"),
        "not-for-messages",
        ("no-inline-credentials", HEARTBEAT, 'spec.config["database.password"]'),
    ),
    changed(
        "no username of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "source", "authentication", "username"),
        ABSENT,
        ("users-on-every-site", READER, "metadata.name"),
        ("users-on-every-site", READER, "metadata.name"),
        ("authentication-complete", FLOW, "spec.mirrors[0].source.authentication.username"),
    ),
    changed(
        "no passwordSecret of dev-to-stg",
        FLOW,
        ("spec", "target", "authentication", "passwordSecret"),
        ABSENT,
        ("authentication-complete", FLOW, "spec.target.authentication.passwordSecret.secretName"),
    ),
    changed(
        "secretName: dev-reader of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "source", "authentication", "passwordSecret", "secretName"),
        "dev-reader",
        (
            "referenced-secrets-exist",
            FLOW,
            "spec.mirrors[0].source.authentication.passwordSecret.secretName",
        ),
    ),
    changed(
        "password: pass of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "source", "authentication", "passwordSecret", "password"),
        "pass",
        (
            "referenced-secrets-exist",
            FLOW,
            "spec.mirrors[0].source.authentication.passwordSecret.password",
        ),
    ),
    changed(
        "pattern: *.pem of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "source", "tls", "trustedCertificates", 0, "pattern"),
        "*.pem",
        (
            "referenced-secrets-exist",
            FLOW,
            "spec.mirrors[0].source.tls.trustedCertificates[0].pattern",
        ),
    ),
    changed(
        "key: pw of item-app",
        APP_AT_DEV,
        ("spec", "authentication", "password", "valueFrom", "secretKeyRef", "key"),
        "pw",
        (
            "referenced-secrets-exist",
            APP_AT_DEV,
            "spec.authentication.password.valueFrom.secretKeyRef.key",
        ),
    ),
    changed(
        "labels of dev-login",
        "Secret stg/dev-login",
        ("metadata", "labels"),
        {"strimzi.io/kind": "KafkaUser", "strimzi.io/cluster": "stg"},
        ("copied-secrets-unlabelled", "Secret stg/dev-login", 'metadata.labels["strimzi.io/kind"]'),
    ),
    changed(
        "operations of dev-reader",
        READER,
        ("spec", "authorization", "acls", 0, "operations"),
        ["Read"],
        ("mirror-user-rights", READER, "spec.authorization.acls"),
    ),
    changed(
        "no acls 3 of dev-reader",
        READER,
        ("spec", "authorization", "acls", 3),
        ABSENT,
        ("mirror-user-rights", READER, "spec.authorization.acls"),
    ),
    changed(
        "operations of stg-writer",
        WRITER,
        ("spec", "authorization", "acls", 3, "operations"),
        ["Create", "Write"],
        ("mirror-user-rights", WRITER, "spec.authorization.acls"),
    ),
    changed(
        "name: mm2 of stg-writer",
        WRITER,
        ("spec", "authorization", "acls", 0, "resource", "name"),
        "mm2",
        ("mirror-user-rights", WRITER, "spec.authorization.acls"),
    ),
    changed(
        "name: * of dev-reader",
        READER,
        ("spec", "authorization", "acls", 0, "resource", "name"),
        "*",
        ("mirror-user-least-rights", READER, "spec.authorization.acls[0].resource.name"),
    ),
    changed(
        "operations of stg-writer (2)",
        WRITER,
        ("spec", "authorization", "acls", 4, "operations"),
        ["All"],
        ("mirror-user-least-rights", WRITER, "spec.authorization.acls[4].operations"),
    ),
    changed(
        "no authorization of stg",
        STG,
        ("spec", "kafka", "authorization"),
        ABSENT,
        ("rights-need-authorizer", WRITER, "spec.authorization.type"),
        ("rights-need-authorizer", APP, "spec.authorization.type"),
        ("rights-need-authorizer", REPORTER, "spec.authorization.type"),
    ),
    changed(
        "no listeners 1 of stg",
        STG,
        ("spec", "kafka", "listeners", 1),
        ABSENT,
        ("listener-asks-for-login", REPORTER, "spec.authentication.type"),
    ),
    changed(
        "sync.topic.acls.enabled: True of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config", "sync.topic.acls.enabled"),
        True,
        ("acl-sync-off", FLOW, 'spec.mirrors[0].sourceConnector.config["sync.topic.acls.enabled"]'),
    ),
    changed(
        "no sync.topic.acls.enabled of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config", "sync.topic.acls.enabled"),
        ABSENT,
        ("acl-sync-off", FLOW, 'spec.mirrors[0].sourceConnector.config["sync.topic.acls.enabled"]'),
    ),
    changed(
        "operations of item-app",
        APP,
        ("spec", "authorization", "acls", 0, "operations"),
        ["Write"],
        ("replicated-users-alike", APP, "spec.authorization.acls"),
    ),
    changed(
        "writing taken from item-app, which is fenced",
        APP,
        ("spec", "authorization", "acls", 0, "operations"),
        ["Read"],
    ),
    changed(
        "name: shop-app of item-app",
        APP_AT_DEV,
        ("metadata", "name"),
        "shop-app",
        ("users-on-every-site", "KafkaUser dev/shop-app", "metadata.name"),
        ("target-groups-not-synced", APP, "spec.authorization.acls[1].resource.name"),
    ),
    changed(
        "no checkpointConnector of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "checkpointConnector"),
        ABSENT,
        ("group-offsets-synced", FLOW, "spec.mirrors[0].checkpointConnector"),
    ),
    changed(
        "sync.group.offsets.enabled: false of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "checkpointConnector", "config", "sync.group.offsets.enabled"),
        "false",
        (
            "group-offsets-synced",
            FLOW,
            'spec.mirrors[0].checkpointConnector.config["sync.group.offsets.enabled"]',
        ),
    ),
    changed(
        "emit.checkpoints.enabled: False of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "checkpointConnector", "config", "emit.checkpoints.enabled"),
        False,
        (
            "group-offsets-synced",
            FLOW,
            'spec.mirrors[0].checkpointConnector.config["emit.checkpoints.enabled"]',
        ),
    ),
    changed(
        "emit.offset-syncs.enabled: False of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config", "emit.offset-syncs.enabled"),
        False,
        (
            "offset-syncs-emitted",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["emit.offset-syncs.enabled"]',
        ),
    ),
    changed(
        "no offset-syncs.topic.location of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "checkpointConnector", "config", "offset-syncs.topic.location"),
        ABSENT,
        (
            "offset-syncs-location-alike",
            FLOW,
            'spec.mirrors[0].checkpointConnector.config["offset-syncs.topic.location"]',
        ),
    ),
    changed(
        "no offset-syncs.topic.location of to-standby",
        STANDBY,
        ("spec", "mirrors", 0, "sourceConnector", "config", "offset-syncs.topic.location"),
        ABSENT,
        (
            "offset-syncs-location-alike",
            STANDBY,
            'spec.mirrors[0].sourceConnector.config["offset-syncs.topic.location"]',
        ),
    ),
    changed(
        "emit.checkpoints.interval.seconds: 60 of dev-to-stg",
        FLOW,
        (
            "spec",
            "mirrors",
            0,
            "checkpointConnector",
            "config",
            "emit.checkpoints.interval.seconds",
        ),
        60,
        (
            "intervals-within-objective",
            FLOW,
            'spec.mirrors[0].checkpointConnector.config["emit.checkpoints.interval.seconds"]',
        ),
        (
            "intervals-not-chatty",
            FLOW,
            'spec.mirrors[0].checkpointConnector.config["sync.group.offsets.interval.seconds"]',
        ),
    ),
    changed(
        "no offset.flush.interval.ms of dev-to-stg",
        FLOW,
        ("spec", "target", "config", "offset.flush.interval.ms"),
        ABSENT,
        ("intervals-within-objective", FLOW, 'spec.target.config["offset.flush.interval.ms"]'),
    ),
    changed(
        "refresh.topics.interval.seconds: 1 of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config", "refresh.topics.interval.seconds"),
        1,
        (
            "intervals-not-chatty",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["refresh.topics.interval.seconds"]',
        ),
    ),
    changed(
        "offset.lag.max: 0 of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config", "offset.lag.max"),
        0,
        ("intervals-not-chatty", FLOW, 'spec.mirrors[0].sourceConnector.config["offset.lag.max"]'),
    ),
    changed(
        "sync.group.offsets.interval.seconds: 5 of dev-to-stg",
        FLOW,
        (
            "spec",
            "mirrors",
            0,
            "checkpointConnector",
            "config",
            "sync.group.offsets.interval.seconds",
        ),
        5,
        (
            "intervals-not-chatty",
            FLOW,
            'spec.mirrors[0].checkpointConnector.config["sync.group.offsets.interval.seconds"]',
        ),
    ),
    changed(
        "groupsPattern: app-.*|reports-.* of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "groupsPattern"),
        "app-.*|reports-.*",
        ("mirror-user-rights", READER, "spec.authorization.acls"),
        ("mirror-user-rights", WRITER, "spec.authorization.acls"),
        ("target-groups-not-synced", REPORTER, "spec.authorization.acls[1].resource.name"),
    ),
    changed(
        "topicsPattern: items|* of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "topicsPattern"),
        "items|*",
        ("no-replication-loop", FLOW, "spec.mirrors[0].topicsPattern"),
        ("mirror-user-rights", FLOW, "spec.mirrors[0].topicsPattern"),
        ("patterns-compile", FLOW, "spec.mirrors[0].topicsPattern"),
    ),
    changed(
        "groupsPattern of no group of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "groupsPattern"),
        "",
    ),
    changed(
        "groupsPattern: app-(.* of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "groupsPattern"),
        "app-(.*",
        ("mirror-user-rights", FLOW, "spec.mirrors[0].groupsPattern"),
        ("patterns-compile", FLOW, "spec.mirrors[0].groupsPattern"),
    ),
    changed(
        "topicsPattern: items|orders.v1 of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "topicsPattern"),
        "items|orders.v1",
        ("dots-quoted", FLOW, "spec.mirrors[0].topicsPattern"),
    ),
    changed(
        "topicsExcludePattern: tmp-.* of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "topicsExcludePattern"),
        "tmp-.*",
        ("excludes-keep-defaults", FLOW, "spec.mirrors[0].topicsExcludePattern"),
    ),
    changed(
        "groupsExcludePattern: test-.* of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "groupsExcludePattern"),
        "test-.*",
        ("excludes-keep-defaults", FLOW, "spec.mirrors[0].groupsExcludePattern"),
    ),
    changed(
        "topicsPattern of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "topicsPattern"),
        "items|orders\\.v[0-9]|item",
        ("mirror-user-rights", READER, "spec.authorization.acls"),
        ("mirror-user-rights", WRITER, "spec.authorization.acls"),
        ("patterns-match-a-topic", FLOW, "spec.mirrors[0].topicsPattern"),
    ),
    changed(
        "configStorageTopic: audit of to-standby",
        STANDBY,
        ("spec", "target", "configStorageTopic"),
        "audit",
        ("worker-topics-left-out", STANDBY, "spec.target.configStorageTopic"),
    ),
    changed(
        "no sourceConnector of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector"),
        ABSENT,
        ("source-connector-present", FLOW, "spec.mirrors[0].sourceConnector"),
    ),
    changed(
        "mirrors of dev-to-stg",
        FLOW,
        ("spec", "mirrors"),
        [],
        ("users-on-every-site", READER, "metadata.name"),
        ("source-connector-present", FLOW, "spec.mirrors"),
    ),
    changed(
        "replicas: 1 of dev-to-stg",
        FLOW,
        ("spec", "replicas"),
        1,
        ("workers-and-tasks-fit", FLOW, "spec.replicas"),
    ),
    changed(
        "replicas: 5 of dev-to-stg",
        FLOW,
        ("spec", "replicas"),
        5,
        ("workers-and-tasks-fit", FLOW, "spec.replicas"),
    ),
    changed("replicas: 1 of heartbeats", CONNECT, ("spec", "replicas"), 1),
    changed(
        "replicas: 0 of heartbeats",
        CONNECT,
        ("spec", "replicas"),
        0,
        ("workers-and-tasks-fit", CONNECT, "spec.replicas"),
    ),
    changed(
        "no autoRestart of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "autoRestart"),
        ABSENT,
        ("auto-restart-on", FLOW, "spec.mirrors[0].sourceConnector.autoRestart.enabled"),
    ),
    changed(
        "enabled: False of heartbeat",
        HEARTBEAT,
        ("spec", "autoRestart", "enabled"),
        False,
        ("auto-restart-on", HEARTBEAT, "spec.autoRestart.enabled"),
    ),
    changed(
        "exactly.once.support: required of stg-to-dev",
        BACK,
        ("spec", "mirrors", 0, "sourceConnector", "config", "exactly.once.support"),
        "required",
        ("exactly-once-complete", BACK, 'spec.target.config["exactly.once.source.support"]'),
    ),
    changed(
        "no consumer.isolation.level of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config", "consumer.isolation.level"),
        ABSENT,
        (
            "exactly-once-complete",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["consumer.isolation.level"]',
        ),
    ),
    changed(
        "no acls 8 of stg-writer",
        WRITER,
        ("spec", "authorization", "acls", 8),
        ABSENT,
        ("mirror-user-rights", WRITER, "spec.authorization.acls"),
    ),
    changed(
        "producer.batch.size: 100000 of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config", "producer.batch.size"),
        100000,
        (
            "producer-tuning-under-override",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["producer.batch.size"]',
        ),
    ),
    changed(
        "config.storage.replication.factor: 1 of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "source", "config", "config.storage.replication.factor"),
        1,
        (
            "no-inert-settings",
            FLOW,
            'spec.mirrors[0].source.config["config.storage.replication.factor"]',
        ),
    ),
    changed(
        "rest.port: 8084 of dev-to-stg",
        FLOW,
        ("spec", "target", "config", "rest.port"),
        8084,
        ("no-inert-settings", FLOW, 'spec.target.config["rest.port"]'),
    ),
    changed(
        "tasks.max: 4 of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config", "tasks.max"),
        4,
        ("no-inert-settings", FLOW, 'spec.mirrors[0].sourceConnector.config["tasks.max"]'),
    ),
    changed(
        "group.id: x of heartbeats",
        CONNECT,
        ("spec", "config", "group.id"),
        "x",
        ("no-inert-settings", CONNECT, 'spec.config["group.id"]'),
    ),
    changed(
        "bootstrap.servers: other:9092 of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "source", "config", "bootstrap.servers"),
        "other:9092",
        ("connection-declared-once", FLOW, 'spec.mirrors[0].source.config["bootstrap.servers"]'),
    ),
    changed(
        "source.cluster.alias: other of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config", "source.cluster.alias"),
        "other",
        (
            "connection-declared-once",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["source.cluster.alias"]',
        ),
    ),
    changed(
        "config.properties.exclude of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "sourceConnector", "config", "config.properties.exclude"),
        ["a", "b"],
        (
            "settings-are-scalars",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["config.properties.exclude"]',
        ),
    ),
    changed(
        "kind: KafkaConnectS2I of heartbeat",
        HEARTBEAT,
        ("kind",),
        "KafkaConnectS2I",
        ("kind-is-served", "KafkaConnectS2I dev/heartbeat", "kind"),
    ),
    changed(
        "apiVersion: kafka.strimzi.io/v1beta1 of items",
        ITEMS,
        ("apiVersion",),
        "kafka.strimzi.io/v1beta1",
        ("api-version-is-current", ITEMS, "apiVersion"),
    ),
    changed(
        "apiVersion: kafka.strimzi.io/v1beta1 of heartbeat",
        HEARTBEAT,
        ("apiVersion",),
        "kafka.strimzi.io/v1beta1",
        ("api-version-is-served", HEARTBEAT, "apiVersion"),
    ),
    changed(
        "apiVersion: kafka.strimzi.io/v1beta2 of items",
        ITEMS,
        ("apiVersion",),
        "kafka.strimzi.io/v1beta2",
        ("api-version-is-current", ITEMS, "apiVersion"),
    ),
    changed(
        "heartbeatConnector of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "heartbeatConnector"),
        {},
        (
            "heartbeat-policy-alike",
            FLOW,
            'spec.mirrors[0].heartbeatConnector.config["replication.policy.class"]',
        ),
        (
            "replication-factor-declared",
            FLOW,
            'spec.mirrors[0].heartbeatConnector.config["heartbeats.topic.replication.factor"]',
        ),
        ("auto-restart-on", FLOW, "spec.mirrors[0].heartbeatConnector.autoRestart.enabled"),
        ("fields-are-served", FLOW, "spec.mirrors[0].heartbeatConnector"),
    ),
    changed(
        "zookeeper of stg",
        STG,
        ("spec", "zookeeper"),
        {"replicas": 3},
        ("fields-are-served", STG, "spec.zookeeper"),
    ),
    changed(
        "topicsBlacklistPattern: x of dev-to-stg",
        FLOW,
        ("spec", "mirrors", 0, "topicsBlacklistPattern"),
        "x",
        ("fields-are-served", FLOW, "spec.mirrors[0].topicsBlacklistPattern"),
    ),
    changed(
        "tracing of dev-to-stg",
        FLOW,
        ("spec", "tracing"),
        {"type": "jaeger"},
        ("fields-are-served", FLOW, "spec.tracing.type"),
    ),
    changed(
        "metrics of dev-to-stg",
        FLOW,
        ("spec", "metrics"),
        {},
        ("fields-are-served", FLOW, "spec.metrics"),
    ),
    changed(
        "acls 3 of dev-reader",
        READER,
        ("spec", "authorization", "acls", 3),
        {
            "resource": {"type": "group", "name": "app-", "patternType": "prefix"},
            "operation": "Describe",
        },
        ("fields-are-served", READER, "spec.authorization.acls[3].operation"),
    ),
    changed(
        "no annotations of dev-to-stg",
        FLOW,
        ("metadata", "annotations"),
        ABSENT,
        ("objects-awaited", FLOW, 'metadata.annotations["pulumi.com/waitFor"]'),
    ),
    changed(
        "annotations of pool-stg",
        POOL,
        ("metadata", "annotations"),
        {"pulumi.com/waitFor": "condition=Ready"},
        ("objects-awaited", POOL, 'metadata.annotations["pulumi.com/waitFor"]'),
    ),
    changed(
        "accept: False of standby",
        INSTANCE,
        ("spec", "license", "accept"),
        False,
        ("event-streams-licence", INSTANCE, "spec.license.accept"),
    ),
    changed(
        "use: Production of standby",
        INSTANCE,
        ("spec", "license", "use"),
        "Production",
        ("event-streams-licence", INSTANCE, "spec.license.use"),
    ),
    changed(
        "no productID of to-standby",
        STANDBY,
        ("spec", "template", "pod", "metadata", "annotations", "productID"),
        ABSENT,
        ("licence-annotations", STANDBY, "spec.template.pod.metadata.annotations.productID"),
    ),
    changed(
        "productID of to-standby",
        STANDBY,
        ("spec", "template", "pod", "metadata", "annotations", "productID"),
        "2cba508800504d0abfa48a0e2c4ecbe2",
        ("licence-annotations", STANDBY, "spec.template.pod.metadata.annotations.productID"),
    ),
    changed(
        "productChargedContainers: mm2 of to-standby",
        STANDBY,
        ("spec", "template", "pod", "metadata", "annotations", "productChargedContainers"),
        "mm2",
        (
            "licence-annotations",
            STANDBY,
            "spec.template.pod.metadata.annotations.productChargedContainers",
        ),
    ),
    changed(
        "bootstrapServers of heartbeats",
        CONNECT,
        ("spec", "bootstrapServers"),
        "standby-kafka-bootstrap.es.svc:9093",
        ("disaster-recovery-is-passive", CONNECT, "spec.bootstrapServers"),
    ),
    changed(
        "annotations of dev-to-stg",
        FLOW,
        ("metadata", "annotations"),
        {"pulumi.com/waitFor": "condition=Ready", "exempt.kafka-mirror/no-such-rule": "x"},
        ("exemptions-explained", FLOW, 'metadata.annotations["exempt.kafka-mirror/no-such-rule"]'),
    ),
    changed(
        "annotations of dev-to-stg (2)",
        FLOW,
        ("metadata", "annotations"),
        {"pulumi.com/waitFor": "condition=Ready", "exempt.kafka-mirror/auto-restart-on": " "},
        (
            "exemptions-explained",
            FLOW,
            'metadata.annotations["exempt.kafka-mirror/auto-restart-on"]',
        ),
    ),
    changed(
        "source of stg-to-dev (2)",
        BACK,
        ("spec", "mirrors", 0, "source"),
        {
            "alias": "other",
            "bootstrapServers": "kafka.other.svc:9093",
            "tls": {"trustedCertificates": [{"secretName": "x", "pattern": "*.crt"}]},
        },
        ("source-site-shown", BACK, "spec.mirrors[0].source.alias"),
    ),
    changed(
        "min.insync.replicas: 4 of orders.v1",
        "KafkaTopic dev/orders.v1",
        ("spec", "config", "min.insync.replicas"),
        4,
        (
            "min-insync-fits-replication-factor",
            "KafkaTopic dev/orders.v1",
            'spec.config["min.insync.replicas"]',
        ),
    ),
    changed(
        "no tls of heartbeats",
        CONNECT,
        ("spec", "tls"),
        ABSENT,
        ("tls-on-every-end", CONNECT, "spec.tls"),
    ),
    changed(
        "authentication of heartbeats",
        CONNECT,
        ("spec", "authentication"),
        {"type": "plain"},
        ("authentication-complete", CONNECT, "spec.authentication.username"),
    ),
    changed(
        "host name verification of heartbeats",
        CONNECT,
        ("spec", "config", "ssl.endpoint.identification.algorithm"),
        "",
        (
            "hostname-verified",
            CONNECT,
            'spec.config["ssl.endpoint.identification.algorithm"]',
        ),
    ),
    changed(
        "a listener without TLS",
        STG,
        ("spec", "kafka", "listeners", 1, "tls"),
        False,
        ("listeners-use-tls", STG, "spec.kafka.listeners[1].tls"),
    ),
    changed(
        "a storage topic that the flow from its cluster mirrors",
        CONNECT,
        ("spec", "configStorageTopic"),
        "orders.v2",
        ("source-worker-topics-left-out", FLOW, "spec.mirrors[0].topicsPattern"),
    ),
    changed(
        "a filter for topics in one connector only",
        FLOW,
        ("spec", "mirrors", 0, "checkpointConnector", "config", "topic.filter.class"),
        "com.example.Topics",
        (
            "replication-policy-alike",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["topic.filter.class"]',
        ),
    ),
    changed(
        "no bootstrapServers of dev-to-stg's source",
        FLOW,
        ("spec", "mirrors", 0, "source", "bootstrapServers"),
        ABSENT,
        ("object-well-formed", FLOW, "spec.mirrors[0].source.bootstrapServers"),
        ("source-site-shown", FLOW, "spec.mirrors[0].source.alias"),
    ),
    changed(
        "another host at the target",
        STANDBY,
        ("spec", "target", "bootstrapServers"),
        "kafka.example.com:443",
        ("target-site-shown", STANDBY, "spec.target.alias"),
    ),
    changed(
        "metrics of a flow with heartbeats",
        FLOW,
        ("spec", "metricsConfig"),
        {"type": "strimziMetricsReporter"},
    ),
    changed(
        "metrics of a flow without heartbeats",
        BACK,
        ("spec", "metricsConfig"),
        {"type": "strimziMetricsReporter"},
        ("heartbeats-present", BACK, "spec.mirrors[0].source.alias"),
    ),
    changed(
        "one copy of a topic where three are the default",
        "KafkaTopic stg/reports",
        ("spec", "replicas"),
        2,
        ("topic-copies-as-default", "KafkaTopic stg/reports", "spec.replicas"),
    ),
    changed(
        "larger records at the source than the flow's producer sends",
        ITEMS,
        ("spec", "config", "max.message.bytes"),
        2_000_000,
        (
            "message-sizes-fit",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["producer.override.max.request.size"]',
        ),
    ),
    changed(
        "larger records at the source than the target takes",
        DEV,
        ("spec", "kafka", "config", "message.max.bytes"),
        2_000_000,
        ("message-sizes-fit", STG, 'spec.kafka.config["message.max.bytes"]'),
        (
            "message-sizes-fit",
            FLOW,
            'spec.mirrors[0].sourceConnector.config["producer.override.max.request.size"]',
        ),
        ("message-sizes-fit", INSTANCE, 'spec.strimziOverrides.kafka.config["message.max.bytes"]'),
        (
            "message-sizes-fit",
            STANDBY,
            'spec.mirrors[0].sourceConnector.config["producer.override.max.request.size"]',
        ),
    ),
    changed(
        "tasksMax: 3 for a topic of two partitions",
        BACK,
        ("spec", "mirrors", 0, "sourceConnector", "tasksMax"),
        3,
        ("tasks-within-partitions", BACK, "spec.mirrors[0].sourceConnector.tasksMax"),
    ),
    changed(
        "a storage topic that is declared and not compacted",
        "KafkaTopic stg/reports",
        ("spec", "topicName"),
        "__mm2-dev-to-stg-offsets",
        (
            "storage-topics-compacted",
            "KafkaTopic stg/reports",
            'spec.config["cleanup.policy"]',
        ),
        ("patterns-match-a-topic", BACK, "spec.mirrors[0].topicsPattern"),
    ),
    changed(
        "a short name of a source in another namespace",
        FLOW,
        ("spec", "mirrors", 0, "source", "bootstrapServers"),
        "dev-kafka-bootstrap:9093",
        ("source-site-shown", FLOW, "spec.mirrors[0].source.alias"),
        ("short-names-near", FLOW, "spec.mirrors[0].source.bootstrapServers"),
    ),
    changed(
        "a mirrored topic that the target declares otherwise",
        "KafkaTopic stg/reports",
        ("spec", "topicName"),
        "items",
        ("copies-declared-alike", "KafkaTopic stg/reports", 'spec.config["retention.ms"]'),
        ("patterns-match-a-topic", BACK, "spec.mirrors[0].topicsPattern"),
    ),
    changed(
        "version: 3.9.1 of dev-to-stg",
        FLOW,
        ("spec", "version"),
        "3.9.1",
        ("kafka-version-supported", FLOW, "spec.version"),
    ),
    changed(
        "resources of a Kafka whose brokers are pools",
        STG,
        ("spec", "kafka", "resources"),
        {},
        ("fields-are-served", STG, "spec.kafka.resources"),
    ),
    changed(
        "authorization by a server that v1 has no type for",
        STG,
        ("spec", "kafka", "authorization", "type"),
        "keycloak",
        ("fields-are-served", STG, "spec.kafka.authorization.type"),
    ),
]

OLDER = [
    changed(
        "another target in the older layout",
        "",
        at("spec.mirrors.0.targetCluster"),
        "dev",
        (
            "one-target-per-mirror-maker",
            "KafkaMirrorMaker2 stg/dev-to-stg",
            "spec.mirrors[0].targetCluster",
        ),
    ),
    changed(
        "pause in the older layout",
        "",
        at("spec.mirrors.0.sourceConnector.pause"),
        True,
        (
            "fields-are-current",
            "KafkaMirrorMaker2 stg/dev-to-stg",
            "spec.mirrors[0].sourceConnector.pause",
        ),
    ),
]


def objects(resources: Iterable[Resource], declared: Declaration = DECLARED) -> list[Any]:
    return [KubernetesObject(resource, declaration=declared) for resource in resources]


def judged(
    resources: Iterable[Resource],
    *,
    declared: Declaration = DECLARED,
    config: dict[str, object] | None = None,
) -> tuple[Finding, ...]:
    return check(
        objects(resources, declared),
        configuration=Configuration(profile=Profile.PRODUCTION),
        settings=stack_settings("stg", DISABLED if config is None else config),
    )


def mutated(mutation: Mutation) -> list[Resource]:
    resources: list[Resource] = json.loads(VALID)
    for position, resource in enumerate(resources):
        if KubernetesObject(resource).title == mutation.object:
            *above, last = mutation.place
            parent: Any = resource
            for step in above:
                parent = parent[step]
            if isinstance(parent, list) and last == len(parent):
                parent.append(mutation.value)
            else:
                resources[position] = changed_resource(resource, (mutation.place, mutation.value))
            return resources
    raise LookupError(mutation.object)


def places(findings: Iterable[Finding]) -> list[Said]:
    return [(one.rule, one.object, one.path) for one in findings]


def test_the_valid_stack_breaks_no_rule_under_the_stricter_profile():
    assert judged(json.loads(VALID)) == ()


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.id)
def test_a_change_of_one_field_fires_its_rules_and_no_other(mutation):
    findings = judged(mutated(mutation))
    assert places(findings) == list(mutation.expected)
    assert "not-for-messages" not in str(findings)


@pytest.mark.parametrize("mutation", OLDER, ids=lambda mutation: mutation.id)
def test_a_change_in_the_older_layout_fires_its_rules_and_no_other(mutation):
    def new(resource: Resource) -> set[Said]:
        findings = check([resource])
        return set(places(findings))

    spoiled = changed_resource(old_mirror_maker(), (mutation.place, mutation.value))
    before = {said for said in new(old_mirror_maker()) if said[0] != "source-site-shown"}
    assert {s for s in new(spoiled) if s[0] != "source-site-shown"} - before == set(
        mutation.expected
    )


def test_offset_syncs_that_both_connectors_keep_at_the_source_are_advised_against():
    resources = json.loads(VALID)
    (flow,) = (one for one in resources if KubernetesObject(one).title == BACK)
    for connector in ("sourceConnector", "checkpointConnector"):
        del flow["spec"]["mirrors"][0][connector]["config"]["offset-syncs.topic.location"]
    path = 'spec.mirrors[0].sourceConnector.config["offset-syncs.topic.location"]'
    assert places(judged(resources)) == [("offset-syncs-at-target", BACK, path)]


@pytest.mark.parametrize(
    ("version", "formats", "is_found"),
    [
        pytest.param("4.3.1", None, True, id="two names, none chosen"),
        pytest.param("4.3.1", "new", False, id="two names, one chosen"),
        pytest.param("4.2.0", None, False, id="one name"),
        pytest.param(None, None, False, id="the operator's own version"),
    ],
)
def test_a_measured_flow_says_by_which_names(version, formats, is_found):
    resources = json.loads(VALID)
    (flow,) = (one for one in resources if KubernetesObject(one).title == FLOW)
    flow["spec"] |= {"metricsConfig": {"type": "jmxPrometheusExporter"}, "version": version}
    flow["spec"]["mirrors"][0]["sourceConnector"]["config"]["metric.names.formats"] = formats
    path = 'spec.mirrors[0].sourceConnector.config["metric.names.formats"]'
    assert places(judged(resources)) == [("metric-names-chosen", FLOW, path)] * is_found


@pytest.mark.parametrize(
    ("secret", "is_found"),
    [
        pytest.param("elsewhere", True, id="a password of its own"),
        pytest.param("item-app-password", False, id="one password for both"),
    ],
)
def test_a_user_that_two_sites_own_cannot_move_to_a_third(secret, is_found):
    resources = json.loads(VALID)
    objects_by_title = {KubernetesObject(one).title: one for one in resources}
    # The standby instance mirrors from dev, and from stg too; the user is at all three.
    standby, back = objects_by_title[STANDBY], objects_by_title[BACK]
    mirror = json.loads(json.dumps(back["spec"]["mirrors"][0]))
    mirror["source"]["tls"]["trustedCertificates"][0]["secretName"] = "stg-public"
    standby["spec"]["mirrors"].append(mirror)
    at_third = json.loads(json.dumps(objects_by_title[APP]))
    at_third["metadata"] |= {
        "namespace": "es",
        "labels": {"eventstreams.ibm.com/cluster": "standby"},
    }
    resources += [at_third, password("es"), password("stg", "elsewhere")]
    reference = objects_by_title[APP]["spec"]["authentication"]["password"]["valueFrom"]
    reference["secretKeyRef"]["name"] = secret
    said = [one for one in places(judged(resources)) if one[0] == "one-owner-per-user"]
    assert said == [("one-owner-per-user", "KafkaUser es/item-app", "metadata.name")] * is_found


def password(namespace: str, name: str = "item-app-password") -> Resource:
    about = {"name": name, "namespace": namespace}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": about,
        "stringData": {"password": "x"},
    }


@pytest.mark.parametrize(
    ("declared", "rule", "kinds"),
    [
        pytest.param(
            Declaration(is_protected=True, is_provider_default=True),
            "explicit-provider",
            8,
            id="default provider",
        ),
        pytest.param(
            Declaration(is_protected=False, is_provider_default=False),
            "production-protected",
            3,
            id="not protected",
        ),
    ],
)
def test_how_a_program_declares_its_objects_is_judged(declared, rule, kinds):
    findings = judged(json.loads(VALID), declared=declared)
    assert {one.rule for one in findings} == {rule}
    assert {one.path for one in findings} == {""}
    assert len({one.object.partition(" ")[0] for one in findings}) == kinds


@pytest.mark.parametrize("config", [{}, {"pulumi:disable-default-providers": ["aws"]}])
def test_a_stack_that_lets_pulumi_choose_clusters_is_found(config):
    path = 'config["pulumi:disable-default-providers"]'
    expected = [("default-providers-disabled", "Stack stg", path)]
    assert places(judged(json.loads(VALID), config=config)) == expected


def test_every_rule_has_a_change_that_fires_it():
    fired = {said[0] for mutation in (*MUTATIONS, *OLDER) for said in mutation.expected}
    elsewhere = {
        "offset-syncs-at-target",
        "metric-names-chosen",
        "one-owner-per-user",
        "explicit-provider",
        "production-protected",
        "default-providers-disabled",
    }
    assert {rule.id for rule in RULES} == fired | elsewhere
