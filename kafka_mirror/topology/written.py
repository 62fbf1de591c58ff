"""The base of everything a person or another stack wrote, and the types its fields share."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from decimal import Decimal
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


def text_like(expression: str, allowed: str) -> BeforeValidator:
    """Take only a text that the expression matches from end to end; `allowed` says what that is."""
    compiled = re.compile(expression)

    def check(value: Any) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError(f"found {shown(value)}, must be {allowed}")
        return value

    return BeforeValidator(check)


def only_a_claim(told: str) -> BeforeValidator:
    """Take only a truth value, of a choice that may also be written at length; `told` is what others do not say."""

    def check(value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValueError(  # noqa: TRY004 - pydantic takes no other
                f"{shown(value)} does not say {told}"
            )
        return value

    return BeforeValidator(check)


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


def is_quantity(value: Any) -> bool:
    """Whether this is a size as Kubernetes writes it, and more than nothing."""
    return isinstance(value, str) and bool(_QUANTITY.fullmatch(value))


def _quantity(value: Any) -> str:
    if not is_quantity(value):
        raise ValueError(
            f"{shown(value)} is not a size. Write a Kubernetes quantity, for example 20Gi or 500Mi"
        )
    return str(value)


Quantity = Annotated[str, BeforeValidator(_quantity)]
"""A size as Kubernetes writes it, such as ``20Gi``."""

_MULTIPLES: Final = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{
        unit: Decimal(1000) ** power for power, unit in enumerate(("k", "M", "G", "T", "P", "E"), 1)
    },
    **{
        unit: Decimal(1024) ** power
        for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)
    },
}
_NUMBER: Final = re.compile(r"([0-9.]+)([A-Za-z]*)")


def quantity_value(quantity: str) -> Decimal:
    """Return the number that a quantity stands for: bytes of a size, cores of a share of processors."""
    number, unit = _NUMBER.fullmatch(quantity).groups()  # type: ignore[union-attr]
    return Decimal(number) * _MULTIPLES[unit]


def _storage(value: Any) -> str:
    if value == "ephemeral":
        return "ephemeral"
    try:
        return _quantity(value)
    except ValueError as error:
        raise ValueError(f"{error}; or ephemeral, which a node loses with its pod") from error


Storage = Annotated[str, BeforeValidator(_storage)]
"""A quantity, or ``ephemeral``."""


def _setting(value: Any) -> str | int | float | bool:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"found {shown(value)}, which is no number that Kafka can hold")
    if isinstance(value, (str, int, float, bool)):
        return value
    raise ValueError(
        f"found {shown(value)}; a Kafka setting is one text, number or truth value, and a list is written "
        "as one text with commas"
    )


Settings = dict[str, Annotated[str | int | float | bool, PlainValidator(_setting)]]
"""Kafka settings by their key; the operator refuses lists and maps as values."""
