"""Where a value stands in an object, and what stands there: read without ever raising.

What a rule reads was written by people, rendered by programs or is not known before deployment. A
``Field`` walks such data: a missing key, a key of something that is no mapping and a ``null`` are
all *absent*; whatever lies below an unknown value is *unknown*.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
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


_asked: ContextVar[list[Field] | None] = ContextVar("asked", default=None)


@contextmanager
def unknowns_asked() -> Iterator[list[Field]]:
    """Collect the unknown fields whose value is asked for, so that nobody is silent about them."""
    asked: list[Field] = []
    token = _asked.set(asked)
    try:
        yield asked
    finally:
        _asked.reset(token)


class Hidden(str):
    """A text that Pulumi calls a secret: judged like any other, shown in no message."""

    __slots__ = ()


class Field:
    """One place in an object, present or not.

    A check makes hundreds of thousands of these, so it is a plain class that knows its parent: the way
    from the root is put together only where a message needs it.

    Attributes:
        owner: The object that is read.
        value: The plain data that stands there, or a marker.
    """

    __slots__ = ("_parent", "_step", "owner", "value")

    def __init__(
        self,
        owner: KubernetesObject,
        value: object,
        parent: Field | None = None,
        step: str | int = "",
    ) -> None:
        self.owner = owner
        self.value = value
        self._parent = parent
        self._step = step

    def __getitem__(self, key: str) -> Field:
        """Go one key down; never raises."""
        value = self.value
        if type(value) is dict:
            inside = value.get(key)
        elif value is UNKNOWN:
            inside = UNKNOWN
        else:
            inside = value.get(key) if isinstance(value, Mapping) else None
        return Field(self.owner, ABSENT if inside is None else inside, self, key)

    def __repr__(self) -> str:
        """Show the place, and of its value no more than a message would."""
        return f"Field({self.path}: {self.shown})"

    @property
    def steps(self) -> tuple[str | int, ...]:
        """Return the keys and indices that lead here from the object's root."""
        steps: list[str | int] = []
        place = self
        while place._parent is not None:
            steps.append(place._step)
            place = place._parent
        return tuple(reversed(steps))

    def elements(self) -> tuple[Field, ...]:
        """Return the members of a list in their order; nothing for anything else."""
        if not self.is_list:
            return ()
        assert isinstance(self.value, Sequence)  # noqa: S101 - is_list says so
        return tuple(self._at(index, member) for index, member in enumerate(self.value))

    def members(self) -> tuple[Field, ...]:
        """Return the values of a mapping by key order; nothing for anything else."""
        if not self.is_mapping:
            return ()
        assert isinstance(self.value, Mapping)  # noqa: S101 - is_mapping says so
        return tuple(self[key] for key in sorted(k for k in self.value if isinstance(k, str)))

    @property
    def key(self) -> str:
        """Return the last step as text."""
        return str(self._step)

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
        self._note()
        return isinstance(self.value, Mapping)

    @property
    def is_list(self) -> bool:
        """Tell whether a list stands here, be it empty."""
        self._note()
        return isinstance(self.value, Sequence) and not isinstance(self.value, str | bytes)

    @property
    def text(self) -> str | None:
        """Return a scalar as the operators write it down, None for anything else."""
        self._note()
        return text_of(self.value)

    @property
    def integer(self) -> int | None:
        """Return a whole number, also one written as a string; None for anything else."""
        self._note()
        return integer_of(self.value)

    @property
    def shown(self) -> str:
        """Return the value for a message: scalars in short, of anything else only its shape."""
        return shown(self.value)

    @property
    def outermost_unknown(self) -> Field:
        """Return the place that makes this one unknown: itself, or what it is a part of."""
        place = self
        while place._parent is not None and place._parent.value is UNKNOWN:
            place = place._parent
        return place

    def _note(self) -> None:
        if self.value is UNKNOWN and (asked := _asked.get()) is not None:
            asked.append(self)

    def _at(self, step: str | int, value: object) -> Field:
        return Field(self.owner, ABSENT if value is None else value, self, step)


def text_of(value: object) -> str | None:
    """Return a scalar as the operators write it down: ``true``, not ``True``."""
    if type(value) is str:  # By far the most, and the match below is slower.
        return value
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
            return "a secret value" if isinstance(value, Hidden) else f"'{printable(value)}'"
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
