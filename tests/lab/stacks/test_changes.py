"""What a change of the configuration does to deployed stacks: exactly that, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from kafka_mirror.errors import UnreachableError
from lab.demo.applications import Application
from lab.demo.reading import answered
from lab.waiting import wait_until
from tests.lab.stacks.small import SmallStacks, changed

pytestmark = pytest.mark.lab

Configuration = dict[str, Any]
WITHIN = timedelta(seconds=60)


@pytest.mark.parametrize("stack", ["dev", "stg"])
def test_deploying_again_changes_nothing(stacks: SmallStacks, stack: str) -> None:
    before = stacks.recorded(stack)

    outcome = stacks.up(stack)

    assert changed(outcome) == set()
    assert stacks.recorded(stack) == before


def test_more_partitions_change_exactly_that_topic(stacks: SmallStacks, tmp_path: Any) -> None:
    def grow(configuration: Configuration) -> None:
        configuration["topics"]["items"]["partitions"] += 1

    stacks.edit("dev", grow)

    previewed, done = stacks.preview("dev"), stacks.up("dev")

    assert changed(previewed) == changed(done) == {("update", "KafkaTopic/dev-items")}
    outputs = stacks.outputs("dev")
    application = Application.at(
        "dev",
        "item-producer",
        sites=outputs["sites"],
        passwords=outputs["credentials"],
        directory=tmp_path,
    )
    admin = AdminClient(application.client())
    declared = int(outputs["sites"]["dev"]["topics"]["items"]["partitions"])

    def are_there() -> bool:
        topic = answered(lambda: admin.list_topics("items", timeout=15)).topics["items"]
        return len(topic.partitions) == declared

    assert wait_until(are_there, within=WITHIN)


def test_removing_a_user_removes_exactly_its_objects(stacks: SmallStacks) -> None:
    users: Configuration = {}

    def add(configuration: Configuration) -> None:
        configuration["users"]["guest"] = {"sites": ["dev"]}

    def remove(configuration: Configuration) -> None:
        users.update(guest=configuration["users"].pop("guest"))

    own = {"Stash/guest-password", "Secret/dev-guest-password", "KafkaUser/dev-guest"}
    stacks.edit("dev", add)
    assert changed(stacks.up("dev")) == {("create", name) for name in own}
    names = {"guest", "guest-password"}
    assert {
        name for name in names if stacks.api("dev").find("v1", "Secret", name, "kafka-dev")
    } == names

    stacks.edit("dev", remove)

    assert changed(stacks.up("dev")) == {("delete", name) for name in own}
    api = stacks.api("dev")
    assert api.find("kafka.strimzi.io/v1", "KafkaUser", "guest", "kafka-dev") is None
    # The operator's own Secret goes with its owner, a moment later.
    gone = lambda: not any(api.find("v1", "Secret", name, "kafka-dev") for name in names)  # noqa: E731
    assert wait_until(gone, within=WITHIN)


def test_a_password_is_made_anew_only_when_its_generation_rises(stacks: SmallStacks) -> None:
    def rise(configuration: Configuration) -> None:
        configuration["users"]["stranger"]["generation"] = 2

    def reorder(configuration: Configuration) -> None:
        configuration["users"] = dict(reversed(configuration["users"].items()))

    first = stacks.outputs("dev")["credentials"]
    stacks.edit("dev", reorder)
    assert changed(stacks.up("dev")) == set()
    assert stacks.outputs("dev")["credentials"] == first

    stacks.edit("dev", rise)
    stacks.up("dev")

    second = stacks.outputs("dev")["credentials"]
    assert second.pop("stranger") != first.pop("stranger")
    assert second == first
    assert changed(stacks.up("stg")) == {
        ("update", "Secret/stg-stranger-password"),
        ("update", "KafkaUser/stg-stranger"),
    }


@pytest.mark.parametrize("stack", ["dev", "stg"])
def test_a_deployed_stack_previews_with_every_cluster_down(stacks: SmallStacks, stack: str) -> None:
    with stacks.clusters_down():
        assert changed(stacks.preview(stack)) == set()
        with pytest.raises(UnreachableError):
            stacks.api("dev").get("v1", "Namespace", "kafka-dev")
