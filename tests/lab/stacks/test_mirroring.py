"""The small flow on real Kafka: prefix naming, a topic Kubernetes cannot name, and what nobody may do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from confluent_kafka import KafkaError, Producer

from lab.demo.applications import Application
from lab.demo.comparison import compare
from lab.demo.reading import end_offsets, read_topic
from lab.demo.samples import send
from lab.errors import LabError
from lab.waiting import wait_until
from tests.lab.stacks.small import SmallStacks

pytestmark = pytest.mark.lab

MIRRORED_WITHIN = timedelta(seconds=180)


def _application(stacks: SmallStacks, site: str, user: str, directory: Path) -> Application:
    return Application.at(
        site,
        user,
        sites=stacks.outputs(site)["sites"],
        passwords=stacks.outputs("dev")["credentials"],
        directory=directory,
    )


@pytest.mark.parametrize("topic", ["items", "Orders_EU"])
def test_records_arrive_under_the_prefix_exactly_as_they_were(
    stacks: SmallStacks, tmp_path: Path, topic: str
) -> None:
    producer = _application(stacks, "dev", "item-producer", tmp_path)
    source = _application(stacks, "dev", "item-consumer", tmp_path)
    target = _application(stacks, "stg", "item-consumer", tmp_path)

    send(producer, topic, 200, start=0, printed=tmp_path / "sent.txt")

    copy = f"dev.{topic}"
    expected = end_offsets(source, topic)
    assert wait_until(lambda: end_offsets(target, copy) == expected, within=MIRRORED_WITHIN)
    found = compare(topic, read_topic(source, topic), read_topic(target, copy))
    assert found.is_equal
    assert found.at_target >= 200


@pytest.mark.parametrize(
    ("site", "user", "topic"),
    [
        pytest.param("dev", "stranger", "items", id="a user without a role writes nothing at dev"),
        pytest.param("stg", "stranger", "items", id="nor at stg"),
        pytest.param("dev", "mirror-reader", "items", id="the source user of a flow only reads"),
        pytest.param(
            "stg", "item-producer", "dev.items", id="a producer does not write the mirror"
        ),
    ],
)
def test_what_is_not_granted_is_denied(
    stacks: SmallStacks, tmp_path: Path, site: str, user: str, topic: str
) -> None:
    application = _application(stacks, site, user, tmp_path)
    producer = Producer(application.client(**{"message.timeout.ms": 60_000}))
    told: list[KafkaError | None] = []

    producer.produce(topic, b"never", on_delivery=lambda error, _: told.append(error))
    producer.flush(70)

    assert [error and error.code() for error in told] == [KafkaError.TOPIC_AUTHORIZATION_FAILED]


def test_a_sample_with_a_wrong_password_says_so(stacks: SmallStacks, tmp_path: Path) -> None:
    right = _application(stacks, "dev", "item-producer", tmp_path)
    wrong = Application(
        site=right.site,
        bootstrap_servers=right.bootstrap_servers,
        certificate=right.certificate,
        user=right.user,
        password="wrong",
    )

    with pytest.raises(LabError, match="left with 3") as failed:
        send(wrong, "items", 1, start=0, printed=tmp_path / "sent.txt")

    assert "uthentication" in str(failed.value)
