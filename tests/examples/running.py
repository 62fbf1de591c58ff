"""Deploys an example into a lab as it is committed, lets applications use it, and puts what was seen into the table of the docs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, Producer

import lab
from kafka_mirror.planning import Intervals
from kafka_mirror.planning.windows import intervals
from kafka_mirror.topology import FlowName, load, read_stack_file
from lab.demo.applications import Application
from lab.demo.comparison import TopicComparison, compare
from lab.demo.reading import end_offsets, read_topic
from lab.demo.samples import send
from lab.waiting import wait_until
from tests.lab.stacks.small import CHECKOUT, SmallStacks

EXAMPLES: Final = CHECKOUT / "examples"
TABLE: Final = "What was seen"
WITHIN: Final = timedelta(seconds=180)
"""For whatever happens by itself; quiet, it takes seconds."""


@dataclass(frozen=True)
class Example:
    """A deployed example: its stacks, and a place for the files of its applications."""

    stacks: SmallStacks
    directory: Path

    def application(
        self, stack: str, site: str, user: str, *, sharer: str | None = None, **options: Any
    ) -> Application:
        """Return an application of a site of a stack, with its user's password from the stack that shares it."""
        return Application.at(
            site,
            user,
            sites=self.stacks.outputs(stack)["sites"],
            passwords=self.stacks.outputs(sharer or stack)["credentials"],
            directory=self.directory,
            **options,
        )

    def send(self, producer: Application, topic: str, count: int, *, start: int = 0) -> None:
        """Send numbered records and wait until all are acknowledged."""
        printed = self.directory / f"sent-{producer.site}-{topic}-{start}.txt"
        send(producer, topic, count, start=start, printed=printed)


@contextmanager
def deployed(
    directory: Path,
    *stacks: str,
    contexts: Sequence[str],
    project: Path = EXAMPLES,
    prepare: Callable[[SmallStacks], None] | None = None,
) -> Iterator[Example]:
    """Have stacks of a project in a lab of their own, in this order; they are destroyed before it ends.

    What others make before a stack is deployed, `prepare` makes.
    """
    with lab.running(directory / "lab", sites=tuple(contexts)) as there:
        (directory / "project").mkdir()
        copy = SmallStacks.copied(directory / "project", there, project)
        if prepare is not None:
            prepare(copy)
        for stack in stacks:
            copy.up(stack)
        yield Example(copy, directory)
        for stack in reversed(stacks):
            copy.destroy(stack)


def mirrored(
    source: Application, target: Application, topic: str, *, copy: str | None = None
) -> TopicComparison:
    """Wait until the target has a topic as the source does, and compare both record for record."""
    there = copy or topic
    assert wait_until(
        lambda: end_offsets(target, there) == end_offsets(source, topic), within=WITHIN
    )
    return compare(topic, read_topic(source, topic), read_topic(target, there))


def is_denied(application: Application, topic: str) -> bool:
    """Tell whether a user may not write a topic: the broker says so, not a timeout."""
    told: list[KafkaError | None] = []
    producer = Producer(application.client(**{"message.timeout.ms": 60_000}))
    producer.produce(topic, b"never", on_delivery=lambda error, _: told.append(error))
    producer.flush(70)
    return [error and error.code() for error in told] == [KafkaError.TOPIC_AUTHORIZATION_FAILED]


def planned(stack: str, flow: str) -> Intervals:
    """Return the intervals that follow from an example's stack file, of one of its flows."""
    file = EXAMPLES / f"Pulumi.{stack}.yaml"
    said = load(read_stack_file(file.read_text(), name=file.name)).flows[FlowName(flow)].objectives
    return intervals(duplicate_window=said.duplicate_window, discovery=said.discovery)


def may_not_read(application: Application, topic: str) -> bool:
    """Tell whether the broker refuses a user a topic; one that it may not read it may not even see."""
    consumer = Consumer(application.client(**{"group.id": application.group}))
    try:
        error = consumer.list_topics(topic, timeout=60).topics[topic].error
    finally:
        consumer.close()
    return error is not None and error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED


def total(comparisons: Sequence[TopicComparison]) -> Mapping[str, object]:
    """Return the columns that tell how true the mirrors are."""
    return {
        "records mirrored": sum(one.at_target for one in comparisons),
        "lost": sum(one.lost for one in comparisons),
        "doubled": sum(one.duplicated for one in comparisons),
    }
