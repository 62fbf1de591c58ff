"""What is made of creations that the Pulumi CLI did not get to the end of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.checkpoint import Deployment, PendingOperation, ResourceState
from engine.cluster import Clusters
from engine.properties import Secret
from engine.pulumi_recovery import has_interrupted_creations, settled
from engine.urns import make_urn, reference
from tests.engine.fake_cluster import FakeCluster

MANAGER = "pulumi-kubernetes"


def urn(type_: str, name: str) -> str:
    return make_urn(project="small", stack="dev", parent="", type_=type_, name=name)


PROVIDER = ResourceState(
    urn=urn("pulumi:providers:kubernetes", "cluster"),
    custom=True,
    id="1",
    inputs={"context": "dev"},
)
NAMESPACE = ResourceState(
    urn=urn("kubernetes:core/v1:Namespace", "ns"),
    custom=True,
    id="shop",
    inputs={"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
    provider=reference(PROVIDER.urn, PROVIDER.id),
)


def topic(name: str = "items", **fields: Any) -> ResourceState:
    return ResourceState(
        urn=urn("kubernetes:kafka.strimzi.io/v1:KafkaTopic", "items"),
        custom=True,
        inputs={
            "apiVersion": "kafka.strimzi.io/v1",
            "kind": "KafkaTopic",
            "metadata": {"name": name, "namespace": "shop"},
            "spec": {"partitions": 3},
        },
        provider=reference(PROVIDER.urn, PROVIDER.id),
        dependencies=(NAMESPACE.urn,),
        **fields,
    )


@pytest.fixture
def cluster(tmp_path: Path) -> FakeCluster:
    return FakeCluster(tmp_path / "cluster.json")


def settle(
    cluster: FakeCluster, *begun: ResourceState, resources: tuple[ResourceState, ...] = ()
) -> tuple[ResourceState, ...]:
    deployment = Deployment(
        resources=(PROVIDER, NAMESPACE, *resources),
        pending=tuple(PendingOperation("creating", state) for state in begun),
        salt="salt",
    )
    result = settled(deployment, Clusters(lambda kubeconfig, context: cluster, {}))
    assert result.pending == ()
    assert result.salt == "salt"
    assert result.resources[:2] == (PROVIDER, NAMESPACE)
    return result.resources[2:]


def test_an_object_that_is_there_is_taken_up_as_not_ready(cluster: FakeCluster) -> None:
    cluster.add(topic().inputs, manager=MANAGER)
    (taken,) = settle(cluster, topic())
    assert taken.id == "shop/items"
    assert taken.inputs == topic().inputs
    assert taken.outputs["metadata"]["uid"]
    assert taken.outputs["__fieldManager"].startswith("pulumi-kubernetes-")
    assert taken.outputs["__initialApiVersion"] == "kafka.strimzi.io/v1"
    assert taken.init_errors == ("its creation was interrupted",)


def test_the_values_of_a_secret_stay_secret(cluster: FakeCluster) -> None:
    metadata = {"name": "user", "namespace": "shop"}
    secret = replace(
        topic(),
        urn=urn("kubernetes:core/v1:Secret", "secret"),
        inputs={"apiVersion": "v1", "kind": "Secret", "metadata": metadata},
    )
    cluster.add({**secret.inputs, "data": {"password": "cGFzcw=="}}, manager=MANAGER)
    secret = replace(secret, inputs={**secret.inputs, "data": Secret({"password": "cGFzcw=="})})
    (taken,) = settle(cluster, secret)
    assert taken.outputs["data"] == Secret({"password": "cGFzcw=="})


def test_an_object_that_did_not_come_to_be_is_forgotten(cluster: FakeCluster) -> None:
    assert settle(cluster, topic()) == ()


def test_what_only_pulumi_keeps_is_forgotten(cluster: FakeCluster) -> None:
    stash = ResourceState(urn=urn("pulumi:index:Stash", "password"), custom=True)
    assert settle(cluster, stash) == ()


def test_an_object_of_somebody_else_is_not_taken(cluster: FakeCluster) -> None:
    cluster.add(topic().inputs, manager="kubectl")
    assert settle(cluster, topic()) == ()


def test_an_object_on_which_nobody_has_set_a_field_is_taken(cluster: FakeCluster) -> None:
    cluster.add(NAMESPACE.inputs, manager=MANAGER)
    assert cluster.objects["Namespace shop"]["metadata"]["managedFields"] == []
    other = replace(NAMESPACE, urn=urn("kubernetes:core/v1:Namespace", "other"), id="")
    (taken,) = settle(cluster, other)
    assert taken.id == "shop"


def test_an_object_that_is_going_away_is_forgotten(cluster: FakeCluster) -> None:
    cluster.add(topic().inputs, manager=MANAGER)
    cluster.change(
        "KafkaTopic shop/items",
        lambda live: live["metadata"].update(deletionTimestamp="2026-01-01T00:00:00Z"),
    )
    assert settle(cluster, topic()) == ()


def test_the_successor_of_a_deleted_one_takes_its_place(cluster: FakeCluster) -> None:
    cluster.add(topic().inputs, manager=MANAGER)
    old = topic("before", id="shop/before", pending_replacement=True)
    user = replace(topic("user", id="shop/user"), urn=f"{topic().urn}-user")
    user = replace(user, dependencies=(topic().urn,), pending_replacement=True)
    taken, after = settle(cluster, topic(), resources=(old, user))
    assert taken.id == "shop/items"
    assert after == user


def test_the_predecessor_of_one_that_is_there_is_still_to_be_deleted(cluster: FakeCluster) -> None:
    cluster.add(topic().inputs, manager=MANAGER)
    old = topic("before", id="shop/before")
    taken, before = settle(cluster, topic(), resources=(old,))
    assert taken.id == "shop/items"
    assert before == replace(old, delete=True)


def test_one_that_was_created_after_all_stays_as_it_is(cluster: FakeCluster) -> None:
    cluster.add(topic().inputs, manager=MANAGER)
    known = topic(id="shop/items")
    assert settle(cluster, topic(), resources=(known,)) == (known,)


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        pytest.param(["updating", "deleting"], False, id="only what is there is changed"),
        pytest.param(["updating", "creating"], True, id="something was created"),
    ],
)
def test_only_creations_have_to_be_settled(types: list[str], expected: bool) -> None:
    pending = [{"type": type_, "resource": {}} for type_ in types]
    assert has_interrupted_creations({"pending_operations": pending}) is expected
    assert not has_interrupted_creations({})
