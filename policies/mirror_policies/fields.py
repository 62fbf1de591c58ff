"""Where a value stands in an object, and what stands there: read without ever raising.

What a rule reads was written by people, rendered by programs or is not known before deployment. A
``Field`` walks such data: a missing key, a key of something that is no mapping and a ``null`` are
all *absent*; whatever lies below an unknown value is *unknown*.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mirror_policies.objects import KubernetesObject

LONGEST_SHOWN: Final = 80
"""Characters of a user's text that a message repeats."""

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_LARGEST: Final = 10**18
_WHOLE_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


class Marker(enum.Enum):
    """What stands in plain data where no value can stand."""

    UNKNOWN = "unknown"
    ABSENT = "absent"


UNKNOWN: Final = Marker.UNKNOWN
"""Put into plain data in place of a value that is not known before deployment."""

ABSENT: Final = Marker.ABSENT
"""What a field holds where nothing stands."""


@dataclass(frozen=True, slots=True)
class Field:
    """One place in an object, present or not.

    Attributes:
        owner: The object that is read.
        value: The plain data that stands there, or a marker.
        steps: The keys and indices that lead there from the object's root.
    """

    owner: KubernetesObject
    value: object
    steps: tuple[str | int, ...] = ()

    def __getitem__(self, key: str) -> Field:
        """Go one key down; never raises."""
        if self.value is UNKNOWN:
            return self._at(key, UNKNOWN)
        return self._at(key, self.value.get(key) if isinstance(self.value, Mapping) else None)

    def elements(self) -> tuple[Field, ...]:
        """Return the members of a list in their order; nothing for anything else."""
        if not isinstance(self.value, Sequence) or isinstance(self.value, str | bytes):
            return ()
        return tuple(self._at(index, member) for index, member in enumerate(self.value))

    def members(self) -> tuple[Field, ...]:
        """Return the values of a mapping by key order; nothing for anything else."""
        if not isinstance(self.value, Mapping):
            return ()
        return tuple(self[key] for key in sorted(k for k in self.value if isinstance(k, str)))

    @property
    def key(self) -> str:
        """Return the last step as text."""
        return str(self.steps[-1]) if self.steps else ""

    @property
    def path(self) -> str:
        """Return the place as ``spec.mirrors[0].config["replication.factor"]``."""
        return "".join(_written(step) for step in self.steps).removeprefix(".")

    @property
    def is_absent(self) -> bool:
        """Tell whether nothing stands here."""
        return self.value is ABSENT

    @property
    def is_unknown(self) -> bool:
        """Tell whether what stands here is known only after deployment."""
        return self.value is UNKNOWN

    @property
    def is_mapping(self) -> bool:
        """Tell whether an object stands here, be it empty."""
        return isinstance(self.value, Mapping)

    @property
    def is_list(self) -> bool:
        """Tell whether a list stands here, be it empty."""
        return isinstance(self.value, Sequence) and not isinstance(self.value, str | bytes)

    @property
    def text(self) -> str | None:
        """Return a scalar as the operators write it down, None for anything else."""
        return text_of(self.value)

    @property
    def integer(self) -> int | None:
        """Return a whole number, also one written as a string; None for anything else."""
        return integer_of(self.value)

    @property
    def shown(self) -> str:
        """Return the value for a message: scalars in short, of anything else only its shape."""
        return shown(self.value)

    def _at(self, step: str | int, value: object) -> Field:
        return Field(self.owner, ABSENT if value is None else value, (*self.steps, step))


def text_of(value: object) -> str | None:
    """Return a scalar as the operators write it down: ``true``, not ``True``."""
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case int():
            return str(value) if abs(value) < _LARGEST else None
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < _LARGEST else str(value)
        case _:
            return None


def integer_of(value: object) -> int | None:
    """Return a whole number, also one written as a string; None for anything else."""
    written = None if isinstance(value, bool) else text_of(value)
    if written is None or not _WHOLE_NUMBER.fullmatch(written.strip()):
        return None
    return int(written)


def shown(value: object) -> str:
    """Return a value for a message: scalars in short, of anything else only its shape."""
    match value:
        case Marker.UNKNOWN:
            return "not known yet"
        case Marker.ABSENT | None:
            return "absent"
        case str():
            return f"'{printable(value)}'"
        case Mapping():
            return "an object"
        case list() | tuple():
            return "a list"
        case _:
            return text_of(value) or f"a {type(value).__name__}"


def printable(text: str) -> str:
    """Return a user's text fit for one line of a message."""
    line = "".join(char if char.isprintable() else "?" for char in text[: LONGEST_SHOWN + 1])
    return line if len(line) <= LONGEST_SHOWN else f"{line[:LONGEST_SHOWN]}…"


def _written(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN_KEY.fullmatch(step):
        return f".{step}"
    escaped = printable(step).replace("\\", "\\\\").replace('"', '\\"')
    return f'["{escaped}"]'
