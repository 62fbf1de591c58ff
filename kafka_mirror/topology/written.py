"""The base of everything a person or another stack wrote, and the types its fields share."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, PlainValidator
from pydantic.alias_generators import to_camel

from kafka_mirror.topology.paths import shown


class Written(BaseModel):
    """Frozen, camelCase in the configuration, unknown keys refused, values never echoed."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
        strict=False,
    )


_UNITS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION: Final = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)")


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(
            f"{shown(value)} is not a duration. Write a whole number and a unit (ms, s, m, h or d), "
            "for example 15s"
        )
    return timedelta(milliseconds=int(match[1]) * _UNITS[match[2]])


def duration_text(value: timedelta) -> str:
    """Return a duration as the configuration writes it, in its largest whole unit."""
    milliseconds = round(value / timedelta(milliseconds=1))
    for unit in ("d", "h", "m", "s"):
        if milliseconds and milliseconds % _UNITS[unit] == 0:
            return f"{milliseconds // _UNITS[unit]}{unit}"
    return f"{milliseconds}ms"


Duration = Annotated[timedelta, BeforeValidator(_duration), PlainSerializer(duration_text)]
"""A span of time, written ``500ms``, ``15s``, ``10m``, ``2h`` or ``7d``."""

_QUANTITY: Final = re.compile(r"(?=.*[1-9])[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|Pi|Ei|k|M|G|T|P|E)?")


def _quantity(value: Any) -> str:
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise ValueError(
            f"{shown(value)} is not a size. Write a Kubernetes quantity, for example 20Gi or 500Mi"
        )
    return value


Quantity = Annotated[str, BeforeValidator(_quantity)]
"""A size as Kubernetes writes it, such as ``20Gi``."""


def _storage(value: Any) -> str:
    return value if value == "ephemeral" else _quantity(value)


Storage = Annotated[str, BeforeValidator(_storage)]
"""A quantity, or ``ephemeral``."""


def _setting(value: Any) -> str | int | float | bool:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{shown(value)} is no number that JSON or Kafka can hold")
    if isinstance(value, (str, int, float, bool)):
        return value
    raise ValueError(
        "a Kafka setting is one text, number or truth value; write a list as comma-separated text"
    )


Settings = dict[str, Annotated[str | int | float | bool, PlainValidator(_setting)]]
"""Kafka settings by their key; the operator refuses lists and maps as values."""
