"""KafkaConnect and KafkaConnector objects against a real worker: heartbeats beside a source, which a flow cannot make under v1."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from confluent_kafka import Consumer

from tests.lab.operator.live import LivePair, LiveSite, eventually
from tests.lab.operator.resources import API, acl, make_user, scram

pytestmark = pytest.mark.lab
CLUSTER, CONNECTOR, USER = "beats", "dev-heartbeat", "beats-user"
WORKER = "connect-dev-dev-beats-0"
_STORAGE = tuple(f"__{CLUSTER}-{which}" for which in ("configs", "offsets", "status"))
_SLOW = timedelta(seconds=120)


def make_connect(site: LiveSite, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": "KafkaConnect",
        "metadata": {
            "name": CLUSTER,
            "namespace": "dev",
            "annotations": {"strimzi.io/use-connector-resources": "true"},
        },
        "spec": {
            "replicas": 1,
            "bootstrapServers": site.bootstrap,
            "groupId": CLUSTER,
            "configStorageTopic": f"__{CLUSTER}-configs",
            "offsetStorageTopic": f"__{CLUSTER}-offsets",
            "statusStorageTopic": f"__{CLUSTER}-status",
            "config": {
                "config.storage.replication.factor": -1,
                "offset.storage.replication.factor": -1,
                "status.storage.replication.factor": -1,
            },
            "tls": {
                "trustedCertificates": [{"secretName": "dev-cluster-ca-cert", "pattern": "*.crt"}]
            },
            "authentication": {
                "type": "scram-sha-512",
                "username": USER,
                "passwordSecret": {"secretName": USER, "password": "password"},
            },
            **spec,
        },
    }


def make_connector(site: LiveSite, **config: Any) -> dict[str, Any]:
    secrets = "${strimzisecrets:dev"
    login = (
        "org.apache.kafka.common.security.scram.ScramLoginModule required "
        f'username="{USER}" password="{secrets}/{USER}:password}}";'
    )
    return {
        "apiVersion": API,
        "kind": "KafkaConnector",
        "metadata": {
            "name": CONNECTOR,
            "namespace": "dev",
            "labels": {"strimzi.io/cluster": CLUSTER},
        },
        "spec": {
            "class": "org.apache.kafka.connect.mirror.MirrorHeartbeatConnector",
            "tasksMax": 1,
            "config": {
                "source.cluster.alias": "stg",
                "source.cluster.bootstrap.servers": "stg:9093",
                "target.cluster.alias": "dev",
                "target.cluster.bootstrap.servers": site.bootstrap,
                "target.cluster.security.protocol": "SASL_SSL",
                "target.cluster.sasl.mechanism": "SCRAM-SHA-512",
                "target.cluster.sasl.jaas.config": login,
                "target.cluster.ssl.truststore.type": "PEM",
                "target.cluster.ssl.truststore.certificates": (
                    f"{secrets}/{CLUSTER}-connect-tls-trusted-certs:ca.crt}}"
                ),
                "heartbeats.topic.replication.factor": -1,
                "emit.heartbeats.interval.seconds": 1,
                **config,
            },
        },
    }


@pytest.fixture(scope="module")
def connect(pair: LivePair) -> Iterator[LivePair]:
    """A Connect cluster at `dev` with a heartbeat connector."""
    dev = pair.dev
    everything = [acl("topic", "*", "All"), acl("group", "*", "All")]
    dev.apply(make_user(USER, "dev", "dev", **scram(everything)))
    try:
        dev.wait_for("KafkaUser", USER)
        dev.apply(make_connect(dev), make_connector(dev))
        dev.wait_for("KafkaConnector", CONNECTOR)
        yield pair
    finally:
        for kind, name in (
            ("KafkaConnector", CONNECTOR),
            ("KafkaConnect", CLUSTER),
            ("KafkaUser", USER),
        ):
            dev.delete(kind, name)
        eventually(lambda: not pair.processes.is_running(WORKER), why="the worker stops")
        for topic in ("heartbeats", *_STORAGE):
            dev.admin().delete_topic(topic)


def connector_status(site: LiveSite) -> dict[str, Any]:
    found: dict[str, Any] = site.get("KafkaConnector", CONNECTOR).get("status") or {}
    return found


def test_heartbeats_arrive_and_the_statuses_tell_of_the_connector(connect: LivePair) -> None:
    dev = connect.dev
    running = eventually(
        lambda: [
            task
            for task in connector_status(dev).get("connectorStatus", {}).get("tasks", [])
            if task["state"] == "RUNNING"
        ],
        within=_SLOW,
        why="the task runs",
    )
    assert len(running) == 1
    assert connector_status(dev)["tasksMax"] == 1
    status = dev.wait_for("KafkaConnect", CLUSTER)["status"]
    assert status["url"] == f"http://{CLUSTER}-connect-api.dev.svc:8083"
    assert "org.apache.kafka.connect.mirror.MirrorHeartbeatConnector" in {
        plugin["class"] for plugin in status["connectorPlugins"]
    }
    password = dev.secret(USER)["password"]
    more = {"group.id": "listening", "auto.offset.reset": "earliest"}
    consumer = Consumer(dev.client(USER, password, **more))
    consumer.subscribe(["heartbeats"])
    try:
        eventually(lambda: _is_record(consumer), within=_SLOW, why="a heartbeat arrives")
    finally:
        consumer.close()


def _is_record(consumer: Consumer) -> bool:
    message = consumer.poll(1)
    return message is not None and message.error() is None


def test_changed_connector_is_changed_in_connect(connect: LivePair) -> None:
    connect.dev.apply(make_connector(connect.dev, **{"emit.heartbeats.interval.seconds": 2}))

    status = connect.dev.wait_for("KafkaConnector", CONNECTOR)["status"]

    assert status["connectorStatus"]["connector"]["state"] in ("RUNNING", "UNASSIGNED")


def test_connector_that_cannot_be_is_told_in_connects_words(connect: LivePair) -> None:
    wrong = make_connector(connect.dev)
    wrong["metadata"]["name"], wrong["spec"]["class"] = "no-such", "no.such.Class"
    connect.dev.apply(wrong)

    def told() -> dict[str, str]:
        (condition,) = connect.dev.conditions("KafkaConnector", "no-such")
        return condition

    # Connect may be too busy at first to say what is wrong.
    eventually(lambda: "no.such.Class" in told().get("message", ""), why="Connect says it")
    condition = told()
    connect.dev.delete("KafkaConnector", "no-such")

    assert (condition["type"], condition["reason"]) == ("NotReady", "CompletionException")


def test_deleted_cluster_leaves_no_process_and_its_connectors_say_so(connect: LivePair) -> None:
    connect.dev.delete_in_the_foreground("KafkaConnect", CLUSTER)

    eventually(lambda: not connect.processes.is_running(WORKER), why="the worker stops")

    def is_told() -> bool:
        conditions = connector_status(connect.dev).get("conditions", [])
        return bool(conditions) and conditions[0].get("reason") == "NoSuchResourceException"

    eventually(is_told, why="the connector says that its cluster is gone")
    assert not (connect.directory.site("dev") / "connect" / "dev" / CLUSTER).exists()
    assert (
        json.loads(connect.directory.ports.read_text())["assigned"]
        .keys()
        .isdisjoint({f"dev/connect/dev/{CLUSTER}/0"})
    )
