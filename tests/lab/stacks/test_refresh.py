"""What hands do to deployed objects: a refresh shows it, and `up` mends it or says what stands in its way."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import engine
from kafka_mirror.kubernetes_api import JsonObject, KubernetesApi
from tests.lab.stacks.small import SmallStacks, changed

pytestmark = pytest.mark.lab

STRIMZI = "kafka.strimzi.io/v1"
HAND = "kubectl-edit"
BY_HAND = "made-by-hand-1234"
Edit = Callable[[JsonObject], None]


class Hand:
    """Somebody with `kubectl edit` at one site."""

    def __init__(self, stacks: SmallStacks, site: str) -> None:
        self.api: KubernetesApi = stacks.api(site)
        self._namespace = f"kafka-{site}"

    def find(self, kind: str, name: str) -> JsonObject | None:
        return self.api.find(_version(kind), kind, name, self._namespace)

    def get(self, kind: str, name: str) -> JsonObject:
        return self.api.get(_version(kind), kind, name, self._namespace)

    def edit(self, kind: str, name: str, edit: Edit) -> None:
        obj = self.get(kind, name)
        edit(obj)
        self.api.replace(obj, field_manager=HAND)

    def delete(self, kind: str, name: str) -> None:
        self.api.delete(_version(kind), kind, name, self._namespace)


def _version(kind: str) -> str:
    return "v1" if kind == "Secret" else STRIMZI


def _told(outcome: engine.Outcome) -> dict[str, dict[str, tuple[str | None, str | None]]]:
    """Return what differs, as {kind/name: {path: (before, after)}}."""
    return {
        f"{step.type.rsplit(':', 1)[-1]}/{step.name}": {
            change.path: (change.before, change.after) for change in step.changes
        }
        for step in outcome.changed
    }


@pytest.fixture(scope="module", autouse=True)
def _topic_for_hands(stacks: SmallStacks) -> Iterator[None]:
    """A topic that goes again, for what a hand adds to an object stays on it."""

    def add(configuration: dict[str, Any]) -> None:
        configuration["topics"]["handmade"] = {"sites": ["dev"]}

    def remove(configuration: dict[str, Any]) -> None:
        del configuration["topics"]["handmade"]

    stacks.edit("dev", add)
    try:
        stacks.up("dev")
        yield
    finally:
        stacks.edit("dev", remove)
        stacks.run(engine.up, "dev", refresh=True, force_conflicts=True)
        if stacks.run(engine.refresh, "stg").changed:
            stacks.run(engine.up, "stg", force_conflicts=True)


@pytest.fixture
def dev(stacks: SmallStacks) -> Hand:
    return Hand(stacks, "dev")


@pytest.fixture
def stg(stacks: SmallStacks) -> Hand:
    return Hand(stacks, "stg")


@pytest.mark.parametrize("stack", ["dev", "stg"])
def test_what_nobody_has_touched_has_not_drifted(stacks: SmallStacks, stack: str) -> None:
    outcome = stacks.run(engine.refresh, stack)
    assert _told(outcome) == {}


def test_edits_by_hand_are_shown_with_their_hand_and_mended(stacks: SmallStacks, dev: Hand) -> None:
    def loosen(topic: JsonObject) -> None:
        topic["spec"]["config"] = {"min.insync.replicas": 2, "segment.ms": 60_000}
        topic["metadata"]["labels"]["team"] = "blue"

    def widen(user: JsonObject) -> None:
        everything = {"resource": {"type": "topic", "name": "*"}, "operations": ["All"]}
        user["spec"]["authorization"]["acls"].append(everything)

    def overwrite(secret: JsonObject) -> None:
        secret["data"]["password"] = base64.b64encode(BY_HAND.encode()).decode()

    password = dev.get("Secret", "stranger-password")["data"]["password"]
    dev.edit("KafkaTopic", "handmade", loosen)
    dev.edit("KafkaUser", "item-consumer", widen)
    dev.edit("Secret", "stranger-password", overwrite)

    shown = stacks.run(engine.preview, "dev", refresh=True)
    found = stacks.run(engine.refresh, "dev")

    assert _told(shown)["KafkaTopic/dev-handmade"] == {
        'spec.config["min.insync.replicas"]': ("2", "1")
    }
    assert _told(shown)["Secret/dev-stranger-password"] == {"data": ("[secret]", "[secret]")}
    (acl,) = _told(shown)["KafkaUser/dev-item-consumer"].values()
    assert acl[0] is not None
    assert '"*"' in acl[0]
    assert acl[1] is None
    assert {step.name: step.reason for step in found.changed} == dict.fromkeys(
        ["dev-handmade", "dev-item-consumer", "dev-stranger-password"], f"changed by {HAND}"
    )

    with pytest.raises(engine.DeploymentError) as refused:
        stacks.up("dev")
    assert f" by {HAND}. Run it again with --force-conflicts" in str(refused.value)
    assert BY_HAND not in str(refused.value)

    stacks.run(engine.up, "dev", refresh=True, force_conflicts=True)

    assert dev.get("Secret", "stranger-password")["data"]["password"] == password
    acls = dev.get("KafkaUser", "item-consumer")["spec"]["authorization"]["acls"]
    assert "*" not in {one["resource"]["name"] for one in acls}
    topic = dev.get("KafkaTopic", "handmade")
    # What the stack never declared is not the stack's to take away.
    assert topic["spec"]["config"] == {"min.insync.replicas": 1, "segment.ms": 60_000}
    assert topic["metadata"]["labels"]["team"] == "blue"
    assert _told(stacks.run(engine.refresh, "dev")) == {}


def test_what_a_hand_took_away_is_missed_and_made_again(stacks: SmallStacks, dev: Hand) -> None:
    def strip(topic: JsonObject) -> None:
        del topic["spec"]["config"]["min.insync.replicas"]

    password = dev.get("Secret", "item-producer-password")["data"]
    dev.delete("Secret", "item-producer-password")
    dev.delete("KafkaUser", "stranger")
    dev.edit("KafkaTopic", "handmade", strip)

    done = stacks.run(engine.up, "dev", refresh=True)

    assert changed(done) == {
        ("create", "Secret/dev-item-producer-password"),
        ("update", "KafkaUser/dev-item-producer"),
        ("create", "KafkaUser/dev-stranger"),
        ("update", "KafkaTopic/dev-handmade"),
    }
    assert dev.get("Secret", "item-producer-password")["data"] == password
    assert dev.get("KafkaTopic", "handmade")["spec"]["config"]["min.insync.replicas"] == 1


def test_an_addition_to_a_flow_is_drift_since_its_mirrors_are_one_value(
    stacks: SmallStacks, stg: Hand
) -> None:
    key = "sync.topic.configs.enabled"

    def silence(mirror_maker: JsonObject) -> None:
        (mirror,) = mirror_maker["spec"]["mirrors"]
        mirror["sourceConnector"]["config"][key] = False

    stg.edit("KafkaMirrorMaker2", "dev-to-stg", silence)

    shown = stacks.run(engine.refresh, "stg")
    path = f'spec.mirrors[0].sourceConnector.config["{key}"]'
    assert _told(shown) == {"KafkaMirrorMaker2/dev-to-stg": {path: (None, "false")}}
    with pytest.raises(engine.DeploymentError, match=f"spec.mirrors by {HAND}"):
        stacks.up("stg")
    done = stacks.run(engine.up, "stg", force_conflicts=True)
    assert changed(done) == {("update", "KafkaMirrorMaker2/dev-to-stg")}
    (mirror,) = stg.get("KafkaMirrorMaker2", "dev-to-stg")["spec"]["mirrors"]
    assert key not in mirror["sourceConnector"]["config"]


def test_partitions_added_by_hand_are_kept_by_declaring_them(
    stacks: SmallStacks, dev: Hand
) -> None:
    """Kafka takes no partition away, so the way out is the configuration, and nothing needs force then."""

    def widen(topic: JsonObject) -> None:
        topic["spec"]["partitions"] = 2

    def declare(configuration: dict[str, Any]) -> None:
        configuration["topics"]["handmade"]["partitions"] = 2

    dev.edit("KafkaTopic", "handmade", widen)
    stacks.edit("dev", declare)

    done = stacks.run(engine.up, "dev", refresh=True)

    assert changed(done) == set()
    assert dev.get("KafkaTopic", "handmade")["spec"]["partitions"] == 2
    assert stacks.outputs("dev")["sites"]["dev"]["topics"]["handmade"]["partitions"] == 2
