"""The kinds of names a topology holds; each is a type of its own, so that one is not taken for another."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Annotated, Any, Final, NewType

from pydantic import AfterValidator, BeforeValidator

from kafka_mirror.mirrormaker import patterns
from kafka_mirror.topology.paths import shown
from kafka_mirror.topology.written import Written

SiteName = NewType("SiteName", str)
"""A site's name, which is also its MirrorMaker alias."""
FlowName = NewType("FlowName", str)
"""A flow's name, which is also that of its KafkaMirrorMaker2 unless its ``names`` say otherwise."""
UserName = NewType("UserName", str)
"""A Kafka user's name, which is also the name of its KafkaUser."""
TopicName = NewType("TopicName", str)
"""One topic, literally."""
GroupName = NewType("GroupName", str)
"""One consumer group, literally."""
TransactionalId = NewType("TransactionalId", str)
"""One transactional id, literally."""

_DNS_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SERVICE: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_DNS_SUBDOMAIN: Final = re.compile(rf"{_DNS_LABEL.pattern}(\.{_DNS_LABEL.pattern})*")
_TOPIC: Final = re.compile(r"[A-Za-z0-9._-]+")
_GROUP: Final = re.compile(r"[^\s,*]+")

_SIGNS_OF_A_PATTERN: Final = frozenset("*+?[](){}|^$\\")

MAX_LABEL: Final = 63
MAX_TOPIC: Final = 249
# The operator puts "-mirrormaker2-api" behind it, and "-kafka-<listener>-bootstrap" behind a Kafka's
# name; both make names of Services, which start with a letter and hold 63 characters.
_MAX_FLOW: Final = MAX_LABEL - len("-mirrormaker2-api")
_MAX_KAFKA: Final = MAX_LABEL - len("-kafka-12345678901-bootstrap")


def _matching(expression: re.Pattern[str], limit: int, allowed: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        is_text = isinstance(value, str) and value.isprintable()
        if not is_text or len(value) > limit or not expression.fullmatch(value):
            raise ValueError(f"found {shown(value)}, must be {allowed}, at most {limit} characters")
        return str(value)

    return check


def topic_name(value: Any) -> str:
    """Return a topic's name, or raise ValueError saying what one is."""
    is_name = isinstance(value, str) and bool(_TOPIC.fullmatch(value))
    if not is_name or len(value) > MAX_TOPIC or value in {".", ".."}:
        raise ValueError(
            f"found {shown(value)}, must be letters, digits, dots, underscores and hyphens, 1 to {MAX_TOPIC} "
            "characters, not . or .."
        )
    return str(value)


def _topic_or_advice(value: Any) -> str:
    """Take a topic's name where a pattern could stand, or say how to write what was meant."""
    strange = [c for c in value if not _TOPIC.fullmatch(c)] if isinstance(value, str) else []
    if "," in strange:
        advice = "Write several names as a list"
    elif not _SIGNS_OF_A_PATTERN.isdisjoint(strange):
        pattern = json.dumps(value) if len(value) <= MAX_TOPIC else "…"
        advice = f"For a pattern write {{pattern: {pattern}}}"
    else:
        return topic_name(value)
    raise ValueError(
        f"{shown(value)} is a literal name here and cannot hold {strange[0]!r}. {advice}"
    )


def _group_or_advice(value: Any) -> str:
    if isinstance(value, str) and "*" in value:
        raise ValueError(
            f"{shown(value)} is a literal name here and cannot hold '*'. For a pattern write {{pattern: …}}"
        )
    return group_name(value)


def _pattern(value: str) -> str:
    try:
        patterns.check(value)
    except patterns.PatternError as error:
        raise ValueError(f"{shown(value)} {error}") from error
    return value


_LABEL: Final = "lower-case letters, digits and hyphens, no hyphen first or last"
_label = _matching(_DNS_LABEL, MAX_LABEL, _LABEL)
_flow = _matching(_SERVICE, _MAX_FLOW, f"{_LABEL}, a letter first")
_kafka = _matching(_SERVICE, _MAX_KAFKA, f"{_LABEL}, a letter first")
_user = _matching(_DNS_SUBDOMAIN, MAX_LABEL, f"{_LABEL}, parts joined by dots")
group_name = _matching(_GROUP, 255, "a name without blanks, commas or *")

SiteKey = Annotated[SiteName, BeforeValidator(_label)]
FlowKey = Annotated[FlowName, BeforeValidator(_flow)]
KafkaKey = Annotated[str, BeforeValidator(_kafka)]
DnsLabel = Annotated[str, BeforeValidator(_label)]
UserKey = Annotated[UserName, BeforeValidator(_user)]
TopicKey = Annotated[TopicName, BeforeValidator(topic_name)]
SelectedTopic = Annotated[TopicName, BeforeValidator(_topic_or_advice)]
"""A topic's name where a pattern could stand instead."""
GroupKey = Annotated[GroupName, BeforeValidator(group_name)]
SelectedGroup = Annotated[GroupName, BeforeValidator(_group_or_advice)]
"""A group's name where a pattern could stand instead."""
SelectedTransactionalId = Annotated[TransactionalId, BeforeValidator(_group_or_advice)]
"""A transactional id where a pattern could stand instead."""
PatternText = Annotated[str, AfterValidator(_pattern)]


class TopicPattern(Written):
    """A pattern over topic names; it must match a name from end to end.

    Attributes:
        pattern: A regular expression over whole names, as Java reads it; a comma cannot be part of one.
    """

    pattern: PatternText


class GroupPattern(Written):
    """A pattern over consumer group names; it must match a name from end to end.

    Attributes:
        pattern: A regular expression over whole names, as Java reads it; a comma cannot be part of one.
    """

    pattern: PatternText


class TransactionalIdPattern(Written):
    """A pattern over transactional ids; it must match one from end to end.

    Attributes:
        pattern: A regular expression over whole ids, as Java reads it; a comma cannot be part of one.
    """

    pattern: PatternText
