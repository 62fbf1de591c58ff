from __future__ import annotations

from datetime import timedelta

from lab.operator.work_queue import Key, WorkQueue

A, B = Key("dev", "Kafka", "ns", "a"), Key("dev", "Kafka", "ns", "b")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def drained(queue: WorkQueue) -> list[Key]:
    """Return what can be taken now, all given back."""
    taken = []
    queue.add(last := Key("", "", "", "last"))
    while (key := queue.take()) != last:
        assert key is not None
        taken.append(key)
    for key in (*taken, last):
        queue.done(key)
    return taken


def test_key_asked_for_twice_is_worked_on_once() -> None:
    queue = WorkQueue()
    for key in (A, B, A):
        queue.add(key)

    assert drained(queue) == [A, B]


def test_key_in_work_is_not_given_to_another_thread_but_afterwards() -> None:
    queue = WorkQueue()
    queue.add(A)
    assert queue.take() == A
    assert not queue.is_asked_again(A)

    queue.add(A)

    assert queue.is_asked_again(A)
    assert drained(queue) == []
    queue.done(A)
    assert drained(queue) == [A]


def test_offer_does_not_disturb_who_works_on_the_key() -> None:
    queue = WorkQueue()
    queue.offer(A)
    assert queue.take() == A

    queue.offer(A)

    assert not queue.is_asked_again(A)


def test_key_for_later_comes_when_its_time_has_come() -> None:
    clock = Clock()
    queue = WorkQueue(clock=clock)
    queue.add_after(A, timedelta(seconds=5))
    assert drained(queue) == []

    clock.now = 5.0

    assert queue.take() == A


def test_closed_queue_gives_nothing() -> None:
    queue = WorkQueue()
    queue.add(A)
    queue.close()

    assert queue.take() is None
    assert queue.is_asked_again(B)
