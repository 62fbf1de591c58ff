"""How a user or a flow says which topics and groups it means, and who of it is fenced."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from kafka_mirror.mirrormaker import patterns
from kafka_mirror.topology.names import (
    GroupName,
    GroupPattern,
    SelectedGroup,
    SelectedTopic,
    SelectedTransactionalId,
    SiteKey,
    TopicName,
    TopicPattern,
    TransactionalIdPattern,
    UserKey,
)
from kafka_mirror.topology.paths import shown
from kafka_mirror.topology.written import only_a_claim

ALL: Final = "all"
_PATTERNS: Final = (TopicPattern, GroupPattern, TransactionalIdPattern)


def _kind(value: Any) -> str:
    return "a pattern" if isinstance(value, (dict, *_PATTERNS)) else "a name"


def _selection_kind(value: Any) -> str:
    return "list" if isinstance(value, (list, tuple)) else ALL


def _pattern_in_a_list(value: Any) -> Any:
    """Take one pattern for a list of one."""
    return [value] if isinstance(value, dict) else value


def _listed_topics(value: Any) -> Any:
    if not isinstance(value, (list, tuple)):
        raise ValueError(  # noqa: TRY004 - pydantic takes no other
            f"{shown(value)} is no choice of topics. Write a list of names, or {{pattern: …}}"
        )
    return value


def _listed_transactional_ids(value: Any) -> Any:
    if not isinstance(value, (list, tuple)):
        raise ValueError(  # noqa: TRY004 - pydantic takes no other
            f"{shown(value)} is no choice of transactional ids. Write a list of ids, or {{pattern: …}}"
        )
    return value


def _only_all(value: Any) -> Any:
    if value != ALL:
        raise ValueError(
            f"{shown(value)} is no choice of groups. Write all, a list of names, or {{pattern: …}}"
        )
    return value


def _fence_kind(value: Any) -> str:
    return "list" if isinstance(value, (list, tuple)) else "a claim"


TopicSelector = Annotated[
    Annotated[SelectedTopic, Tag("a name")] | Annotated[TopicPattern, Tag("a pattern")],
    Discriminator(_kind),
]
GroupSelector = Annotated[
    Annotated[SelectedGroup, Tag("a name")] | Annotated[GroupPattern, Tag("a pattern")],
    Discriminator(_kind),
]
TransactionalIdSelector = Annotated[
    Annotated[SelectedTransactionalId, Tag("a name")]
    | Annotated[TransactionalIdPattern, Tag("a pattern")],
    Discriminator(_kind),
]
TopicSelection = Annotated[
    tuple[TopicSelector, ...],
    Field(min_length=1),
    BeforeValidator(_listed_topics),
    BeforeValidator(_pattern_in_a_list),
]
TransactionalIdSelection = Annotated[
    tuple[TransactionalIdSelector, ...],
    Field(min_length=1),
    BeforeValidator(_listed_transactional_ids),
    BeforeValidator(_pattern_in_a_list),
]
Excludes = BeforeValidator(_pattern_in_a_list)
"""Takes one pattern for a list of one, as topics and groups are written."""

GroupSelection = Annotated[
    Annotated[Literal["all"], BeforeValidator(_only_all), Tag(ALL)]
    | Annotated[tuple[GroupSelector, ...], Tag("list")],
    Discriminator(_selection_kind),
    BeforeValidator(_pattern_in_a_list),
]

_Claim = Annotated[
    bool, only_a_claim("who is fenced. Write true, false, or a list of names"), Tag("a claim")
]
SiteFence = Annotated[
    _Claim | Annotated[tuple[SiteKey, ...], Tag("list")], Discriminator(_fence_kind)
]
"""At which of its sites a user is fenced: all, none, or those it names."""

UserFence = Annotated[
    _Claim | Annotated[tuple[UserKey, ...], Tag("list")], Discriminator(_fence_kind)
]
"""Which of a flow's replicated users are fenced: all, none, or those it names."""


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
