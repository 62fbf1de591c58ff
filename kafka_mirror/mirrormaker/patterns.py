r"""The patterns over topic and group names that MirrorMaker and overlap checks read alike.

MirrorMaker joins the items of ``topics`` and ``topics.exclude`` with ``|`` and asks Java for a full
match (``DefaultTopicFilter``, ``MirrorUtils.compilePatternList``), so `.` is any character and
``orders`` is not ``orders-eu``. Here a pattern becomes a finite state machine (interegular). Only what
Java, Python and that library take for the same is let in; the rest (anchors, back references,
``\Q..\E``, flags, nested classes) is refused by name instead of guessed.
"""

from __future__ import annotations

import itertools
import math
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from interegular import FSM, parse_pattern
from interegular.fsm import anything_else
from interegular.patterns import InvalidSyntax, Unsupported

_SPECIAL: Final = r".\\+*?^$\[\](){}|"
_LITERAL: Final = re.compile(rf"(?:[^{_SPECIAL}]|\\[{_SPECIAL}])+")
_LONGEST_NAME: Final = 249
_MOST_REPEATS: Final = 2_500
_MOST_STARTS: Final = 16

_ESCAPE: Final = r"\\(?:[dDwWsS]|[^A-Za-z0-9\s])"
_CLASS: Final = rf"\[\^?(?:{_ESCAPE}|(?!&&|--|~~|\|\|)[^\[\]\\^])+\]"
_COUNT: Final = r"(?:[*+?]\??|\{[0-9]+\})(?![*+?{])"
_TOKEN: Final = re.compile(rf"{_ESCAPE}|{_CLASS}|\((?:\?:|(?!\?))|\)|{_COUNT}|[^\\\[\](){{}}*+?^$]")
_ALLOWED: Final = "characters, dots, classes, groups, | and the counts *, +, ? and {n}"


class PatternError(ValueError):
    """A pattern that does not compile, or that overlap checks cannot decide; says which and why."""


def quote(name: str) -> str:
    """Return a pattern that matches exactly this name, in Java's syntax and in ours."""
    return re.sub(rf"([{_SPECIAL}])", r"\\\1", name)


def literal(pattern: str) -> str | None:
    """Return the one name the pattern matches, if it can be read off it; the reverse of `quote`."""
    return re.sub(r"\\(.)", r"\1", pattern) if _LITERAL.fullmatch(pattern) else None


def behind(prefix: str, pattern: str) -> str:
    """Return the pattern of every match of `pattern` with a literal prefix before it."""
    return f"{quote(prefix)}(?:{pattern})"


def check(pattern: str) -> None:
    """Raise PatternError unless the pattern compiles and overlap checks can decide about it."""
    if pattern != pattern.strip() or not pattern:
        raise PatternError("is empty, or starts or ends with a blank, which MirrorMaker cuts off")
    if "," in pattern:
        raise PatternError("holds a comma, at which MirrorMaker would split it into two patterns")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternError(f"does not compile: {error}") from error
    _refuse_what_is_read_differently(pattern)
    machine(pattern)


def _refuse_what_is_read_differently(pattern: str) -> None:
    place = 0
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        if token is None:
            raise PatternError(_unreadable(pattern, place))
        place = token.end()
    repeats = math.prod(int(count) for count in re.findall(r"\{([0-9]{1,9})\}", pattern))
    if repeats > _MOST_REPEATS:
        raise PatternError(
            f"repeats something {repeats} times; no name is longer than {_LONGEST_NAME} characters"
        )


def _unreadable(pattern: str, place: int) -> str:
    if pattern[place] in "^$":
        return f"holds {pattern[place]!r}; leave it out, a whole name is matched anyway"
    return (
        f"holds {pattern[place : place + 4]!r} at position {place}, which cannot be checked for overlaps. "
        f"A pattern is made of {_ALLOWED}; to leave names out there are excludes"
    )


@lru_cache(maxsize=4096)
def machine(pattern: str) -> FSM:
    """Return the machine that accepts what the pattern matches in full.

    Raises:
        PatternError: If the library cannot read it, which `check` has refused before.
    """
    try:
        found: FSM = parse_pattern(pattern).to_fsm()
    except (Unsupported, InvalidSyntax) as error:
        raise PatternError(f"cannot be checked for overlaps: {error}") from error
    return found


@dataclass(frozen=True, slots=True, order=True)
class Covering:
    """A name, or (not exact) the start of names."""

    start: str
    is_exact: bool


def coverings(pattern: str) -> tuple[Covering, ...]:
    """Return the narrowest names and starts of names that every match is or begins with, sorted.

    An ACL knows literal names, prefixes and ``*`` only. A start that is empty stands for every name, and
    so does the answer to a pattern that has more than sixteen starts and none in common.
    """
    automaton = machine(pattern)
    found: list[Covering] = []
    waiting: list[tuple[str, Any]] = [("", automaton.initial)]
    while waiting:
        start, state = waiting.pop(0)
        steps = _steps(automaton, state)
        if steps is None:
            found.append(Covering(start, is_exact=False))
            continue
        if state in automaton.finals:
            found.append(Covering(start, is_exact=True))
        waiting += [(start + character, following) for character, following in steps]
        if len(found) + len(waiting) > _MOST_STARTS:
            starts = [*(one.start for one in found), *(text for text, _ in waiting)]
            return (Covering(_common_start(starts), is_exact=False),)
    return tuple(sorted(found))


def _common_start(texts: list[str]) -> str:
    first, last = min(texts), max(texts)
    pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(character for character, _ in pairs)


def _steps(automaton: FSM, state: Any) -> list[tuple[str, Any]] | None:
    """Return the characters that lead on towards a match, or nothing when any other character does too."""
    steps = []
    for key, following in automaton.map.get(state, {}).items():
        if automaton.islive(following):
            characters = automaton.alphabet.by_transition[key]
            if anything_else in characters:
                return None
            steps += [(str(character), following) for character in characters]
    return sorted(steps)
