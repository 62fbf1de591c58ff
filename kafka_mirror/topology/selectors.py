"""How a user or a flow says which topics and which groups it means."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from kafka_mirror.mirrormaker import patterns
from kafka_mirror.topology.names import (
    GroupKey,
    GroupName,
    GroupPattern,
    TopicKey,
    TopicName,
    TopicPattern,
)
from kafka_mirror.topology.paths import shown

ALL: Final = "all"


def _kind(value: Any) -> str:
    return "a pattern" if isinstance(value, (dict, TopicPattern, GroupPattern)) else "a name"


def _selection_kind(value: Any) -> str:
    return "list" if isinstance(value, (list, tuple)) else ALL


def _pattern_in_a_list(value: Any) -> Any:
    """Take one pattern for a list of one."""
    return [value] if isinstance(value, dict) else value


def _only_all(value: Any) -> Any:
    if value != ALL:
        raise ValueError(
            f"{shown(value)} is no choice of groups. Write all, a list, or {{pattern: …}}"
        )
    return value


TopicSelector = Annotated[
    Annotated[TopicKey, Tag("a name")] | Annotated[TopicPattern, Tag("a pattern")],
    Discriminator(_kind),
]
GroupSelector = Annotated[
    Annotated[GroupKey, Tag("a name")] | Annotated[GroupPattern, Tag("a pattern")],
    Discriminator(_kind),
]
TopicSelection = Annotated[
    tuple[TopicSelector, ...], Field(min_length=1), BeforeValidator(_pattern_in_a_list)
]
GroupSelection = Annotated[
    Annotated[Literal["all"], BeforeValidator(_only_all), Tag(ALL)]
    | Annotated[tuple[GroupSelector, ...], Tag("list")],
    Discriminator(_selection_kind),
    BeforeValidator(_pattern_in_a_list),
]


def topic_patterns(selection: tuple[TopicName | TopicPattern, ...]) -> tuple[str, ...]:
    """Return the selection as MirrorMaker reads it: literal names quoted, patterns as they are."""
    return tuple(
        one.pattern if isinstance(one, TopicPattern) else patterns.quote(one) for one in selection
    )


def group_patterns(
    selection: Literal["all"] | tuple[GroupName | GroupPattern, ...],
) -> tuple[str, ...]:
    """Return the groups as MirrorMaker reads them; ``all`` is its own default pattern."""
    if selection == ALL:
        return (".*",)
    return tuple(
        one.pattern if isinstance(one, GroupPattern) else patterns.quote(one) for one in selection
    )
