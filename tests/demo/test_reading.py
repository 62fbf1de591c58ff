"""Clusters are asked again only for what passes by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from confluent_kafka import KafkaError, KafkaException

from lab.demo.reading import answered

AT_ONCE = timedelta()


def failing(*codes: int) -> Callable[[], str]:
    """Return a question that is answered after these refusals."""
    left = list(codes)

    def ask() -> str:
        if left:
            raise KafkaException(KafkaError(left.pop(0)))
        return "an answer"

    return ask


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(KafkaError.NOT_LEADER_FOR_PARTITION, id="a topic that was just made"),
        pytest.param(KafkaError.COORDINATOR_LOAD_IN_PROGRESS, id="a group that was just made"),
        pytest.param(KafkaError._TIMED_OUT, id="a broker with much to do"),
    ],
)
def test_what_passes_is_waited_for(code: int) -> None:
    assert answered(failing(code, code), every=AT_ONCE) == "an answer"


def test_what_does_not_pass_is_told_at_once() -> None:
    with pytest.raises(KafkaException) as told:
        answered(failing(KafkaError.TOPIC_AUTHORIZATION_FAILED))

    assert told.value.args[0].code() == KafkaError.TOPIC_AUTHORIZATION_FAILED


def test_what_does_not_pass_in_time_is_told_in_the_end() -> None:
    codes = [KafkaError.NOT_COORDINATOR] * 10

    with pytest.raises(KafkaException) as told:
        answered(failing(*codes), within=AT_ONCE, every=AT_ONCE)

    assert told.value.args[0].code() == KafkaError.NOT_COORDINATOR
