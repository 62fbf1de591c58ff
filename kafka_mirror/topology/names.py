"""The kinds of names a topology holds; each is a type of its own, so that one is not taken for another."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, NewType

from pydantic import AfterValidator, BeforeValidator

from kafka_mirror.mirrormaker import patterns
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
_DNS_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-.a-z0-9]*[a-z0-9])?")
_TOPIC: Final = re.compile(r"[A-Za-z0-9._-]{1,249}")

MAX_LABEL: Final = 63


def _matching(expression: re.Pattern[str], limit: int, allowed: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > limit or not expression.fullmatch(value):
            raise ValueError(f"{value!r} cannot be a name here: {allowed}")
        return value

    return check


def _topic_name(value: Any) -> str:
    if isinstance(value, str) and value not in {".", ".."} and _TOPIC.fullmatch(value):
        return value
    if isinstance(value, str) and value:
        strange = next((c for c in value if not re.match(r"[A-Za-z0-9._-]", c)), None)
        if strange is not None:
            raise ValueError(
                f"{value!r} is a literal name here and cannot hold {strange!r}. "
                f'For a pattern write {{pattern: "{value}"}}'
            )
    raise ValueError(
        f"{value!r} cannot be a topic: 1 to 249 letters, digits, dots, underscores or hyphens"
    )


def _pattern(value: str) -> str:
    try:
        patterns.check(value)
    except patterns.PatternError as error:
        raise ValueError(f"{value!r} {error}") from error
    return value


_label = _matching(
    _DNS_LABEL,
    MAX_LABEL,
    "lower-case letters, digits and hyphens, at most 63, not at an end a hyphen",
)

SiteKey = Annotated[SiteName, BeforeValidator(_label)]
FlowKey = Annotated[FlowName, BeforeValidator(_label)]
DnsLabel = Annotated[str, BeforeValidator(_label)]
UserKey = Annotated[
    UserName,
    BeforeValidator(
        _matching(_DNS_SUBDOMAIN, 63, "lower-case letters, digits, hyphens and dots, at most 63")
    ),
]
TopicKey = Annotated[TopicName, BeforeValidator(_topic_name)]
GroupKey = Annotated[
    GroupName,
    BeforeValidator(
        _matching(re.compile(r"[^\s,*]+"), 255, "1 to 255 characters without blanks, commas or *")
    ),
]
PatternText = Annotated[str, AfterValidator(_pattern)]


class TopicPattern(Written):
    """A pattern over topic names; it must match a name from end to end."""

    pattern: PatternText


class GroupPattern(Written):
    """A pattern over consumer group names; it must match a name from end to end."""

    pattern: PatternText
