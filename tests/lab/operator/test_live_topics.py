"""KafkaTopic objects against a real broker, step by step as recorded from the real Topic Operator."""

from __future__ import annotations

import pytest

from lab.operator.topics import FINALIZER
from tests.lab.operator.live import LivePair, LiveSite, becomes, eventually
from tests.lab.operator.resources import make_topic

pytestmark = pytest.mark.lab


@pytest.fixture
def dev(pair: LivePair) -> LiveSite:
    return pair.dev


def condition_of(site: LiveSite, name: str) -> tuple[str, str, str, str]:
    (condition,) = site.conditions("KafkaTopic", name)
    return (
        condition["type"],
        condition["status"],
        condition.get("reason", ""),
        condition.get("message", ""),
    )


READY = ("Ready", "True", "", "")


def test_topic_is_made_grown_and_reconfigured_and_what_kafka_cannot_do_is_refused(
    dev: LiveSite,
) -> None:
    def declare(**spec: object) -> tuple[str, str, str, str]:
        dev.apply(make_topic("steps", "dev", "dev", **spec))
        return condition_of(dev, "steps")

    admin = dev.admin()

    def in_kafka() -> tuple[int, dict[str, str]]:
        found = admin.topic("steps")
        return (0, {}) if found is None else (found.partitions, dict(found.config))

    hours = {"retention.ms": 7200000}
    assert declare(partitions=3, replicas=1, config=hours) == READY
    assert becomes(in_kafka, (3, {"retention.ms": "7200000"}))
    made = admin.topic("steps")
    assert made is not None
    status = dev.get("KafkaTopic", "steps")
    assert status["metadata"]["finalizers"] == [FINALIZER]
    assert status["status"]["topicName"] == "steps"
    assert status["status"]["topicId"] == made.topic_id

    assert declare(partitions=5, replicas=1, config=hours) == READY
    assert declare(partitions=2, replicas=1, config=hours) == (
        "Ready",
        "False",
        "NotSupported",
        "Decreasing partitions not supported",
    )
    compacted = {"retention.ms": 3600000, "cleanup.policy": "compact,delete"}
    assert declare(partitions=5, replicas=1, config=compacted) == READY
    assert becomes(in_kafka, (5, {"retention.ms": "3600000", "cleanup.policy": "compact,delete"}))
    hour = {"retention.ms": 3600000}
    assert declare(partitions=5, replicas=1, config=hour) == READY
    assert becomes(in_kafka, (5, {"retention.ms": "3600000"}))
    error = "org.apache.kafka.common.errors.InvalidConfigurationException"
    assert declare(partitions=5, replicas=1, config={**hour, "no.such.key": "x"}) == (
        "Ready",
        "False",
        "KafkaError",
        f"{error}: Unknown topic config name: no.such.key",
    )
    assert declare(partitions=5, replicas=1, config={"retention.ms": "abc"}) == (
        "Ready",
        "False",
        "KafkaError",
        f"{error}: Invalid value abc for configuration retention.ms: Not a number of type LONG",
    )
    assert declare(partitions=5, replicas=3, config=hour) == (
        "Ready",
        "False",
        "NotSupported",
        "Replication factor change not supported, but required for partitions [0, 1, 2, 3, 4]",
    )
    assert declare(partitions=5, replicas=1, config=hour) == READY
    assert declare(topicName="other", partitions=5, replicas=1, config=hour) == (
        "Ready",
        "False",
        "NotSupported",
        "Changing spec.topicName is not supported",
    )
    assert "topicId" not in dev.get("KafkaTopic", "steps")["status"]
    dev.delete("KafkaTopic", "steps")
    eventually(lambda: dev.find("KafkaTopic", "steps") is None)
    assert becomes(lambda: admin.topic("steps"), None)


def test_too_many_copies_are_refused_in_kafkas_words(dev: LiveSite) -> None:
    dev.apply(make_topic("rf3", "dev", "dev", partitions=1, replicas=3))

    assert condition_of(dev, "rf3") == (
        "Ready",
        "False",
        "KafkaError",
        (
            "org.apache.kafka.common.errors.InvalidReplicationFactorException: Unable to replicate the partition 3 time(s): "
            "The target replication factor of 3 cannot be reached because only 1 broker(s) are registered or some brokers "
            "have all their log directories cordoned."
        ),
    )
    dev.delete("KafkaTopic", "rf3")
    eventually(lambda: dev.find("KafkaTopic", "rf3") is None)


def test_second_object_for_one_topic_is_a_conflict_and_its_deletion_keeps_the_topic(
    dev: LiveSite,
) -> None:
    dev.apply(make_topic("t-first", "dev", "dev", topicName="shared.topic", partitions=2))
    dev.wait_for("KafkaTopic", "t-first")
    dev.apply(make_topic("t-second", "dev", "dev", topicName="shared.topic", partitions=2))

    assert condition_of(dev, "t-second") == (
        "Ready",
        "False",
        "ResourceConflict",
        "Managed by Ref{namespace='dev', name='t-first'}",
    )
    dev.delete("KafkaTopic", "t-second")
    eventually(lambda: dev.find("KafkaTopic", "t-second") is None)
    assert dev.admin().topic("shared.topic") is not None


def test_unmanaged_topic_stays_when_its_object_goes(dev: LiveSite) -> None:
    dev.admin().create_topic("kept", partitions=4, copies=1, config={})
    dev.apply(make_topic("kept", "dev", "dev", partitions=4, config={"retention.ms": 9000}))
    dev.wait_for("KafkaTopic", "kept")
    admin = dev.admin()

    def config() -> dict[str, str]:
        found = admin.topic("kept")
        return {} if found is None else dict(found.config)

    assert becomes(config, {"retention.ms": "9000"})

    dev.annotate("KafkaTopic", "kept", managed="false")
    dev.wait_for("KafkaTopic", "kept", "Unmanaged")
    assert "topicName" not in dev.get("KafkaTopic", "kept")["status"]
    dev.delete("KafkaTopic", "kept")
    eventually(lambda: dev.find("KafkaTopic", "kept") is None)
    assert dev.admin().topic("kept") is not None


def test_paused_topic_is_left_alone_until_it_is_not(dev: LiveSite) -> None:
    topic = make_topic("tpause", "dev", "dev", partitions=1, replicas=1)
    topic["metadata"]["annotations"] = {"strimzi.io/pause-reconciliation": "true"}
    dev.apply(topic)

    assert condition_of(dev, "tpause") == ("ReconciliationPaused", "True", "", "")
    assert dev.get("KafkaTopic", "tpause")["status"]["topicName"] == "tpause"
    assert "finalizers" not in dev.get("KafkaTopic", "tpause")["metadata"]
    assert dev.admin().topic("tpause") is None
    dev.annotate("KafkaTopic", "tpause", pause_reconciliation=None)
    dev.wait_for("KafkaTopic", "tpause")
    eventually(lambda: dev.admin().topic("tpause"), why="the topic is made")


def test_topic_deleted_by_hand_in_kafka_comes_back(dev: LiveSite) -> None:
    dev.apply(make_topic("again", "dev", "dev", partitions=2))
    dev.wait_for("KafkaTopic", "again")

    dev.admin().delete_topic("again")

    eventually(lambda: dev.admin().topic("again"), why="the topic is made again")
