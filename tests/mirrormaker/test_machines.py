"""Intersections and differences of machines are those that interegular makes, which is slow and well tried."""

from __future__ import annotations

import pytest

from kafka_mirror.mirrormaker import machines, patterns

EXPRESSIONS = (
    "items",
    "items|prices",
    ".*",
    "a.*",
    ".*a",
    "[a-c]{2}",
    "[^a]*",
    r"(a\.|b\.)*x",
    r"mm2.*\.internal|.*\.replica|__.*",
    r"inventory-[0-9]{3}\.(eu|us)",
)


@pytest.mark.parametrize("one", EXPRESSIONS)
@pytest.mark.parametrize("other", EXPRESSIONS)
def test_both_and_minus_are_what_the_library_says(one: str, other: str) -> None:
    first, second = patterns.machine(one), patterns.machine(other)

    assert machines.both(first, second).equivalent(first & second)
    assert machines.minus(first, second).equivalent(first - second)


def test_what_is_empty_is_seen_to_be() -> None:
    every, some = patterns.machine(".*"), patterns.machine("a.*")

    assert machines.minus(some, every).empty()
    assert machines.both(some, patterns.machine("b.*")).empty()
    assert not machines.minus(every, some).empty()
