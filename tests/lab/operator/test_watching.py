from __future__ import annotations

from typing import Any

import pytest

from kafka_mirror.kubernetes_api import KubernetesApi
from lab.operator.context import Site
from lab.operator.operator import keys_of
from lab.operator.watching import WATCHED, Change, Store
from lab.operator.work_queue import Key


def make_object(name: str, **labels: str) -> dict[str, Any]:
    named = {f"strimzi.io/{key}": value for key, value in labels.items()}
    return {"metadata": {"name": name, "namespace": "ns", "labels": named}}


def test_new_list_tells_what_is_gone_and_what_is_there() -> None:
    store = Store()
    a, b, c = (make_object(name) for name in "abc")
    store.replace_all("Kafka", [a, b])

    changes = store.replace_all("Kafka", [b, c])

    assert changes == [
        Change("Kafka", a, is_gone=True),
        Change("Kafka", b, is_gone=False),
        Change("Kafka", c, is_gone=False),
    ]
    assert store.get("Kafka", "ns", "a") is None
    assert store.get("Kafka", "ns", "c") is c


def test_objects_are_found_by_all_their_labels_in_order() -> None:
    store = Store()
    for name in ("y", "x"):
        store.put("KafkaUser", make_object(name, cluster="c", kind="KafkaUser"))
    store.put("KafkaUser", make_object("z", cluster="other"))

    found = store.find("KafkaUser", "ns", {"strimzi.io/cluster": "c"})

    assert [obj["metadata"]["name"] for obj in found] == ["x", "y"]


def test_store_is_synced_once_every_kind_was_listed() -> None:
    store = Store()
    for _, kind in WATCHED:
        assert not store.is_synced
        store.replace_all(kind, [])

    assert store.is_synced


@pytest.mark.parametrize(
    ("change", "looked_at"),
    [
        pytest.param(
            Change("KafkaNodePool", make_object("pool", cluster="c"), is_gone=False),
            [("Kafka", "c")],
            id="node pool: its cluster",
        ),
        pytest.param(
            Change("KafkaNodePool", make_object("pool"), is_gone=False),
            [],
            id="node pool of no cluster: nothing",
        ),
        pytest.param(
            Change("KafkaConnector", make_object("beats", cluster="c"), is_gone=True),
            [("KafkaConnect", "c")],
            id="connector: its Connect cluster",
        ),
        pytest.param(
            Change("KafkaUser", make_object("u", cluster="c"), is_gone=True),
            [("KafkaUser", "u"), ("UserSweep", "c")],
            id="deleted user: all users of its cluster",
        ),
        pytest.param(
            Change("Secret", make_object("u", cluster="c", kind="KafkaUser"), is_gone=False),
            [("KafkaUser", "u"), ("UserSweep", "c")],
            id="a user's Secret: the user",
        ),
        pytest.param(
            Change("Secret", make_object("c-cluster-ca", cluster="c", kind="Kafka"), is_gone=True),
            [("Kafka", "c")],
            id="a cluster's Secret that is gone: the cluster",
        ),
        pytest.param(
            Change("Secret", make_object("mine"), is_gone=True),
            [],
            id="any other Secret: nobody, as for the real operators",
        ),
    ],
)
def test_change_is_handed_to_whom_it_concerns(
    change: Change, looked_at: list[tuple[str, str]]
) -> None:
    site = Site("dev", KubernetesApi.connect(), Store())

    assert list(keys_of(site, change)) == [Key("dev", kind, "ns", name) for kind, name in looked_at]
