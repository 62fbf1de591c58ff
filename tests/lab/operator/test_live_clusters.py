"""Kafka objects against real processes: what is made, what survives a crash, what a deletion leaves."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from lab.operator.authorities import is_signed_by
from lab.operator.renewals import FORCE_RENEW, FORCE_REPLACE
from lab.processes import start_time
from tests.lab.operator.live import LivePair, LiveSite, eventually
from tests.lab.operator.resources import make_kafka, make_pool, make_topic, make_user, scram

pytestmark = pytest.mark.lab
NODE = "kafka-dev-dev-dev-nodes-0"


def make_extra(site: LiveSite, name: str, **options: Any) -> None:
    pool = make_pool(name, site.name, name=f"{name}-nodes")
    site.apply(pool, make_kafka(name, site.name, **options))


def test_status_tells_clients_where_to_go_and_whom_to_trust(pair: LivePair) -> None:
    status = pair.dev.get("Kafka", "dev")["status"]

    listener = pair.dev.listener()
    (address,) = listener["addresses"]
    assert listener["bootstrapServers"] == f"127.0.0.1:{address['port']}"
    assert listener["certificates"] == [pair.dev.trusted]
    assert status["kafkaVersion"] == "4.3.1"
    assert status["kafkaNodePools"] == [{"name": "nodes"}]
    pool = pair.dev.get("KafkaNodePool", "nodes")
    assert pool["status"]["nodeIds"] == [0]
    assert pool["status"]["conditions"] == []
    assert pool["status"]["clusterId"] == status["clusterId"]


def test_secrets_of_a_cluster_carry_the_recorded_names_keys_and_labels(pair: LivePair) -> None:
    def keys(name: str) -> set[str]:
        return set(pair.dev.secret(name))

    assert keys("dev-cluster-ca-cert") == {"ca.crt", "ca.p12", "ca.password"}
    assert keys("dev-clients-ca-cert") == {"ca.crt", "ca.p12", "ca.password"}
    assert keys("dev-cluster-ca") == keys("dev-clients-ca") == {"ca.key"}
    assert keys("dev-trustbundle") == {"cluster-ca.crt", "clients-ca.crt"}
    assert keys("dev-nodes-0") == {"dev-nodes-0.crt", "dev-nodes-0.key"}
    assert is_signed_by(pair.dev.secret("dev-nodes-0")["dev-nodes-0.crt"], pair.dev.trusted)
    metadata = pair.dev.api.get("v1", "Secret", "dev-cluster-ca-cert", "dev")["metadata"]
    assert metadata["labels"] == {
        "strimzi.io/cluster": "dev",
        "strimzi.io/component-type": "certificate-authority",
        "strimzi.io/kind": "Kafka",
        "strimzi.io/name": "strimzi",
    }
    assert metadata["annotations"] == {"strimzi.io/ca-cert-generation": "0"}
    (owner,) = metadata["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["controller"]) == ("Kafka", "dev", False)


def test_killed_broker_comes_back_on_the_same_port_with_its_data(pair: LivePair) -> None:
    pair.dev.apply(make_topic("survivor", "dev", "dev", partitions=2))
    topic_id = pair.dev.wait_for("KafkaTopic", "survivor")["status"]["topicId"]
    bootstrap = pair.dev.bootstrap

    pid = pair.kill(NODE)

    pair.wait_for_another(NODE, pid)
    eventually(pair.dev.admin().broker_ids, why="the broker serves")
    found = pair.dev.admin().topic("survivor")
    assert found is not None
    assert found.topic_id == topic_id
    assert pair.dev.bootstrap == bootstrap


def test_killed_operator_takes_its_processes_along_and_the_next_one_starts_them_again(
    pair: LivePair,
) -> None:
    record, node = pair.processes.find("operator"), pair.pid(NODE)
    assert record is not None

    record.signal(signal.SIGKILL)

    # Not the same as that its pid is free: whoever is the first process may be slow to ask for its end.
    eventually(lambda: start_time(node) is None, why="the kernel ends the broker")
    pair.wait_for_another("operator", record.pid)
    pair.wait_for_another(NODE, node)
    eventually(pair.dev.admin().broker_ids, why="the broker serves")
    pair.dev.apply(make_topic("after-the-crash", "dev", "dev", partitions=1))
    pair.dev.wait_for("KafkaTopic", "after-the-crash")


def test_node_whose_configuration_changes_is_started_anew(pair: LivePair) -> None:
    make_extra(pair.stg, "rolled")
    pair.stg.wait_for("Kafka", "rolled")
    name = "kafka-stg-stg-rolled-rolled-nodes-0"
    pid = pair.pid(name)

    make_extra(pair.stg, "rolled", **{"log.retention.hours": 1})

    pair.wait_for_another(name, pid)
    pair.stg.wait_for("Kafka", "rolled")
    delete_cluster(pair, pair.stg, "rolled")


def test_deleted_cluster_leaves_no_process_port_file_or_secret(pair: LivePair) -> None:
    make_extra(pair.stg, "brief")
    pair.stg.wait_for("Kafka", "brief")
    name = "kafka-stg-stg-brief-brief-nodes-0"
    assert pair.processes.is_running(name)

    delete_cluster(pair, pair.stg, "brief")

    assert not pair.processes.is_running(name)
    assert not (pair.directory.site("stg") / "kafka" / "stg" / "brief").exists()
    assert "/brief/" not in pair.directory.ports.read_text()
    eventually(lambda: not pair.stg.secret("brief-cluster-ca"), why="Secrets go with the owner")


def test_cluster_of_a_deleted_one_s_name_starts_empty(pair: LivePair) -> None:
    make_extra(pair.stg, "again")
    first = pair.stg.wait_for("Kafka", "again")["status"]["clusterId"]
    pair.stg.delete("Kafka", "again")
    make_extra(pair.stg, "again")

    second = pair.stg.wait_for("Kafka", "again")["status"]["clusterId"]

    assert second != first
    delete_cluster(pair, pair.stg, "again")


def test_lost_authority_is_made_anew_and_the_nodes_follow(pair: LivePair) -> None:
    make_extra(pair.stg, "lost")
    pair.stg.wait_for("Kafka", "lost")
    before = pair.stg.secret("lost-cluster-ca-cert")["ca.crt"]

    pair.stg.delete("Secret", "lost-cluster-ca", api_version="v1")

    def told() -> str:
        listeners = pair.stg.get("Kafka", "lost")["status"].get("listeners") or [{}]
        return str(listeners[0].get("certificates", [before])[0])

    eventually(lambda: told() != before, why="the status tells the new authority")
    assert told() == pair.stg.secret("lost-cluster-ca-cert")["ca.crt"]
    pair.stg.wait_for("Kafka", "lost")
    delete_cluster(pair, pair.stg, "lost")


def test_authority_is_renewed_or_its_key_replaced_as_its_secrets_ask(pair: LivePair) -> None:
    make_extra(pair.stg, "renewed")
    pair.stg.wait_for("Kafka", "renewed")

    def shown() -> str:
        return pair.stg.secret("renewed-renewed-nodes-0")["renewed-renewed-nodes-0.crt"]

    def told() -> str:
        listeners = pair.stg.get("Kafka", "renewed")["status"]["listeners"]
        return "".join(listeners[0]["certificates"])

    def ask(secret: str, annotation: str) -> None:
        patch = {"metadata": {"annotations": {annotation: "true"}}}
        pair.stg.api.patch("v1", "Secret", secret, "stg", patch=patch, field_manager="test")

    def wait_for_another(before: str) -> str:
        eventually(lambda: told() != before, why="it is told")
        return told()

    first, of_first = told(), shown()
    ask("renewed-cluster-ca-cert", FORCE_RENEW)
    second = wait_for_another(first)
    of_second = shown()
    assert of_second != of_first
    assert is_signed_by(of_second, first)
    assert is_signed_by(of_second, second)

    ask("renewed-cluster-ca", FORCE_REPLACE)
    third = wait_for_another(second)
    assert is_signed_by(shown(), third)
    assert not is_signed_by(shown(), second)
    certificates = pair.stg.secret("renewed-cluster-ca-cert")
    assert certificates["ca.crt"] == third
    assert [text for key, text in certificates.items() if key.startswith("ca-")] == [second]
    for name, generations in {
        "renewed-cluster-ca-cert": {"strimzi.io/ca-cert-generation": "2"},
        "renewed-cluster-ca": {"strimzi.io/ca-key-generation": "1"},
        "renewed-renewed-nodes-0": {"strimzi.io/cluster-ca-cert-generation": "2"},
    }.items():
        metadata = pair.stg.api.get("v1", "Secret", name, "stg")["metadata"]
        assert metadata["annotations"] == generations
    delete_cluster(pair, pair.stg, "renewed")


def test_impossible_cluster_is_refused_in_the_operators_words(pair: LivePair) -> None:
    make_extra(pair.stg, "impossible")
    pair.stg.apply(make_kafka("impossible", "stg", replicas=3))

    eventually(
        lambda: pair.stg.conditions("Kafka", "impossible")[0].get("message", "").startswith("Kafka")
    )
    assert pair.stg.conditions("Kafka", "impossible")[0] == {
        "type": "NotReady",
        "status": "True",
        "reason": "InvalidResourceException",
        "message": "Kafka configuration option 'default.replication.factor' should be set to 1 or less because this "
        "cluster has only 1 Kafka broker(s).",
    }
    delete_cluster(pair, pair.stg, "impossible")


def test_cluster_without_authorizer_has_users_but_no_access_rules(pair: LivePair) -> None:
    make_extra(pair.stg, "open", authorization=False)
    pair.stg.wait_for("Kafka", "open")
    pair.stg.apply(make_user("free", "open", "stg", **scram()))
    rules = [{"resource": {"type": "topic", "name": "t"}, "operations": ["Read"]}]
    pair.stg.apply(make_user("ruled", "open", "stg", **scram(rules)))

    pair.stg.wait_for("KafkaUser", "free")
    (condition,) = pair.stg.conditions("KafkaUser", "ruled")

    assert condition["message"] == (
        "io.strimzi.operator.common.ReconciliationException: io.strimzi.operator.common.model.InvalidResourceException: "
        "Simple authorization ACL rules are configured but not supported in the Kafka cluster configuration."
    )
    assert not pair.stg.secret("ruled")
    delete_cluster(pair, pair.stg, "open")


def test_api_server_that_was_away_is_followed_again(pair: LivePair) -> None:
    record = pair.processes.find("kube-apiserver-dev")
    assert record is not None

    record.signal(signal.SIGSTOP)
    try:
        pair.stg.apply(make_topic("meanwhile", "stg", "stg", partitions=1))
        pair.stg.wait_for("KafkaTopic", "meanwhile")
    finally:
        record.signal(signal.SIGCONT)

    pair.dev.apply(make_topic("afterwards", "dev", "dev", partitions=1))
    pair.dev.wait_for("KafkaTopic", "afterwards")


def test_no_secret_is_in_a_command_line_an_environment_or_a_log_and_no_file_is_for_others(
    pair: LivePair,
) -> None:
    pair.dev.apply(make_user("hidden", "dev", "dev", **scram()))
    pair.dev.wait_for("KafkaUser", "hidden")
    secrets = {
        pair.dev.secret("hidden")["password"],
        pair.dev.secret("dev-nodes-0")["dev-nodes-0.key"].splitlines()[1],
        pair.dev.secret("dev-cluster-ca")["ca.key"].splitlines()[1],
    }

    said = "\n".join(text_of(record.pid) for record in pair.processes.records())
    logs = "\n".join(map(read, pair.directory.logs.iterdir()))

    assert not [secret for secret in secrets if secret in said or secret in logs]
    kept = [path for path in pair.files() if any(secret in read(path) for secret in secrets)]
    assert kept
    etcd = pair.directory.etcd
    others = [path for path in kept if path.stat().st_mode & 0o077 and etcd not in path.parents]
    assert not others
    assert pair.directory.root.stat().st_mode & 0o077 == 0


def delete_cluster(pair: LivePair, site: LiveSite, name: str) -> None:
    site.delete_in_the_foreground("Kafka", name)
    site.delete("KafkaNodePool", f"{name}-nodes")
    root = pair.directory.site(site.name) / "kafka" / site.name / name
    eventually(lambda: site.find("Kafka", name) is None and not root.exists())


def text_of(pid: int) -> str:
    try:
        process = psutil.Process(pid)
        return " ".join([*process.cmdline(), *process.environ().values()])
    except (psutil.NoSuchProcess, psutil.ZombieProcess):  # it has just ended
        return ""


def read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:  # a broker or a server has just put another one in its place
        return ""
