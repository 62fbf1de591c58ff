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
"""A flow's name, which is also the name of its KafkaMirrorMaker2."""
UserName = NewType("UserName", str)
"""A Kafka user's name, which is also the name of its KafkaUser."""
TopicName = NewType("TopicName", str)
"""One topic, literally."""
GroupName = NewType("GroupName", str)
"""One consumer group, literally."""

_DNS_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SERVICE: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_DNS_SUBDOMAIN: Final = re.compile(rf"{_DNS_LABEL.pattern}(\.{_DNS_LABEL.pattern})*")
_TOPIC: Final = re.compile(r"[A-Za-z0-9._-]+")
_GROUP: Final = re.compile(r"[^\s,*]+")

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
            raise ValueError(
                f"{shown(value)} cannot be a name here: {allowed}, at most {limit} characters"
            )
        return str(value)

    return check


def _topic_name(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{shown(value)} cannot be a topic; write its name, or {{pattern: …}}")
    if _TOPIC.fullmatch(value):
        if len(value) > MAX_TOPIC or value in {".", ".."}:
            raise ValueError(
                f"{shown(value)} cannot be a topic: 1 to {MAX_TOPIC} characters, not . or .."
            )
        return value
    strange = next(c for c in value if not _TOPIC.fullmatch(c))
    instead = (
        "Write several names as a list"
        if strange == ","
        else f"For a pattern write {{pattern: {json.dumps(value)}}}"
        if len(value) <= MAX_TOPIC
        else "For a pattern write {pattern: …}"
    )
    raise ValueError(
        f"{shown(value)} is a literal name here and cannot hold {strange!r}. {instead}"
    )


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
_group = _matching(_GROUP, 255, "no blanks, commas or *")

SiteKey = Annotated[SiteName, BeforeValidator(_label)]
FlowKey = Annotated[FlowName, BeforeValidator(_flow)]
KafkaKey = Annotated[str, BeforeValidator(_kafka)]
DnsLabel = Annotated[str, BeforeValidator(_label)]
UserKey = Annotated[UserName, BeforeValidator(_user)]
TopicKey = Annotated[TopicName, BeforeValidator(_topic_name)]
GroupKey = Annotated[GroupName, BeforeValidator(_group)]
PatternText = Annotated[str, AfterValidator(_pattern)]


class TopicPattern(Written):
    """A pattern over topic names; it must match a name from end to end."""

    pattern: PatternText


class GroupPattern(Written):
    """A pattern over consumer group names; it must match a name from end to end."""

    pattern: PatternText
