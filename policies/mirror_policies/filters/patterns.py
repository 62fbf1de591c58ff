"""Patterns of topics and groups: that they compile, and that they mean what they seem to."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Final

from kafka_mirror.mirrormaker.keys import DEFAULT_GROUPS_EXCLUDE, DEFAULT_TOPICS_EXCLUDE
from mirror_policies.fields import printable
from mirror_policies.links import KAFKA_MIRRORMAKER
from mirror_policies.over_mirror_maker import over_mirror_maker
from mirror_policies.reading.filters import (
    Selection,
    alternatives,
    groups_excluded,
    is_decidable,
    names_of,
    selections_of,
    topics_excluded,
)
from mirror_policies.reading.mirror_maker import MIRROR_MAKER, MirrorMaker
from mirror_policies.rule import (
    Family,
    Level,
    ObjectRule,
    Remark,
    Settings,
    Severity,
    Undecided,
    Violation,
)

_JAVA_ONLY: Final = re.compile(r"\\[pPQEGRXhHvVzZecku]|&&|\(\?<?[a-zA-Z=!]|\[\[|[*+?}]\+")
"""What Java reads and Python does not, or otherwise."""

_HALF_COUNT: Final = re.compile(r"(?<!\\)\{[0-9]+$")
"""What is left of ``{1,3}`` before the comma at which lists are cut."""

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


def _judge_compiles(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    for mirror in maker.mirrors:
        for selection in selections_of(mirror):
            if selection.items is None:
                yield from _unreadable(selection)
            for item in selection.items or ():
                problem = _does_not_compile(item)
                if problem:
                    yield Violation(
                        selection.field,
                        f"'{printable(item)}' does not compile: {problem}. The connector would fail "
                        "at its start. Mend the pattern; for every name write .*",
                    )


def _unreadable(selection: Selection) -> Iterator[Remark]:
    place = selection.field
    if place.is_unknown:
        yield Undecided(place, "whether it compiles can be told once it is known")
    elif place.text is None:
        yield Violation(place, f"it is {place.shown}, a text of patterns is needed. Join them by |")
    else:
        yield Undecided(place, "it is too long to be judged")


def _does_not_compile(item: str) -> str:
    if _JAVA_ONLY.search(item):
        return ""
    if _HALF_COUNT.search(item):
        return "MirrorMaker cuts it at the comma, and a count is left open"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(item)
    except re.error as error:
        return printable(error.msg)
    except (OverflowError, RecursionError):
        return "it repeats too much"
    return ""


PATTERNS_COMPILE: Final = ObjectRule(
    id="patterns-compile",
    title="Every pattern of topics and groups compiles",
    family=Family.FILTERS,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "Operators hand patterns on unread: one that does not compile fails the connector at its "
        "start, minutes after a deployment that looked well."
    ),
    fix="Write a Java regular expression: `orders.*` for names that begin so, not `orders*` or `*`.",
    link=KAFKA_MIRRORMAKER,
    tags=("mirrormaker", "topics", "groups"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(_judge_compiles),
)


def _judge_dots(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    for mirror in maker.mirrors:
        for selection in selections_of(mirror):
            if selection.is_set:
                dotted = [
                    part
                    for item in selection.items or ()
                    for part in alternatives(item)
                    if "." in part and _NAME.fullmatch(part)
                ]
                if dotted:
                    name = dotted[0]
                    yield Violation(
                        selection.field,
                        f"the dot in '{printable(name)}' stands for any character, so "
                        f"'{printable(name.replace('.', 'X'))}' is taken in too. Write "
                        f"'{printable(name.replace('.', chr(92) + '.'))}'",
                    )


DOTS_QUOTED: Final = ObjectRule(
    id="dots-quoted",
    title="A dot that belongs to a name is quoted",
    family=Family.FILTERS,
    level=Level.ADVISORY,
    severity=Severity.LOW,
    why=(
        "Names are patterns: `store.inventory` also takes in `storeXinventory`, and an exclude such as "
        "`.internal` matches names of one length only, so that topics are mirrored that nobody meant."
    ),
    fix=r"Write `store\.inventory`; for names that begin with a dot `\.internal.*`.",
    link=KAFKA_MIRRORMAKER,
    tags=("mirrormaker", "topics", "groups"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(_judge_dots),
)


def _judge_excludes(maker: MirrorMaker, _settings: Settings) -> Iterator[Remark]:
    for mirror in maker.mirrors:
        for selection, defaults in (
            (topics_excluded(mirror), DEFAULT_TOPICS_EXCLUDE),
            (groups_excluded(mirror), DEFAULT_GROUPS_EXCLUDE),
        ):
            if not selection.is_set or selection.items is None:
                continue
            if not all(map(is_decidable, selection.items)):
                if not any(map(_does_not_compile, selection.items)):
                    yield Undecided(
                        selection.field,
                        "whether it keeps MirrorMaker's own excludes cannot be told",
                    )
                continue
            dropped = [one for one in defaults if not _keeps(selection.items, one)]
            if dropped:
                yield Violation(
                    selection.field,
                    f"this list replaces MirrorMaker's own and drops {', '.join(dropped)}: topics and "
                    "groups of tools and workers are taken in. Add these patterns",
                )


def _keeps(items: tuple[str, ...], default: str) -> bool:
    kept, needed = names_of(items), names_of((default,))
    return kept is not None and needed is not None and needed.minus(kept).is_empty()


EXCLUDES_KEEP_DEFAULTS: Final = ObjectRule(
    id="excludes-keep-defaults",
    title="A list of excludes keeps MirrorMaker's own",
    family=Family.FILTERS,
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    why=(
        "An exclude list replaces the default one: `.replica` topics, console consumers and the groups "
        "of Connect workers are mirrored all at once."
    ),
    fix=(
        r"Begin it with `mm2.*\.internal|.*\.replica|__.*` for topics, "
        r"`console-consumer-.*|connect-.*|__.*` for groups."
    ),
    link=KAFKA_MIRRORMAKER,
    tags=("mirrormaker", "topics", "groups"),
    kinds=frozenset({MIRROR_MAKER}),
    check=over_mirror_maker(_judge_excludes),
)

RULES: Final = (PATTERNS_COMPILE, DOTS_QUOTED, EXCLUDES_KEEP_DEFAULTS)
