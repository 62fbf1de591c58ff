"""Write ``docs/configuration.md`` from the models: ``python -m kafka_mirror.topology.documentation``.

What a field means is its line under ``Attributes:`` in the docstring of its model; what may stand there comes from its
type, and where a validator of ours decides, from that validator's own message.
"""

from __future__ import annotations

import inspect
import re
import sys
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Discriminator, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from kafka_mirror.topology import names
from kafka_mirror.topology.model import Topology
from kafka_mirror.topology.written import duration_text

_INTRODUCTION = """\
# Configuration

Written by `python -m kafka_mirror.topology.documentation`; do not edit.

Everything is stack configuration in the namespace `kafka-mirror`, as in [Pulumi.dev.yaml](../Pulumi.dev.yaml). A key of
a table stands under the places named above it; `<name>` is a name that you choose, `[]` an entry of a list. A key whose
default is **required** must be there, one with *absent* may be left out and then means what its description says.
Unknown keys and wrong values are told all at once, each with its path: `kafka-mirror plan STACK` needs no cluster for it.
"""
_ENTRY: Final = re.compile(r"(\w+): (.*)")
_NOTHING: Final = object()
_UNIONS: Final = (typing.Union, types.UnionType)
_KEYS: Final = (names.SiteKey, names.FlowKey, names.UserKey, names.TopicKey, names.GroupKey)
_SCALARS: Final[dict[Any, str]] = {str: "text", bool: "`true` or `false`", float: "number"}


class UndescribedError(LookupError):
    """Fields that no docstring describes."""

    def __init__(self, fields: list[str]) -> None:
        self.fields = tuple(fields)
        super().__init__(
            f"say under Attributes: in the docstring of its model what each means: {', '.join(fields)}"
        )


@dataclass(slots=True)
class _Section:
    """A model, and every place of the configuration where it stands."""

    model: type[BaseModel]
    places: dict[str, None] = field(default_factory=dict)


def configuration_page(topology: type[BaseModel] = Topology) -> str:
    """Return the page: a section with a table for each model, in the order in which one leads to another.

    Raises:
        UndescribedError: Every field without a description.
    """
    sections = list(_sections(topology).values())
    undescribed = [
        f"{section.model.__module__}.{section.model.__qualname__}.{name}"
        for section in sections
        for name, info in section.model.model_fields.items()
        if _meaning(section.model, name, info) is None
    ]
    if undescribed:
        raise UndescribedError(undescribed)
    lines = (line for section in sections for line in _written(section))
    return "\n".join([_INTRODUCTION, *lines, *_names()]).rstrip() + "\n"


def described(model: type[BaseModel]) -> dict[str, str]:
    """Return what each key of a model means, in the words of the page."""
    return {
        info.alias or name: _markdown(_meaning(model, name, info) or "")
        for name, info in model.model_fields.items()
    }


def _sections(topology: type[BaseModel]) -> dict[type[BaseModel], _Section]:
    found: dict[type[BaseModel], _Section] = {}

    def visit(model: type[BaseModel], place: str) -> None:
        section = found.setdefault(model, _Section(model))
        is_known = bool(section.places)
        section.places[place] = None
        if is_known:
            return
        for name, info in model.model_fields.items():
            key = info.alias or name
            for inner, suffix in _models(_annotation(info)):
                visit(inner, f"{place}.{key}{suffix}".removeprefix("."))

    visit(topology, "")
    return found


def _models(annotation: Any) -> Iterator[tuple[type[BaseModel], str]]:
    """Yield every model that a type leads to, and how its place goes on from the key's."""
    plain, _ = _unwrapped(annotation)
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        yield plain, ""
        return
    kind, inner = typing.get_origin(plain), typing.get_args(plain)
    if kind is tuple:
        yield from ((model, f"[]{rest}") for model, rest in _models(inner[0]))
    elif kind is dict:
        yield from ((model, f".<name>{rest}") for model, rest in _models(inner[1]))
    elif kind in _UNIONS:
        for one in inner:
            yield from _models(one)


def _written(section: _Section) -> Iterator[str]:
    model = section.model
    places = [f"`{place}`" for place in section.places if place]
    yield f"## {_title(model)}\n"
    yield f"{_markdown(_prose(model))}\n"
    if places:
        yield f"At {', '.join(places)}.\n"
    yield "| key | value | default | meaning |"
    yield "|---|---|---|---|"
    for name, info in model.model_fields.items():
        meaning = _markdown(_meaning(model, name, info) or "")
        cells = (f"`{info.alias or name}`", _values(_annotation(info)), _default(info), meaning)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def _names() -> Iterator[str]:
    yield "## Names\n"
    yield "| name | what it is made of |"
    yield "|---|---|"
    for key in _KEYS:
        kind, _ = _unwrapped(key)
        yield f"| {_name_of(kind)} | {_message(key)} |"


def _title(model: type[BaseModel]) -> str:
    words = re.findall(r"[A-Z][a-z0-9]*", model.__name__)
    return " ".join([words[0], *(word.lower() for word in words[1:])])


def _link(model: type[BaseModel]) -> str:
    title = _title(model)
    return f"[{title[0].lower()}{title[1:]}](#{title.lower().replace(' ', '-')})"


def _prose(model: type[BaseModel]) -> str:
    before, _, _ = inspect.cleandoc(model.__doc__ or "").partition("\nAttributes:\n")
    return before.strip()


def _meaning(model: type[BaseModel], name: str, info: FieldInfo) -> str | None:
    said = _descriptions(model).get(name)
    is_mark = (
        typing.get_origin(info.annotation) is Literal and len(typing.get_args(info.annotation)) == 1
    )
    return "Tells it from the others." if said is None and is_mark and info.is_required() else said


def _descriptions(model: type[BaseModel]) -> dict[str, str]:
    """Return what the docstrings of a model and of those it is made from say of its fields."""
    found: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if issubclass(one, BaseModel) and one is not BaseModel:
            found |= _attributes(one.__doc__ or "")
    return found


def _attributes(docstring: str) -> dict[str, str]:
    _, _, section = inspect.cleandoc(docstring).partition("\nAttributes:\n")
    found: dict[str, str] = {}
    name = ""
    for line in filter(None, section.splitlines()):
        indent = len(line) - len(line.lstrip())
        entry = _ENTRY.match(line.strip()) if indent == len("    ") else None
        if entry:
            name, found[entry[1]] = entry[1], entry[2]
        elif indent and name:
            found[name] += f" {line.strip()}"
        else:
            break
    return found


def _markdown(text: str) -> str:
    """Return a docstring's text as Markdown; what stands in its code stays as it is."""
    parts = text.split("``")
    parts[::2] = [part.replace("<", "&lt;") for part in parts[::2]]
    return "`".join(parts)


def _annotation(info: FieldInfo) -> Any:
    """Return a field's type with all that was said of it."""
    return Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation


def _unwrapped(annotation: Any) -> tuple[Any, list[Any]]:
    """Return a type without what was said of it, and that."""
    said: list[Any] = []
    while typing.get_origin(annotation) is Annotated:
        annotation, *more = typing.get_args(annotation)
        said += more
    return annotation, said


def _values(annotation: Any) -> str:
    """Return what may stand in place of a type."""
    plain, said = _unwrapped(annotation)
    if isinstance(plain, typing.NewType):
        return _name_of(plain)
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        return _link(plain)
    is_mere_choice = typing.get_origin(plain) in _UNIONS and not said
    ours = None if is_mere_choice else _message(annotation)
    if ours is None:
        return _structure(plain, said)
    links = dict.fromkeys(_link(model) for model, _ in _models(annotation))
    return f"{ours} ({', '.join(links)})" if links else ours


def _structure(plain: Any, said: list[Any]) -> str:
    """Return what may stand in place of a type of which no validator of ours has a say."""
    kind, inner = typing.get_origin(plain), typing.get_args(plain)
    if kind in _UNIONS:
        choices = [_values(one) for one in inner if one is not type(None)]
        return ", or ".join(dict.fromkeys(choices))
    if kind is Literal:
        return ", ".join(f"`{_plain(one)}`" for one in inner)
    if kind is tuple:
        least = "at least one, " if _limit(said, "min_length") else ""
        return f"list, {least}each: {_values(inner[0])}"
    if kind is dict:
        return f"map, each: {_values(inner[1])}"
    if plain is int:
        return f"whole number{_bounds(said)}"
    return _SCALARS.get(plain, "text")


def _name_of(kind: typing.NewType) -> str:
    """Return ``site name`` for SiteName."""
    return " ".join(re.findall("[A-Z][a-z]*", kind.__name__)).lower()


def _bounds(said: list[Any]) -> str:
    least, most = _limit(said, "ge"), _limit(said, "le")
    return f"{'' if least is None else f' from {least}'}{'' if most is None else f' to {most}'}"


def _limit(said: list[Any], name: str) -> Any:
    """Return a limit that was said of a type, by itself or in a ``Field``; None if there is none."""
    inner = (part for one in said for part in getattr(one, "metadata", [one]))
    return next((getattr(part, name) for part in inner if hasattr(part, name)), None)


def _message(annotation: Any) -> str | None:
    """Return what a validator of ours says that must stand there; None if none has a say."""
    # A union tells its kinds apart first, and stands for all of them in the one it takes for the wrong value.
    is_union = any(isinstance(one, Discriminator) for one in _unwrapped(annotation)[1])
    try:
        TypeAdapter(annotation).validate_python(_NOTHING)
    except ValidationError as error:
        for one in error.errors():
            if one["type"] == "value_error" and (is_union or not one["loc"]):
                return _advice(one["msg"].removeprefix("Value error, "))
    return None


def _advice(message: str) -> str:
    """Return what a message says that should be written, without what was found."""
    for mark in ("must be ", "Write ", "write "):
        _, found, advice = message.partition(mark)
        if found:
            break
    else:
        advice = message.partition("; ")[2] or message
    advice = re.split(r"\. (?=[A-Z])", advice.removeprefix("is no "))[0]
    if not advice.endswith(".."):
        advice = advice.removesuffix(".")
    return re.sub(r"[^\s(]*\{[^{}]*\}[^\s:;,)]*|<\S*>", lambda code: f"`{code[0]}`", advice)


def _default(info: FieldInfo) -> str:
    default = info.get_default(call_default_factory=True)
    if default is PydanticUndefined:
        return "**required**"
    if default is None:
        return "*absent*"
    if isinstance(default, BaseModel):
        return "its defaults"
    if isinstance(default, (tuple, dict)) and not default:
        return "none"
    return f"`{_plain(default)}`"


def _plain(value: Any) -> str:
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value.value if isinstance(value, Enum) else value)


if __name__ == "__main__":
    sys.stdout.write(configuration_page())
