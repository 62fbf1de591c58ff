"""Sets of topic and group names, finite or not: what patterns take in, and where they overlap.

Literal names are kept as they are, so that a thousand of them cost nothing; only real patterns become
machines (interegular), whose intersections and differences are exact.
"""

from __future__ import annotations

import string
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from interegular import FSM
from interegular.fsm import anything_else

from kafka_mirror.mirrormaker import machines, patterns
from kafka_mirror.mirrormaker.keys import DEFAULT_TOPICS_EXCLUDE, INTERNAL_TOPICS

_CHARACTERS: Final = string.ascii_letters + string.digits + "._-"


@dataclass(frozen=True, slots=True)
class Names:
    """A set of names. Immutable; every operation returns a new set.

    Attributes:
        literals: Names one by one.
        machine: Accepts further names; some of them may be literals too.
    """

    literals: frozenset[str]
    machine: FSM | None = None

    @classmethod
    def matching(cls, expressions: Iterable[str]) -> Names:
        """Return the names that one of the patterns matches in full."""
        read = {expression: patterns.literal(expression) for expression in expressions}
        machines = [patterns.machine(one) for one, name in read.items() if name is None]
        return cls(
            frozenset(name for name in read.values() if name is not None),
            FSM.union(*machines) if machines else None,
        )

    def minus(self, other: Names) -> Names:
        """Return the names here that are not in `other`."""
        literals = frozenset(name for name in self.literals if name not in other)
        machine = self.machine
        if machine is not None:
            taken = sorted(name for name in other.literals if machine.accepts(name))
            if taken:
                written = "|".join(map(patterns.quote, taken))
                machine = machines.minus(machine, patterns.machine(written))
            if other.machine is not None:
                machine = machines.minus(machine, other.machine)
        return Names(literals, machine)

    def both(self, other: Names) -> Names:
        """Return the names that are in both."""
        shared = {name for name in self.literals if name in other}
        shared |= {name for name in other.literals if name in self}
        if self.machine is None or other.machine is None:
            return Names(frozenset(shared))
        return Names(frozenset(shared), machines.both(self.machine, other.machine))

    def after(self, prefix: str) -> Names:
        """Return every rest such that `prefix` followed by the rest is here."""
        rests = frozenset(
            name.removeprefix(prefix) for name in self.literals if name.startswith(prefix)
        )
        return Names(rests, None if self.machine is None else self.machine.derive(prefix))

    def __contains__(self, name: object) -> bool:
        """Whether this name is in the set."""
        if name in self.literals:
            return True
        return self.machine is not None and isinstance(name, str) and self.machine.accepts(name)

    def is_empty(self) -> bool:
        """Whether no name is in the set."""
        return not self.literals and (self.machine is None or self.machine.empty())

    def state(self) -> object:
        """Return what decides about every further `after`; equal states have equal futures."""
        if self.machine is None:
            return self.literals
        return self.literals, self.machine.initial, bool(self.machine.finals)

    def example(self) -> str:
        """Return one name of the set: a literal one if there is, else one of the shortest.

        Raises:
            ValueError: If the set is empty.
        """
        if self.literals:
            return min(self.literals)
        shortest = None if self.machine is None else _shortest(self.machine)
        if shortest is None:
            raise ValueError("no name is in the set")
        return shortest


def _shortest(machine: FSM) -> str | None:
    """Return a shortest name that a machine accepts, the same one each time; None if there is none."""
    waiting: deque[tuple[str, Any]] = deque([("", machine.initial)])
    seen = {machine.initial}
    while waiting:
        name, state = waiting.popleft()
        if state in machine.finals:
            return name
        steps = machine.map.get(state, {})
        for (_, character), key in sorted((_readable(machine, key), key) for key in steps):
            if steps[key] not in seen and machine.islive(steps[key]):
                seen.add(steps[key])
                waiting.append((name + character, steps[key]))
    return None


def _readable(machine: FSM, key: int) -> tuple[bool, str]:
    """Return a character that a transition takes, letters and digits before others."""
    characters = machine.alphabet.by_transition[key]
    if anything_else in characters:
        return False, next((one for one in _CHARACTERS if one not in machine.alphabet), "?")
    return min((not one.isalnum(), one) for one in characters)


def mirrored(includes: Iterable[str], excludes: Iterable[str] = ()) -> Names:
    """Return the topics a source connector takes in.

    Args:
        includes: Patterns of ``topics``.
        excludes: Patterns on top of MirrorMaker's default ``topics.exclude``, which stays in force.
    """
    return _mirrored(tuple(includes), tuple(excludes))


@lru_cache(maxsize=4096)
def _mirrored(includes: tuple[str, ...], excludes: tuple[str, ...]) -> Names:
    return Names.matching(includes).minus(_kept_out(excludes))


@lru_cache(maxsize=4096)
def _kept_out(excludes: tuple[str, ...]) -> Names:
    return Names.matching((*DEFAULT_TOPICS_EXCLUDE, *INTERNAL_TOPICS, *excludes))
