"""A topic that was just made is known to a broker a moment later than to the controller."""

from __future__ import annotations

from typing import cast

import pytest

from kafka_mirror.errors import UnreachableError
from lab.operator import topics
from lab.operator.kafka_admin import KafkaAdmin, Topic
from tests.lab.operator.resources import make_topic


class SlowBroker:
    """Knows a topic at the last of some questions."""

    def __init__(self, unknown: int) -> None:
        self._unknown = unknown

    def topic(self, name: str) -> Topic | None:
        self._unknown -= 1
        return None if self._unknown >= 0 else Topic(name=name, topic_id="its-id", copies=(1,))

    def create_topic(self, name: str, **_: object) -> None:
        pass


def make(broker: SlowBroker) -> str:
    return topics.make_as_declared(
        cast("KafkaAdmin", broker), make_topic("items", "dev", "dev", partitions=1), {}
    )


def test_the_status_gets_the_id_of_a_topic_that_the_broker_is_slow_to_know() -> None:
    # The first question is whether there is one already.
    assert make(SlowBroker(unknown=3)) == "its-id"


def test_a_topic_that_stays_unknown_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "_KNOWN_WITHIN", topics._KNOWN_WITHIN * 0)

    with pytest.raises(UnreachableError, match="no broker knows the new topic"):
        make(SlowBroker(unknown=1000))
