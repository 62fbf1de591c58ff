r"""Pattern algebra over topic and group names: what a list of patterns takes in, and where two overlap.

MirrorMaker joins the items of ``topics`` and ``topics.exclude`` with ``|`` and asks for a full match
(``DefaultTopicFilter``, ``MirrorUtils.compilePatternList``), so `.` is any character and ``orders`` is
not ``orders-eu``. Names are finite state machines here (interegular); what such a machine cannot
express (back references, anchors, ``\Q..\E``) is refused by name instead of guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from interegular import FSM, parse_pattern
from interegular.fsm import anything_else
from interegular.patterns import InvalidSyntax, Unsupported

from kafka_mirror.mirrormaker.keys import DEFAULT_TOPICS_EXCLUDE


class PatternError(ValueError):
    """A pattern that does not compile, or that overlap checks cannot decide; says which and why."""


def quote(name: str) -> str:
    """Return a pattern that matches exactly this name, in Java's syntax and in ours."""
    return re.sub(r"([.\\+*?^$\[\](){}|])", r"\\\1", name)


def check(pattern: str) -> None:
    """Raise PatternError unless the pattern compiles and overlap checks can decide about it."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise PatternError(f"does not compile: {error}") from error
    if "," in pattern:
        raise PatternError("holds a comma, at which MirrorMaker would split it into two patterns")
    if pattern != pattern.strip() or not pattern:
        raise PatternError("is empty, or starts or ends with a blank, which MirrorMaker cuts off")
    _machine(pattern)


def covering_prefix(pattern: str) -> str:
    """Return the longest literal every match starts with; empty when there is none.

    An ACL knows literal names, prefixes and ``*`` only: this is the narrowest prefix that covers.
    """
    machine = _machine(pattern)
    prefix: list[str] = []
    state: Any = machine.initial
    while state not in machine.finals:
        steps = {
            (key, following)
            for key, following in machine.map.get(state, {}).items()
            if machine.islive(following)
        }
        if len(steps) != 1:
            break
        key, state = steps.pop()
        characters = set(machine.alphabet.by_transition[key])
        if len(characters) != 1 or anything_else in characters:
            break
        prefix.append(str(characters.pop()))
    return "".join(prefix)


class Names:
    """A set of names, finite or not. Immutable; every operation returns a new set."""

    __slots__ = ("_fsm",)

    def __init__(self, fsm: FSM) -> None:
        self._fsm = fsm

    @classmethod
    def matching(cls, patterns: Iterable[str]) -> Names:
        """Return the names that one of the patterns matches in full."""
        return cls(FSM.union(_nothing(), *(_machine(pattern) for pattern in patterns)))

    def minus(self, other: Names) -> Names:
        """Return the names here that are not in `other`."""
        return Names(self._fsm - other._fsm)

    def both(self, other: Names) -> Names:
        """Return the names that are in both."""
        return Names(self._fsm & other._fsm)

    def after(self, prefix: str) -> Names:
        """Return every rest such that `prefix` followed by the rest is here."""
        try:
            return Names(self._fsm.derive(prefix))
        except KeyError:
            return Names(_nothing())

    def __contains__(self, name: str) -> bool:
        """Whether this name is in the set."""
        return bool(self._fsm.accepts(name))

    def is_empty(self) -> bool:
        """Whether no name is in the set."""
        return bool(self._fsm.empty())

    def covers(self, other: Names) -> bool:
        """Whether every name of `other` is here."""
        return other.minus(self).is_empty()

    def example(self) -> str:
        """Return the shortest name in the set, with ``x`` where any character will do."""
        shortest = next(iter(self._fsm.strings()))
        return "".join(
            "x" if character is anything_else else str(character) for character in shortest
        )


def mirrored(includes: Iterable[str], excludes: Iterable[str] = ()) -> Names:
    """Return the topics a source connector takes in.

    Args:
        includes: Patterns of ``topics``.
        excludes: Patterns on top of MirrorMaker's default ``topics.exclude``, which stays in force.
    """
    return Names.matching(includes).minus(Names.matching((*DEFAULT_TOPICS_EXCLUDE, *excludes)))


@lru_cache(maxsize=4096)
def _machine(pattern: str) -> FSM:
    try:
        machine: FSM = parse_pattern(pattern).to_fsm()
    except Unsupported as error:
        if str(error) in {"'^'", "'$'"}:
            raise PatternError(
                f"holds {error}; leave it out, a whole name is matched anyway"
            ) from error
        raise PatternError(f"cannot be checked for overlaps: {error}") from error
    except InvalidSyntax as error:
        raise PatternError(f"cannot be checked for overlaps: {_place(error)}") from error
    except (KeyError, ValueError, RecursionError) as error:
        raise PatternError("cannot be checked for overlaps: unknown construct") from error
    return machine


def _place(error: InvalidSyntax) -> str:
    detail = str(error).splitlines()
    return detail[0] if detail and detail[0] else "unknown construct"


@lru_cache(maxsize=1)
def _nothing() -> FSM:
    everything = parse_pattern(".*").to_fsm()
    return everything - everything
