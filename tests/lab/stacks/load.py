"""A steady load on a mirrored topic while something is changed, and what became of every record of it.

A sample sends numbered records to the source. A consumer at the target notes when copies arrive, so that a
stand-still is measured as the longest time without any; at the end both topics are compared record for record.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import psutil
from confluent_kafka import Consumer, TopicPartition

import engine
from kafka_mirror.cli.restart_impact import impact_text
from lab.demo.applications import Application
from lab.demo.comparison import Record, TopicComparison, compare
from lab.demo.reading import end_offsets, read_topic
from lab.demo.samples import Sample, started
from lab.deployment import engine_options
from lab.processes import ProcessRecord, ProcessTable
from lab.waiting import wait_until
from tests.figures import Figures
from tests.lab.stacks.small import SmallStacks, changed

TOPIC: Final = "load"
COPY: Final = "dev.load"
RATE: Final = 200
"""Records per second."""

WINDOW: Final = RATE * 5
"""Records in the flow's duplicate window."""

WITHIN: Final = timedelta(seconds=300)
"""For whatever happens by itself; quiet, it takes seconds."""

_AT_MOST: Final = 10_000_000
_DELIVERED_WITHIN_SECONDS: Final = "300"
_BATCH: Final = 1000
_EVERY: Final = timedelta(milliseconds=500)
_UNCHANGED: Final = frozenset({engine.Op.SAME, engine.Op.READ})
_numbers = itertools.count()


class Arrivals:
    """Notes when records arrive at the target, from now on."""

    def __init__(self, target: Application, start: Mapping[int, int]) -> None:
        settings = {"group.id": target.group, "enable.auto.commit": False}
        self._consumer = Consumer(target.client(**settings))
        self._consumer.assign([TopicPartition(COPY, number, at) for number, at in start.items()])
        self._times: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def count(self) -> int:
        """Return how many batches have arrived; grows as long as the flow mirrors."""
        return len(self._times)

    def longest_silence(self, *, since: float) -> timedelta:
        """Return the longest time without a record, from a moment of the monotonic clock until now."""
        times = [since, *(at for at in self._times if at >= since), time.monotonic()]
        return timedelta(seconds=max(after - before for before, after in itertools.pairwise(times)))

    def close(self) -> None:
        """End the watch."""
        self._ended.set()
        self._thread.join()
        self._consumer.close()

    def _watch(self) -> None:
        while not self._ended.is_set():
            if any(one.error() is None for one in self._consumer.consume(_BATCH, timeout=0.1)):
                self._times.append(time.monotonic())


@dataclass(slots=True)
class Watch:
    """What a change did to a flow under load, once the watch has ended.

    Attributes:
        silence: The longest time in which nothing arrived at the target.
        is_restarted: Whether the flow's worker is another process than before.
    """

    silence: timedelta = timedelta()
    is_restarted: bool = False


@dataclass(slots=True)
class Load:
    """A load that is on; `compared` says at the end what became of it."""

    stacks: SmallStacks
    directory: Path
    arrivals: Arrivals
    source_start: Mapping[int, int]
    target_start: Mapping[int, int]
    senders: ExitStack
    sender: Sample | None = None

    def send_as(self, user: str) -> None:
        """Start a sender with the user's password of now, and end the one before."""
        successor = self.senders.enter_context(sending(self.stacks, self.directory, user))
        if self.sender is not None:
            assert self.flows_on()
            self.sender.stop()
        self.sender = successor
        assert self.flows_on()

    def flows_on(self) -> bool:
        """Wait until further records arrive; tell whether they do in time."""
        before = self.arrivals.count()
        return wait_until(lambda: self.arrivals.count() > before + 1, within=WITHIN)

    @contextmanager
    def watching(self) -> Iterator[Watch]:
        """Watch a change until records arrive again after it."""
        before, began, watch = worker(self.stacks), time.monotonic(), Watch()
        yield watch
        assert self.flows_on()
        watch.silence = self.arrivals.longest_silence(since=began)
        watch.is_restarted = worker(self.stacks) != before

    @contextmanager
    def watching_a_restart(self) -> Iterator[Watch]:
        """Watch a change until records arrive again that another worker mirrors.

        An update may end before: another version of a credential leaves the flow's generation, and so what was said of its
        readiness, and the worker of before mirrors until it is stopped.
        """
        before = worker(self.stacks)
        with self.watching() as watch:
            yield watch
            assert wait_until(lambda: worker(self.stacks) not in {None, before}, within=WITHIN)

    def compared(self) -> TopicComparison:
        """Stop sending, wait until everything that was sent has arrived, and compare."""
        assert self.sender is not None
        self.sender.stop()
        source = application(self.stacks, "dev", "item-consumer", self.directory)
        target = application(self.stacks, "stg", "item-consumer", self.directory)
        sent = sum(end_offsets(source, TOPIC).values()) - sum(self.source_start.values())

        def have_arrived() -> bool:
            return sum(end_offsets(target, COPY).values()) - sum(self.target_start.values()) >= sent

        wait_until(have_arrived, within=WITHIN, every=_EVERY)
        at_source = _since(self.source_start, read_topic(source, TOPIC))

        def with_source() -> TopicComparison:
            return compare(TOPIC, at_source, _since(self.target_start, read_topic(target, COPY)))

        return without_loss(with_source, within=WITHIN)


@dataclass(frozen=True, slots=True)
class Deployed:
    """An update, and what its own preview told of it.

    Attributes:
        changes: As (operation, kind/name).
        told: The lines on what the update does to what runs.
    """

    changes: set[tuple[str, str]]
    told: str


def deployed(stacks: SmallStacks, stack: str) -> Deployed:
    """Deploy a stack; the preview that comes first must have planned exactly what was done."""
    previewed: list[engine.Step] = []

    def note(event: engine.Event) -> None:
        if isinstance(event, engine.StepDone) and event.phase is engine.Phase.PREVIEW:
            previewed.append(event.step)

    outcome = engine.up(stacks.project(), stack, options=engine_options(stacks.lab), on_event=note)
    planned = {(one.op, one.urn) for one in previewed if one.op not in _UNCHANGED}
    assert planned == {(one.op, one.urn) for one in outcome.changed}
    return Deployed(changed(outcome), impact_text(previewed).plain)


def without_loss(comparing: Callable[[], TopicComparison], *, within: timedelta) -> TopicComparison:
    """Compare until nothing is lost or the time is up: with some records twice, as many as were sent are not yet all of them."""
    found = comparing()

    def is_all_there() -> bool:
        nonlocal found
        found = comparing()
        return not found.lost

    if found.lost:
        wait_until(is_all_there, within=within, every=_EVERY)
    return found


def assert_nothing_lost(found: TopicComparison) -> None:
    """Demand what a change under load must keep: every record, and none twice beyond the window."""
    assert found.at_source > 0
    assert found.lost == 0
    assert found.duplicated <= WINDOW
    assert found.reordered <= found.duplicated


def noted(figures: Figures, change: str, watch: Watch, found: TopicComparison) -> None:
    """Add a change to the table of what was measured."""
    figures(
        f"Changes under {RATE} records/s",
        change=change,
        **{"stand-still (s)": f"{watch.silence.total_seconds():.1f}"},
        worker="restarted" if watch.is_restarted else "kept",
        records=found.at_source,
        lost=found.lost,
        doubled=found.duplicated,
        reordered=found.reordered,
    )


@contextmanager
def loaded(stacks: SmallStacks, directory: Path) -> Iterator[Load]:
    """Send to the topic for the length of a block; the first records have arrived when it begins."""
    source = application(stacks, "dev", "item-consumer", directory)
    target = application(stacks, "stg", "item-consumer", directory)
    assert wait_until(
        lambda: set(end_offsets(target, COPY)) == {*end_offsets(source, TOPIC)}, within=WITHIN
    )
    source_start, target_start = end_offsets(source, TOPIC), end_offsets(target, COPY)
    arrivals = Arrivals(target, target_start)
    try:
        with ExitStack() as senders:
            load = Load(stacks, directory, arrivals, source_start, target_start, senders)
            load.send_as("item-producer")
            yield load
    except BaseException:
        # Whatever was left half-way: both stacks as they are configured.
        stacks.up("dev")
        stacks.up("stg")
        raise
    finally:
        arrivals.close()


@contextmanager
def sending(stacks: SmallStacks, directory: Path, user: str) -> Iterator[Sample]:
    """Send with the password of now, in a process of its own; numbers are never used twice."""
    number = next(_numbers)
    arguments = (
        *(str(_AT_MOST), "--start", str(number * _AT_MOST), "--rate", str(RATE), "--quiet"),
        *("--timeout", _DELIVERED_WITHIN_SECONDS),
    )
    with started(
        "send_items.py",
        *arguments,
        application=application(stacks, "dev", user, directory),
        topic=TOPIC,
        printed=directory / f"sent-{number}.txt",
    ) as sample:
        yield sample


def application(stacks: SmallStacks, site: str, user: str, directory: Path) -> Application:
    """Return a user with its password of now."""
    return Application.at(
        site,
        user,
        sites=stacks.outputs(site)["sites"],
        passwords=stacks.outputs("dev")["credentials"],
        directory=directory,
    )


def worker(stacks: SmallStacks) -> ProcessRecord | None:
    """Return the process of the flow's worker, if it runs."""
    return ProcessTable(stacks.lab.processes).find("mirrormaker2-stg-kafka-stg-dev-to-stg-0")


def flow_status(stacks: SmallStacks) -> Mapping[str, Any]:
    """Return what the operator says of the flow."""
    flow = stacks.api("stg").get(
        "kafka.strimzi.io/v1", "KafkaMirrorMaker2", "dev-to-stg", "kafka-stg"
    )
    return dict(flow["status"])


def written_bytes(stacks: SmallStacks) -> int:
    """Return how much the worker has written so far, to its log and to the network."""
    process = worker(stacks)
    assert process is not None
    return int(psutil.Process(process.pid).io_counters().write_chars)


def _since(
    start: Mapping[int, int], records: Mapping[int, Sequence[Record]]
) -> dict[int, Sequence[Record]]:
    return {number: found[start.get(number, 0) :] for number, found in records.items()}
