r"""Which topics and groups a mirror takes in, as its patterns say.

A field of the mirror beats the same key in a connector's ``config``. MirrorMaker reads a list: it cuts
at commas, trims, joins the items with ``|`` and asks Java for a full match (``MirrorUtils``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from kafka_mirror.mirrormaker import patterns
from kafka_mirror.mirrormaker.keys import (
    DEFAULT_GROUPS_EXCLUDE,
    DEFAULT_TOPICS_EXCLUDE,
    INTERNAL_TOPICS,
)
from kafka_mirror.mirrormaker.name_sets import Names
from mirror_policies.fields import Field
from mirror_policies.reading.mirror_maker import CHECKPOINT_CONNECTOR, SOURCE_CONNECTOR, Mirror

LONGEST: Final = 2_000
"""Characters of a pattern that are still looked at: a name of Kafka has 249."""

_COMMA: Final = re.compile(r"\s*,\s*")
_LARGE_COUNT: Final = re.compile(r"\{\s*[0-9]*,?\s*(?:[0-9]{2,}|9)")


@dataclass(frozen=True, slots=True)
class Selection:
    """One list of patterns.

    Attributes:
        field: Where it stands, or would.
        items: The patterns one by one; None if they are not known.
    """

    field: Field
    items: tuple[str, ...] | None

    @property
    def is_set(self) -> bool:
        """Tell whether the list is written down, so that the default does not apply."""
        return not self.field.is_absent


def topics_of(mirror: Mirror) -> Selection:
    """Return the patterns of topics that are mirrored."""
    return _selection(mirror, "topicsPattern", SOURCE_CONNECTOR, "topics", (".*",))


def topics_excluded(mirror: Mirror) -> Selection:
    """Return the patterns of topics that are left out."""
    return _selection(
        mirror, "topicsExcludePattern", SOURCE_CONNECTOR, "topics.exclude", DEFAULT_TOPICS_EXCLUDE
    )


def groups_of(mirror: Mirror) -> Selection:
    """Return the patterns of groups whose offsets are translated."""
    return _selection(mirror, "groupsPattern", CHECKPOINT_CONNECTOR, "groups", (".*",))


def groups_excluded(mirror: Mirror) -> Selection:
    """Return the patterns of groups that are left out."""
    return _selection(
        mirror,
        "groupsExcludePattern",
        CHECKPOINT_CONNECTOR,
        "groups.exclude",
        DEFAULT_GROUPS_EXCLUDE,
    )


def selections_of(mirror: Mirror) -> tuple[Selection, ...]:
    """Return all four lists."""
    return topics_of(mirror), topics_excluded(mirror), groups_of(mirror), groups_excluded(mirror)


def mirrored_topics(mirror: Mirror) -> Names | None:
    """Return the topics that are mirrored; None if that cannot be told."""
    return _taken(topics_of(mirror).items, topics_excluded(mirror).items, INTERNAL_TOPICS)


def taken_in(mirror: Mirror, topics: Iterable[str]) -> list[str]:
    """Return those of the topics that are mirrored; none where that cannot be told."""
    names = mirrored_topics(mirror)
    if names is None:
        return []
    if names.machine is None:
        return [topic for topic in topics if topic in names.literals]
    items, excluded = topics_of(mirror).items or (), topics_excluded(mirror).items or ()
    return [topic for topic in topics if _is_in(items, (*excluded, *INTERNAL_TOPICS), topic)]


def synced_groups(mirror: Mirror) -> Names | None:
    """Return the groups whose offsets are translated; None if that cannot be told."""
    return _taken(groups_of(mirror).items, groups_excluded(mirror).items, ())


def names_of(items: Iterable[str]) -> Names | None:
    """Return the names that one of the patterns matches; None if that cannot be decided."""
    return _names(tuple(items))


def is_decidable(item: str) -> bool:
    """Tell whether the names a pattern matches can be told."""
    return _names((item,)) is not None


def alternatives(item: str) -> Iterator[str]:
    """Yield the parts of a pattern between ``|`` that stand in no group or class."""
    depth, start, position = 0, 0, 0
    while position < len(item):
        character = item[position]
        if character == "\\":
            position += 1
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "|" and depth == 0:
            yield item[start:position]
            start = position + 1
        position += 1
    yield item[start:]


def _selection(
    mirror: Mirror, field: str, connector: str, key: str, default: tuple[str, ...]
) -> Selection:
    place = mirror.field[field]
    written = mirror.setting(connector, key) if place.is_absent else place
    if written.is_absent:
        return Selection(place, default)
    if written.text is None or len(written.text) > LONGEST:
        return Selection(written, None)
    return Selection(written, tuple(item for item in _COMMA.split(written.text.strip()) if item))


def _taken(
    items: tuple[str, ...] | None, excluded: tuple[str, ...] | None, internal: tuple[str, ...]
) -> Names | None:
    if items is None or excluded is None:
        return None
    return _minus(items, (*excluded, *internal))


@lru_cache(maxsize=1024)
def _minus(items: tuple[str, ...], excluded: tuple[str, ...]) -> Names | None:
    taken, left_out = _names(items), _names(excluded)
    return None if taken is None or left_out is None else taken.minus(left_out)


@lru_cache(maxsize=1024)
def _names(items: tuple[str, ...]) -> Names | None:
    # Taken apart, most parts are plain names, which cost nothing.
    parts = [part for item in items for part in alternatives(item)]
    try:
        for part in parts:
            if patterns.literal(part) is None:
                _refuse_what_grows(part)
                patterns.check(part)
        return Names.matching(parts)
    except (patterns.PatternError, RecursionError):
        return None


@lru_cache(maxsize=65_536)
def _is_in(items: tuple[str, ...], excluded: tuple[str, ...], name: str) -> bool:
    names = _minus(items, excluded)
    return names is not None and name in names


def _refuse_what_grows(item: str) -> None:
    """Raise for a pattern whose machine may have more states than there is memory."""
    if _LARGE_COUNT.search(item) and re.search(r"[*+]", item):
        raise patterns.PatternError("repeats too much to be decided")
