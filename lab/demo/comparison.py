"""Compares a topic with its mirror, record for record: what is lost, doubled or out of order. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    """What a mirror has to keep of a record; its offset it need not keep."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    timestamp_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicComparison:
    """How a mirrored topic differs from its source, in records over all partitions.

    Attributes:
        lost: At the source and not at the target.
        duplicated: More often at the target than at the source.
        reordered: The fewest that would have to move to give the source's order, partition by partition.
    """

    topic: str
    at_source: int
    at_target: int
    lost: int
    duplicated: int
    reordered: int

    @property
    def is_equal(self) -> bool:
        """Whether both hold the same records in the same partitions and order."""
        return self.lost == self.duplicated == self.reordered == 0


def compare(
    topic: str, source: Mapping[int, Sequence[Record]], target: Mapping[int, Sequence[Record]]
) -> TopicComparison:
    """Compare two topics, each given as the records of every partition in order."""
    partitions = sorted({*source, *target})
    pairs = [(source.get(number, ()), target.get(number, ())) for number in partitions]
    return TopicComparison(
        topic=topic,
        at_source=sum(len(left) for left, _ in pairs),
        at_target=sum(len(right) for _, right in pairs),
        lost=sum((Counter(left) - Counter(right)).total() for left, right in pairs),
        duplicated=sum((Counter(right) - Counter(left)).total() for left, right in pairs),
        reordered=sum(_reordered(left, right) for left, right in pairs),
    )


def _reordered(source: Sequence[Record], target: Sequence[Record]) -> int:
    places: dict[Record, deque[int]] = defaultdict(deque)
    for place, record in enumerate(source):
        places[record].append(place)
    arrived = [places[record].popleft() for record in target if places[record]]
    return len(arrived) - _longest_ascending(arrived)


def _longest_ascending(numbers: Sequence[int]) -> int:
    # Patience sorting: `ends[n]` is the smallest end of an ascending run of n + 1 numbers.
    ends: list[int] = []
    for number in numbers:
        place = bisect_left(ends, number)
        ends[place : place + 1] = [number]
    return len(ends)
