"""Checks what a flow selects: names that MirrorMaker would never take, or would change.

Source: ``MirrorSourceConnector.shouldReplicateTopic`` and ``isCycle``, ``IdentityReplicationPolicy`` and
``DefaultGroupFilter`` of Kafka 4.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from kafka_mirror.errors import Problem
from kafka_mirror.mirrormaker import keys
from kafka_mirror.mirrormaker.name_sets import Names, mirrored
from kafka_mirror.topology import Flow, FlowName, TopicName, TopicPattern, topic_patterns
from kafka_mirror.topology.names import MAX_TOPIC
from kafka_mirror.topology.paths import path
from kafka_mirror.topology.selectors import ALL

_RENAMED: Final = f".*{keys.HEARTBEAT_ENDING}"


def renamed_topics(flow: Flow) -> tuple[str, ...]:
    """Return the pattern of the topics that identity naming would not keep, if a pattern takes some in.

    ``IdentityReplicationPolicy`` takes every topic that ends in ``heartbeats`` for one of its own and
    gives it the source's prefix, to which the flow's user has no right.
    """
    expressions = [one.pattern for one in flow.topics if isinstance(one, TopicPattern)]
    if flow.naming == "prefix" or not expressions:
        return ()
    names = mirrored(expressions, topic_patterns(flow.topics_exclude))
    return () if names.both(Names.matching([_RENAMED])).is_empty() else (_RENAMED,)


def taken(flow: Flow) -> Names:
    """Return the topics that a flow mirrors, under the names they have at its source."""
    return mirrored(topic_patterns(flow.topics), topic_patterns(flow.topics_exclude))


def arriving_name(flow: Flow, topic: TopicName) -> str:
    """Return what a topic of the source is called at the target."""
    if flow.naming == "identity":
        return topic
    return f"{flow.source.site}{keys.SEPARATOR}{topic}"


def selection_problems(name: FlowName, flow: Flow) -> Iterator[Problem]:
    """Yield a problem for each selector that would mirror, or sync, nothing at all or another name."""
    excluded = Names.matching(topic_patterns(flow.topics_exclude))
    for index, topic in enumerate(flow.topics):
        where = path("flows", name, "topics", index)
        if isinstance(topic, TopicPattern):
            if mirrored([topic.pattern], topic_patterns(flow.topics_exclude)).is_empty():
                yield Problem(
                    where,
                    f"{topic.pattern!r} matches no topic that may be mirrored: what it names is kept out, by "
                    "MirrorMaker or by topicsExclude. Leave it out",
                )
        elif (reason := _never_mirrored(flow, topic)) is not None:
            yield Problem(where, reason)
        elif topic in excluded:
            yield Problem(where, f"{topic!r} is taken out again by topicsExclude; drop one of them")
    yield from _group_problems(name, flow)


def _never_mirrored(flow: Flow, topic: TopicName) -> str | None:
    own = _first_match((*keys.DEFAULT_TOPICS_EXCLUDE, *keys.INTERNAL_TOPICS), topic)
    if own is not None:
        return (
            f"{topic!r} is never mirrored: MirrorMaker keeps out what matches {own}. Leave it out"
        )
    if flow.naming == "identity":
        if topic.endswith(keys.HEARTBEAT_ENDING):
            return (
                f"{topic!r} would not keep its name: MirrorMaker takes what ends in "
                f"{keys.HEARTBEAT_ENDING!r} for its own and would write "
                f"'{flow.source.site}{keys.SEPARATOR}{topic}'. Use naming: prefix for it"
            )
        return None
    if flow.target.site in topic.rstrip(keys.SEPARATOR).split(keys.SEPARATOR)[:-1]:
        return (
            f"{topic!r} is never mirrored: by its name MirrorMaker takes it for a topic that came from "
            f"site {flow.target.site!r}. Use naming: identity for it"
        )
    length = len(arriving_name(flow, topic))
    if length > MAX_TOPIC:
        return (
            f"'{topic[:20]}…' would have {length} characters behind its prefix, "
            f"a topic may have {MAX_TOPIC}. Use naming: identity for it"
        )
    return None


def _group_problems(name: FlowName, flow: Flow) -> Iterator[Problem]:
    if flow.groups == ALL:
        return
    if not flow.groups and flow.groups_exclude:
        yield Problem(
            path("flows", name, "groupsExclude"),
            f"{path('flows', name, 'groups')} is [], so there are no groups to take any out of. Leave it out",
        )
    excludes = [one.pattern for one in flow.groups_exclude]
    for index, group in enumerate(flow.groups):
        if not isinstance(group, str):
            continue
        where = path("flows", name, "groups", index)
        own = _first_match(keys.DEFAULT_GROUPS_EXCLUDE, group)
        if own is not None:
            yield Problem(
                where,
                f"group {group!r} is never synced: MirrorMaker keeps out what matches {own}. Leave it out",
            )
        elif _first_match(excludes, group) is not None:
            yield Problem(
                where, f"group {group!r} is taken out again by groupsExclude; drop one of them"
            )


def _first_match(expressions: Iterable[str], name: str) -> str | None:
    return next((one for one in expressions if re.fullmatch(one, name, re.ASCII)), None)
