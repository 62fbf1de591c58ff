"""A Kafka of others: what is declared beside it comes and goes, and it stays as it is."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kafka_mirror.errors import KafkaMirrorError
from tests.components.conftest import Estate
from tests.topology.configurations import Configuration, two_sites

THEIRS: dict[str, Any] = {
    "apiVersion": "kafka.strimzi.io/v1",
    "kind": "Kafka",
    "metadata": {"name": "k-dev", "namespace": "kafka-dev"},
    "spec": {
        "kafka": {
            "listeners": [
                {"name": name, "port": port, "type": kind, "tls": True}
                for name, port, kind in (("tls", 9093, "internal"), ("external", 9094, "route"))
            ],
            "authorization": {"type": "simple"},
        }
    },
}


def adopting() -> Configuration:
    configuration = two_sites()
    kafka = configuration["sites"]["dev"]["kafka"]
    kafka |= {"adopt": True, "nodes": {"replicas": 3}}
    return configuration


@pytest.fixture
def there(estate: Estate) -> Estate:
    """A cluster that another team has made."""
    estate.cluster("dev").add(copy.deepcopy(THEIRS), manager="another-team")
    estate.write("all", adopting())
    return estate


def _theirs(estate: Estate) -> Any:
    return estate.cluster("dev").objects["Kafka kafka-dev/k-dev"]


def test_users_topics_and_flows_are_made_beside_a_kafka_that_is_not_touched(there: Estate) -> None:
    before = _theirs(there)

    there.up("all")

    assert _theirs(there) == before
    objects = there.cluster("dev").objects
    assert not any(name.startswith("KafkaNodePool") for name in objects)
    assert "KafkaTopic kafka-dev/items" in objects
    assert "KafkaUser kafka-dev/reader" in objects
    flow = there.cluster("stg").objects["KafkaMirrorMaker2 kafka-stg/dev-to-stg"]
    assert flow["spec"]["mirrors"][0]["source"]["bootstrapServers"] == "k-dev-external.example:9094"
    listeners = there.outputs("all")["sites"]["dev"]["listeners"]
    assert listeners["external"]["certificates"] == ["certificate of k-dev"]


def test_what_is_destroyed_leaves_the_kafka_of_others(there: Estate) -> None:
    there.up("all")

    there.destroy("all")

    kafkas = [name for name in there.cluster("dev").objects if name.startswith("Kafka ")]
    assert kafkas == ["Kafka kafka-dev/k-dev"]


def test_a_kafka_that_is_not_as_it_is_said_to_be_stops_the_deployment(estate: Estate) -> None:
    other = copy.deepcopy(THEIRS)
    del other["spec"]["kafka"]["listeners"][1]
    estate.cluster("dev").add(other, manager="another-team")
    estate.write("all", adopting())

    with pytest.raises(KafkaMirrorError) as stopped:
        estate.up("all")

    assert (
        "site 'dev': Kafka 'k-dev' is adopted and has no listener external (has tls). Write "
        "sites.dev.kafka.listeners as they are"
    ) in str(stopped.value)
