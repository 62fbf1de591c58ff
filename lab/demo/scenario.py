"""The demonstration, step by step: deploy, send, mirror, compare, move a group, count the cost."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import engine
from engine.interchange import Operations
from kafka_mirror.planning import Intervals
from kafka_mirror.planning.windows import intervals
from kafka_mirror.topology import Flow, FlowName, load, read_stack_file
from lab.demo.applications import Application
from lab.demo.comparison import TopicComparison, compare
from lab.demo.group_move import TOPIC, GroupMove, GroupMoveRun
from lab.demo.reading import end_offsets, read_topic
from lab.demo.samples import receive, send
from lab.deployment import Deployment, deploy
from lab.directory import LabDirectory
from lab.errors import LabError
from lab.files import private_directory
from lab.inspection import inspect
from lab.steps import Step, Work
from lab.waiting import wait_until

SOURCE: Final = "dev"
TARGET: Final = "stg"
FLOW: Final = FlowName("dev-to-stg")
TOPICS: Final = ("items", "items.inventory", "store.inventory")
_FIRST: Final = 600
_SECOND: Final = 400
_MIRRORED_WITHIN: Final = timedelta(seconds=300)
_POLL: Final = timedelta(milliseconds=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class MirroredTopic:
    """A topic's comparison, and how long after the last acknowledged record the target had them all."""

    comparison: TopicComparison
    until_mirrored: timedelta


@dataclass(slots=True)
class Demo:
    """One demonstration in a lab that is up; the results are there once the steps have ended.

    Attributes:
        by: What runs the program.
        deployments: What each deployment did.
        memory_bytes: Resident memory of every process of the lab, at the end.
        duplicate_window: The objective of the flow.
    """

    lab: LabDirectory
    project: Path
    by: Operations = engine
    topics: tuple[MirroredTopic, ...] = ()
    move: GroupMove | None = None
    deployments: list[Deployment] = field(default_factory=list)
    memory_bytes: int = 0
    duplicate_window: timedelta = timedelta()

    def steps(self) -> Iterator[Step]:
        """Run everything, in order."""
        work_directory = self.lab.root / "demo"
        private_directory(work_directory)
        source_stack = yield from self._deploy(SOURCE)
        producer = _application(SOURCE, "item-producer", source_stack, source_stack, work_directory)
        reader = _application(SOURCE, "item-consumer", source_stack, source_stack, work_directory)
        yield from self._send(producer, first=0, count=_FIRST, directory=work_directory)
        already = yield from self._read_first(reader, work_directory)
        target_stack = yield from self._deploy(TARGET)
        moved = _application(TARGET, "item-consumer", target_stack, source_stack, work_directory)
        yield from self._wait_until_mirrored(reader, moved)
        yield from self._mirror(producer, reader, moved, work_directory)
        run = GroupMoveRun(
            source=reader,
            target=moved,
            sender=producer,
            intervals=self._intervals(),
            already=already,
            next_sequence=_FIRST + _SECOND,
            directory=work_directory,
        )
        yield from run.steps()
        self.move = run.result
        self.memory_bytes = sum(process.resident_bytes for process in inspect(self.lab).processes)

    def _deploy(self, stack: str) -> Generator[Step, None, Mapping[str, Any]]:
        deployment = yield from deploy(self.lab, self.project, stack, by=self.by)
        self.deployments.append(deployment)
        return deployment.outputs

    def _send(
        self, producer: Application, *, first: int, count: int, directory: Path
    ) -> Iterator[Step]:
        work = Work(f"{count:,} items to each topic at {SOURCE}")
        yield work.started()
        for topic in TOPICS:
            send(producer, topic, count, start=first, printed=directory / f"sent {topic}.txt")
        yield work.done("samples/send_items.py")

    def _read_first(self, reader: Application, directory: Path) -> Generator[Step, None, set[int]]:
        work = Work(f"Group ItemConsumer reads {TOPIC} at {SOURCE}")
        yield work.started()
        seen = set(receive(reader, TOPIC, printed=directory / "received first.txt"))
        if len(seen) != _FIRST:
            raise LabError(f"{len(seen)} of {_FIRST} items could be read at {SOURCE}")
        yield work.done("samples/receive_items.py")
        return seen

    def _wait_until_mirrored(self, source: Application, target: Application) -> Iterator[Step]:
        work = Work(f"What was at {SOURCE} before is at {TARGET}")
        yield work.started()
        for topic in TOPICS:
            _wait_for_ends(source, target, topic)
        yield work.done(f"{len(TOPICS) * _FIRST:,} records")

    def _mirror(
        self, producer: Application, source: Application, target: Application, directory: Path
    ) -> Iterator[Step]:
        measured = []
        for topic in TOPICS:
            work = Work(f"{topic}: {_SECOND} more, mirrored and compared")
            yield work.started()
            send(producer, topic, _SECOND, start=_FIRST, printed=directory / f"sent {topic}.txt")
            acknowledged = time.monotonic()
            _wait_for_ends(source, target, topic)
            until = timedelta(seconds=time.monotonic() - acknowledged)
            result = compare(topic, read_topic(source, topic), read_topic(target, topic))
            measured.append(MirroredTopic(comparison=result, until_mirrored=until))
            yield work.done(f"{result.at_target:,} records at {TARGET}")
        self.topics = tuple(measured)

    def _intervals(self) -> Intervals:
        file = self.project / f"Pulumi.{TARGET}.yaml"
        flow: Flow = load(read_stack_file(file.read_text(), name=file.name)).flows[FLOW]
        self.duplicate_window = flow.objectives.duplicate_window
        return intervals(
            duplicate_window=flow.objectives.duplicate_window, discovery=flow.objectives.discovery
        )


def _application(
    site: str, user: str, owner: Mapping[str, Any], sharer: Mapping[str, Any], directory: Path
) -> Application:
    return Application.at(
        site, user, sites=owner["sites"], passwords=sharer["credentials"], directory=directory
    )


def _wait_for_ends(source: Application, target: Application, topic: str) -> None:
    """Wait until the target holds as much of a topic as the source."""
    expected = end_offsets(source, topic)
    found: dict[int, int] = {}

    def is_there() -> bool:
        found.clear()
        found.update(end_offsets(target, topic))
        return found == expected

    if not wait_until(is_there, within=_MIRRORED_WITHIN, every=_POLL):
        raise LabError(
            f"topic {topic} was not mirrored within {_MIRRORED_WITHIN.total_seconds():g} s: end offsets "
            f"{expected} at {source.site}, {found} at {target.site}"
        )
