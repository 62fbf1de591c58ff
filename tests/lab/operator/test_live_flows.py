"""KafkaMirrorMaker2 objects against real workers and brokers: records, states, rolls, failures and deletion."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from lab.demo.reading import answered
from tests.lab.operator.live import LivePair, LiveSite, eventually
from tests.lab.operator.resources import (
    acl,
    make_mirror_maker,
    make_secret,
    make_side,
    make_topic,
    make_user,
    scram,
)

pytestmark = pytest.mark.lab
FLOW = "dev-to-stg"
PARTITIONS = 3
WORKER = "mirrormaker2-stg-stg-dev-to-stg-0"
SOURCE = "dev->stg.MirrorSourceConnector"
CHECKPOINT = "dev->stg.MirrorCheckpointConnector"
_EVERYTHING = [acl("topic", "*", "All"), acl("group", "*", "All")]


def declared(pair: LivePair, **mirror: Any) -> dict[str, Any]:
    return make_mirror_maker(
        FLOW,
        "stg",
        target=make_side("stg", pair.stg.bootstrap, user="tgt", trust="stg-cluster-ca-cert"),
        source=make_side("dev", pair.dev.bootstrap, user="src", trust="dev-ca"),
        **mirror,
    )


def copy_credentials(pair: LivePair) -> None:
    password = pair.dev.secret("src")["password"]
    pair.stg.apply(make_secret("src", "stg", password=password))
    pair.stg.apply(make_secret("dev-ca", "stg", ca_crt=pair.dev.trusted))


@pytest.fixture(scope="module")
def flow(pair: LivePair) -> Iterator[LivePair]:
    """A running flow over topic `items`, which has ten records."""
    dev, stg = pair.dev, pair.stg
    dev.apply(make_topic("items", "dev", "dev", partitions=PARTITIONS))
    dev.apply(make_user("src", "dev", "dev", **scram(_EVERYTHING)))
    stg.apply(make_user("tgt", "stg", "stg", **scram(_EVERYTHING)))
    try:
        for site, kind, name in (
            (dev, "KafkaTopic", "items"),
            (dev, "KafkaUser", "src"),
            (stg, "KafkaUser", "tgt"),
        ):
            site.wait_for(kind, name)
        copy_credentials(pair)
        stg.apply(declared(pair))
        stg.wait_for("KafkaMirrorMaker2", FLOW)
        send(dev, 10)
        assert receive(stg, 10) == 10
        yield pair
    finally:
        stg.delete("KafkaMirrorMaker2", FLOW)
        dev.delete("KafkaTopic", "items")
        eventually(lambda: not pair.processes.is_running(WORKER), why="the worker stops")


def send(site: LiveSite, count: int, topic: str = "items") -> None:
    """Send records to all partitions in turn, and see each acknowledged."""
    refused: list[object] = []

    def note(error: object, _: object) -> None:
        if error is not None:
            refused.append(error)

    password = site.secret("src")["password"]
    producer = Producer(site.client("src", password, on_delivery=note))
    for number in range(count):
        producer.produce(topic, str(number).encode(), partition=number % PARTITIONS)
    assert producer.flush(60) == 0
    assert not refused


def receive(site: LiveSite, wanted: int, topic: str = "items") -> int:
    """Read a topic from its beginning and return how many records came, at most as many as are wanted."""
    password = site.secret("tgt")["password"]
    consumer = Consumer(
        site.client(
            "tgt",
            password,
            **{
                "group.id": "counting",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "topic.metadata.refresh.interval.ms": 1000,
            },
        )
    )
    got = 0

    def read() -> bool:
        nonlocal got
        message = consumer.poll(0.5)
        got += message is not None and message.error() is None
        return got >= wanted

    consumer.subscribe([topic])
    try:
        eventually(read, why=f"{wanted} records of {topic}")
    finally:
        consumer.close()
    return got


def ends(site: LiveSite, topic: str = "items") -> int:
    """Return how many records a topic has."""
    consumer = Consumer(site.client("tgt", site.secret("tgt")["password"], **{"group.id": "ends"}))

    def ask() -> int:
        partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        return sum(
            consumer.get_watermark_offsets(TopicPartition(topic, each), timeout=10)[1]
            for each in partitions
        )

    try:
        return answered(ask)
    finally:
        consumer.close()


def connectors(pair: LivePair) -> dict[str, Any]:
    status = pair.stg.get("KafkaMirrorMaker2", FLOW).get("status") or {}
    return {entry["name"]: entry for entry in status.get("connectors", [])}


def states(pair: LivePair) -> dict[str, str]:
    return {name: entry["connector"]["state"] for name, entry in connectors(pair).items()}


def rest(pair: LivePair, path: str) -> Any:
    port = json.loads(pair.directory.ports.read_text())["assigned"][
        f"stg/mirrormaker2/stg/{FLOW}/0"
    ]
    # None while the worker is too busy to answer, for example because its connectors are shared out anew.
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        refused.close()
        return None
    except OSError:
        return None


def test_flow_mirrors_records_and_tells_its_connectors(flow: LivePair) -> None:
    status = flow.stg.wait_for("KafkaMirrorMaker2", FLOW)["status"]

    assert status["url"] == "http://dev-to-stg-mirrormaker2-api.stg.svc:8083"
    assert status["replicas"] == 1
    assert status["labelSelector"] == (
        "strimzi.io/cluster=dev-to-stg,strimzi.io/name=dev-to-stg-mirrormaker2,"
        "strimzi.io/kind=KafkaMirrorMaker2"
    )
    assert set(connectors(flow)) == {SOURCE, CHECKPOINT}
    config = flow.stg.api.get("v1", "ConfigMap", f"{FLOW}-mirrormaker2-config", "stg")
    assert "group.id=dev-to-stg\n" in config["data"]["kafka-connect.properties"]
    trust = flow.stg.secret(f"{FLOW}-connect-tls-trusted-certs")
    assert set(trust) == {"ca.crt", "stg-ca.crt", "dev-ca.crt"}
    assert trust["dev-ca.crt"] == flow.dev.trusted.strip()


def test_stopped_paused_and_running_are_carried_out(flow: LivePair) -> None:
    spec = declared(flow)["spec"]

    def declare(state: str | None) -> None:
        section = {**spec["mirrors"][0]["sourceConnector"]}
        if state:
            section["state"] = state
        flow.stg.apply(declared(flow, sourceConnector=section))

    declare("stopped")
    eventually(lambda: states(flow).get(SOURCE) == "STOPPED")
    eventually(lambda: connectors(flow).get(SOURCE, {}).get("tasks") == [])
    declare("paused")
    eventually(lambda: states(flow).get(SOURCE) == "PAUSED")
    declare(None)
    eventually(lambda: states(flow).get(SOURCE) == "RUNNING")
    before = ends(flow.stg)
    send(flow.dev, 5)
    eventually(lambda: ends(flow.stg) == before + 5, why="records after the pause")


def test_offsets_are_listed_altered_and_reset_when_an_annotation_asks(flow: LivePair) -> None:
    section = {
        **declared(flow)["spec"]["mirrors"][0]["sourceConnector"],
        "listOffsets": {"toConfigMap": {"name": "offsets-listed"}},
        "alterOffsets": {"fromConfigMap": {"name": "offsets-new"}},
    }
    entry = "dev--stg.MirrorSourceConnector.json"

    def ask(action: str) -> None:
        flow.stg.annotate(
            "KafkaMirrorMaker2", FLOW, connector_offsets=action, mirrormaker_connector=SOURCE
        )

    def is_carried_out() -> bool:
        metadata = flow.stg.get("KafkaMirrorMaker2", FLOW)["metadata"]
        return "strimzi.io/connector-offsets" not in (metadata.get("annotations") or {})

    flow.stg.apply(declared(flow, sourceConnector=section))
    ask("reset")
    eventually(
        lambda: (
            {
                "type": "Warning",
                "status": "True",
                "reason": "ResetOffsets",
                "message": "Encountered error resetting connector offsets. Connector is not in STOPPED state",
            }
            in flow.stg.conditions("KafkaMirrorMaker2", FLOW)
        )
    )
    flow.stg.apply(declared(flow, sourceConnector={**section, "state": "stopped"}))
    eventually(is_carried_out, why="the offsets are reset")
    path = f"/connectors/{quote(SOURCE, safe='')}/offsets"
    eventually(lambda: rest(flow, path) == {"offsets": []})

    # A record that is there: behind the end, the flow would leave out what is sent there before its worker looks.
    wanted = {
        "partition": {"cluster": "dev", "partition": 0, "topic": "items"},
        "offset": {"offset": 0},
    }
    flow.stg.apply(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "offsets-new", "namespace": "stg"},
            "data": {entry: json.dumps({"offsets": [wanted]})},
        }
    )
    ask("alter")
    eventually(is_carried_out, why="the offsets are altered")
    eventually(lambda: rest(flow, path) == {"offsets": [wanted]})
    ask("list")
    eventually(is_carried_out, why="the offsets are listed")
    listed = flow.stg.api.get("v1", "ConfigMap", "offsets-listed", "stg")
    assert json.loads(listed["data"][entry]) == {"offsets": [wanted]}
    (owner,) = listed["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"]) == ("KafkaMirrorMaker2", FLOW)
    flow.stg.apply(declared(flow))
    eventually(lambda: states(flow).get(SOURCE) == "RUNNING")


def test_connector_is_restarted_when_an_annotation_asks(flow: LivePair) -> None:
    flow.stg.annotate("KafkaMirrorMaker2", FLOW, restart_connector=f"{SOURCE}:includeTasks")

    def is_carried_out() -> bool:
        metadata = flow.stg.get("KafkaMirrorMaker2", FLOW)["metadata"]
        return "strimzi.io/restart-connector" not in (metadata.get("annotations") or {})

    eventually(is_carried_out)


def test_changed_configuration_reaches_the_connector_and_an_unchanged_one_does_not_restart_it(
    flow: LivePair,
) -> None:
    section = declared(flow)["spec"]["mirrors"][0]["sourceConnector"]
    section["config"]["refresh.topics.interval.seconds"] = 3
    flow.stg.apply(declared(flow, sourceConnector=section))
    path = f"/connectors/{quote(SOURCE, safe='')}/config"

    eventually(lambda: (rest(flow, path) or {}).get("refresh.topics.interval.seconds") == "3")
    pid = flow.pid(WORKER)
    flow.stg.annotate("KafkaMirrorMaker2", FLOW, touched="1")
    flow.stg.wait_for("KafkaMirrorMaker2", FLOW)
    assert flow.pid(WORKER) == pid


def test_removed_section_removes_its_connector(flow: LivePair) -> None:
    flow.stg.apply(declared(flow, checkpointConnector=None))
    eventually(lambda: set(states(flow)) == {SOURCE})

    flow.stg.apply(declared(flow))
    eventually(lambda: set(states(flow)) == {SOURCE, CHECKPOINT})


def test_rotated_source_password_rolls_the_worker_and_mirroring_goes_on(flow: LivePair) -> None:
    pid = flow.pid(WORKER)
    flow.dev.apply(make_secret("src", "dev", password="made-up-rotated"))
    eventually(lambda: flow.dev.secret("src")["sasl.jaas.config"].endswith('"made-up-rotated";'))

    copy_credentials(flow)
    flow.stg.annotate("KafkaMirrorMaker2", FLOW, touched="2")

    flow.wait_for_another(WORKER, pid)
    before = ends(flow.stg)
    send(flow.dev, 5)
    eventually(lambda: ends(flow.stg) >= before + 5, why="records with the new password")


def test_missing_secret_is_told_and_the_worker_goes_on(flow: LivePair) -> None:
    pid = flow.pid(WORKER)
    flow.stg.delete("Secret", "src", api_version="v1")
    flow.stg.annotate("KafkaMirrorMaker2", FLOW, touched="3")

    flow.stg.wait_for("KafkaMirrorMaker2", FLOW, "NotReady")
    (condition,) = flow.stg.conditions("KafkaMirrorMaker2", FLOW)
    assert condition == {
        "type": "NotReady",
        "status": "True",
        "reason": "InvalidConfigurationException",
        "message": "Secret src not found in namespace stg",
    }
    assert "connectors" not in flow.stg.get("KafkaMirrorMaker2", FLOW)["status"]
    copy_credentials(flow)
    flow.stg.wait_for("KafkaMirrorMaker2", FLOW)
    assert flow.pid(WORKER) == pid


def test_paused_resource_is_left_alone_but_its_worker_is_kept_running(flow: LivePair) -> None:
    flow.stg.annotate("KafkaMirrorMaker2", FLOW, pause_reconciliation="true")

    flow.stg.wait_for("KafkaMirrorMaker2", FLOW, "ReconciliationPaused")
    assert len(flow.stg.conditions("KafkaMirrorMaker2", FLOW)) == 1
    flow.wait_for_another(WORKER, flow.kill(WORKER))
    flow.stg.annotate("KafkaMirrorMaker2", FLOW, pause_reconciliation=None)
    flow.stg.wait_for("KafkaMirrorMaker2", FLOW)


def test_killed_worker_comes_back_and_goes_on(flow: LivePair) -> None:
    pid = flow.kill(WORKER)

    flow.wait_for_another(WORKER, pid)
    before = ends(flow.stg)
    send(flow.dev, 5)
    eventually(lambda: ends(flow.stg) >= before + 5, why="records after the kill")


def test_no_replicas_end_the_worker_and_are_ready(flow: LivePair) -> None:
    flow.stg.patch_spec("KafkaMirrorMaker2", FLOW, replicas=0)
    flow.stg.wait_for("KafkaMirrorMaker2", FLOW)
    eventually(lambda: not flow.processes.is_running(WORKER))
    assert "url" not in flow.stg.get("KafkaMirrorMaker2", FLOW)["status"]

    flow.stg.apply(declared(flow))
    flow.stg.wait_for("KafkaMirrorMaker2", FLOW)


def test_deleted_flow_leaves_no_process_port_file_or_object(flow: LivePair) -> None:
    flow.stg.delete_in_the_foreground("KafkaMirrorMaker2", FLOW)

    eventually(lambda: not flow.processes.is_running(WORKER))
    root = flow.directory.site("stg") / "mirrormaker2" / "stg" / FLOW
    eventually(lambda: not root.exists())
    eventually(lambda: FLOW not in flow.directory.ports.read_text())
    eventually(
        lambda: not flow.stg.secret(f"{FLOW}-connect-tls-trusted-certs"),
        why="what was made for the flow goes with it",
    )
