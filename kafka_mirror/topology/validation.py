"""Turns what pydantic says about a value into our own sentences, each at its configuration path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from kafka_mirror.errors import Problem
from kafka_mirror.topology.paths import closest, listed, nearest, path, shown

Model = TypeVar("Model", bound=BaseModel)

_NEVER_SHOWN: Final = frozenset({"password"})
"""Fields where somebody may have written a secret, which no message may repeat."""

_SENTENCES: Final[dict[str, Callable[[Mapping[str, Any], str], str]]] = {
    "missing": lambda _, __: "is missing and has no default",
    "value_error": lambda context, _: str(context["error"]),
    "literal_error": lambda context, found: f"found {found}, allowed: {context['expected']}",
    "union_tag_invalid": lambda context, found: (
        f"found {found}, allowed: {context['expected_tags']}"
    ),
    "union_tag_not_found": lambda _, __: "is missing and has no default",
    "too_short": lambda _, __: "needs at least one entry",
    "tuple_type": lambda _, found: f"found {found}, must be a list",
    "dict_type": lambda _, found: f"found {found}, must be a map",
    "model_type": lambda _, found: f"found {found}, must be a map",
    "model_attributes_type": lambda _, found: f"found {found}, must be a map",
    "string_pattern_mismatch": lambda context, found: (
        f"found {found}, allowed is what matches {context['pattern']}"
    ),
    "greater_than_equal": lambda context, found: f"found {found}, the least is {context['ge']}",
    "less_than_equal": lambda context, found: f"found {found}, the most is {context['le']}",
}
"""What each kind of error that pydantic finds is called: from its context and what was found."""


def validated(model: type[Model], value: Any, *, at: Sequence[str | int]) -> Model | list[Problem]:
    """Return the model, or every problem of the value."""
    try:
        return model.model_validate(value, by_alias=True, by_name=False)
    except ValidationError as error:
        details = error.errors(include_url=False)
        misspelt = {key for detail in details for key in _meant(detail, model)}
        return [
            _problem(detail, model, value, at)
            for detail in details
            if not _is_echo(detail) and detail["loc"] not in misspelt
        ]


def key_problem(adapter: TypeAdapter[Any], key: Any, *, at: Sequence[str | int]) -> list[Problem]:
    """Return what is wrong with a key of a section, if anything."""
    try:
        adapter.validate_python(key)
    except ValidationError as error:
        return [Problem(path(*at, str(key)), _sentence(error.errors()[0], shown(key)))]
    return []


def _meant(detail: ErrorDetails, model: type[BaseModel]) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of the key that an unknown one is likely to be a misspelling of."""
    if detail["type"] == "extra_forbidden":
        *parents, key = detail["loc"]
        close = closest(str(key), _keys_at(model, parents))
        if close is not None:
            yield (*parents, close)


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
            where,
            f"unknown key {shown(key)}. Allowed here: {listed(allowed)}.{nearest(key, allowed)}",
        )
    hidden = bool(steps) and steps[-1] in _NEVER_SHOWN
    return Problem(where, _sentence(detail, "another value" if hidden else shown(found)))


def _walk(detail: ErrorDetails, value: Any) -> tuple[list[str | int], Any]:
    """Follow an error's location through the value, leaving out the tags of unions."""
    steps: list[str | int] = []
    for index, part in enumerate(detail["loc"]):
        is_last = index == len(detail["loc"]) - 1
        if _holds(value, part):
            steps.append(part)
            value = value[part]
        elif is_last and detail["type"] == "missing":
            steps.append(part)
    if detail["type"].startswith("union_tag"):
        tag = detail["ctx"]["discriminator"].strip("'")
        return [*steps, tag], value.get(tag)
    return steps, value


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, Mapping):
        return part in value
    return isinstance(value, (list, tuple)) and isinstance(part, int) and 0 <= part < len(value)


def _sentence(detail: ErrorDetails, found: str) -> str:
    sentence = _SENTENCES.get(detail["type"])
    if sentence is None:
        return f"found {found}. {detail['msg'].replace('Input', 'It')}"
    return sentence(detail.get("ctx", {}), found)


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
