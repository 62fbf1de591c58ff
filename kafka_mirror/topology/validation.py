"""Turns what pydantic says about a value into our own sentences, each at its configuration path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from kafka_mirror.errors import Problem
from kafka_mirror.topology.paths import listed, nearest, path

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], value: Any, *, at: Sequence[str | int]) -> Model | list[Problem]:
    """Return the model, or every problem of the value."""
    try:
        return model.model_validate(value, by_alias=True, by_name=False)
    except ValidationError as error:
        return [
            _problem(detail, model, value, at)
            for detail in error.errors(include_url=False)
            if not _is_echo(detail)
        ]


def key_problem(adapter: TypeAdapter[Any], key: Any, *, at: Sequence[str | int]) -> list[Problem]:
    """Return what is wrong with a key of a section, if anything."""
    try:
        adapter.validate_python(key)
    except ValidationError as error:
        return [Problem(path(*at, str(key)), _sentence(error.errors()[0], key))]
    return []


def _is_echo(detail: ErrorDetails) -> bool:
    """Whether a list is called too short only because its entries, told on their own, are wrong."""
    return detail["type"] == "too_short" and bool(detail["input"])


def _problem(
    detail: ErrorDetails, model: type[BaseModel], value: Any, at: Sequence[str | int]
) -> Problem:
    steps, found = _walk(detail, value)
    where = path(*at, *steps)
    if detail["type"] == "extra_forbidden":
        allowed = _keys_at(model, detail["loc"][:-1])
        key = str(detail["loc"][-1])
        return Problem(
            where, f"unknown key {key!r}. Allowed here: {listed(allowed)}.{nearest(key, allowed)}"
        )
    return Problem(where, _sentence(detail, found))


def _walk(detail: ErrorDetails, value: Any) -> tuple[list[str | int], Any]:
    """Follow an error's location through the value, leaving out the tags of unions."""
    steps: list[str | int] = []
    for index, part in enumerate(detail["loc"]):
        is_last = index == len(detail["loc"]) - 1
        if isinstance(value, Mapping) and part in value:
            steps.append(part)
            value = value[part]
        elif isinstance(value, (list, tuple)) and isinstance(part, int) and part < len(value):
            steps.append(part)
            value = value[part]
        elif is_last and detail["type"] == "missing":
            steps.append(part)
    return steps, value


def _sentence(detail: ErrorDetails, found: Any) -> str:
    context = detail.get("ctx", {})
    shown = _shown(found)
    match detail["type"]:
        case "missing":
            return "is missing and has no default"
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return f"found {shown}, allowed: {context['expected']}"
        case "union_tag_invalid":
            tag = context["discriminator"].strip("'")
            return f"found {tag} {context['tag']!r}, allowed: {context['expected_tags']}"
        case "union_tag_not_found":
            return f"needs the key {context['discriminator']}"
        case "too_short":
            return "needs at least one entry"
        case "string_pattern_mismatch":
            return f"found {shown}, allowed is what matches {context['pattern']}"
        case "greater_than_equal":
            return f"found {shown}, the least is {context['ge']}"
        case "less_than_equal":
            return f"found {shown}, the most is {context['le']}"
        case _:
            return f"found {shown}. {detail['msg'].replace('Input', 'It')}"


def _shown(found: Any) -> str:
    if isinstance(found, Mapping):
        return "a map"
    if isinstance(found, (list, tuple)):
        return "a list"
    return "nothing" if found is None else repr(found)


def _keys_at(model: type[BaseModel], location: Sequence[str | int]) -> set[str]:
    """Return the keys the model allows at a location of an error."""
    candidates = list(_alternatives(model))
    for part in location:
        following = [option for one in candidates for option in _inside(one, part)]
        # A part that names nothing inside is the tag of a union: it narrows the alternatives.
        candidates = following or [one for one in candidates if _is_tagged(one, part)] or candidates
    return {
        str(field.alias)
        for one in candidates
        if isinstance(one, type) and issubclass(one, BaseModel)
        for field in one.model_fields.values()
    }


def _inside(candidate: Any, part: str | int) -> Iterator[Any]:
    if isinstance(candidate, type) and issubclass(candidate, BaseModel):
        for field in candidate.model_fields.values():
            if field.alias == part:
                yield from _alternatives(field.annotation)
    elif get_origin(candidate) is tuple and isinstance(part, int):
        yield from _alternatives(get_args(candidate)[0])


def _is_tagged(candidate: Any, tag: str | int) -> bool:
    if not (isinstance(candidate, type) and issubclass(candidate, BaseModel)):
        return get_origin(candidate) is tuple
    role = candidate.model_fields.get("role")
    return role is None or tag in get_args(role.annotation)


def _alternatives(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif origin in {Union, UnionType}:
        for option in get_args(annotation):
            yield from _alternatives(option)
    else:
        yield annotation
