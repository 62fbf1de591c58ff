"""Turns what pydantic says about a value into our own sentences, each at its configuration path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from kafka_mirror.errors import Problem
from kafka_mirror.topology.paths import closest, listed, nearest, path, shown

Model = TypeVar("Model", bound=BaseModel)

_NEVER_SHOWN: Final[dict[str | int, str]] = {
    "password": "found another value, allowed: generated, operator, {config: …} and {secret: …, key: …}. A password "
    "is never written down here: leave it out, the stack makes one and keeps it encrypted",
    "certificate": "found another value, allowed: {secret: …}. Neither a certificate nor its key is written down here: "
    "name the Secret that holds them",
}
"""Fields where somebody may have written a secret, which no message may repeat, and what they are told."""

_LONG: Final = 20

_SENTENCES: Final[dict[str, Callable[[Mapping[str, Any], Any], str]]] = {
    "missing": lambda _, __: "is missing and has no default",
    "value_error": lambda context, _: str(context["error"]),
    "literal_error": lambda context, found: _no_choice(found, context["expected"]),
    "union_tag_invalid": lambda context, found: _no_choice(found, context["expected_tags"]),
    "union_tag_not_found": lambda _, __: "is missing and has no default",
    "too_short": lambda _, __: "needs at least one entry",
    "string_too_short": lambda _, found: f"found {shown(found)}, must not be empty",
    "int_type": lambda _, found: f"found {shown(found)}, must be a whole number{_unquoted(found)}",
    "bool_type": lambda _, found: f"found {shown(found)}, must be true or false",
    "string_type": lambda _, found: f"found {shown(found)}, must be a text{_quoted(found)}",
    "tuple_type": lambda _, found: f"found {shown(found)}, must be a list",
    "dict_type": lambda _, found: f"found {shown(found)}, must be a map",
    "model_type": lambda _, found: f"found {shown(found)}, must be a map",
    "model_attributes_type": lambda _, found: f"found {shown(found)}, must be a map",
    "greater_than_equal": lambda context, found: (
        f"found {shown(found)}, the least is {context['ge']}"
    ),
    "less_than_equal": lambda context, found: f"found {shown(found)}, the most is {context['le']}",
}
"""What each kind of error that pydantic finds is called: from its context and what was found."""


def _no_choice(found: Any, expected: str) -> str:
    """Say what may stand here; pydantic writes the choices as ``'a', 'b' or 'c'``."""
    choices = re.findall(r"'([^']*)'", expected)
    hint = nearest(found, choices) if isinstance(found, str) else ""
    return f"found {shown(found)}, allowed: {listed(choices)}" + (f".{hint}" if hint else "")


def _unquoted(found: Any) -> str:
    return f". Write {found}, without quotes" if _is_digits(found) else ""


def _is_digits(found: Any) -> bool:
    return isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < _LONG


def _quoted(found: Any) -> str:
    return f'. Write "{shown(found)}", in quotes' if isinstance(found, (bool, int, float)) else ""


def validated(model: type[Model], value: Any, *, at: Sequence[str | int]) -> Model | list[Problem]:
    """Return the model, or every problem of the value."""
    try:
        return model.model_validate(value, by_alias=True, by_name=False)
    except ValidationError as error:
        details = error.errors(include_url=False)
        meant = {detail["loc"]: _meant(detail, model, details) for detail in details}
        misspelt = {(*place[:-1], key) for place, key in meant.items() if key is not None}
        return [
            _problem(detail, model, value, at, meant=meant[detail["loc"]])
            for detail in details
            if not _is_echo(detail) and detail["loc"] not in misspelt
        ]


def key_problem(adapter: TypeAdapter[Any], key: Any, *, at: Sequence[str | int]) -> list[Problem]:
    """Return what is wrong with a key of a section, if anything."""
    try:
        adapter.validate_python(key)
    except ValidationError as error:
        return [Problem(path(*at, str(key)), _sentence(error.errors()[0], key))]
    return []


def _meant(
    detail: ErrorDetails, model: type[BaseModel], details: Sequence[ErrorDetails]
) -> str | None:
    """Return the key that an unknown one stands for: one that is spelt like it, or the one that is missing."""
    if detail["type"] != "extra_forbidden":
        return None
    *parents, key = detail["loc"]
    allowed = _keys_at(model, parents)
    if key in allowed:
        return None  # by another form of what stands there
    close = closest(str(key), allowed)
    if close is not None:
        return close
    beside = [one for one in details if [*one["loc"][:-1]] == parents]
    missing = [str(one["loc"][-1]) for one in beside if one["type"] == "missing"]
    unknown = [one for one in beside if one["type"] == "extra_forbidden"]
    return missing[0] if len(missing) == len(unknown) == 1 else None


def _is_echo(detail: ErrorDetails) -> bool:
    """Whether a list is called too short only because its entries, told on their own, are wrong."""
    return detail["type"] == "too_short" and bool(detail["input"])


def _problem(
    detail: ErrorDetails,
    model: type[BaseModel],
    value: Any,
    at: Sequence[str | int],
    *,
    meant: str | None,
) -> Problem:
    steps, found = _walk(detail, value)
    where = path(*at, *steps)
    secret = next((index for index, one in enumerate(steps) if one in _NEVER_SHOWN), None)
    is_unknown = detail["type"] == "extra_forbidden" and secret == len(steps) - 1
    if secret is not None and detail["type"] != "value_error" and not is_unknown:
        return Problem(path(*at, *steps[: secret + 1]), _NEVER_SHOWN[steps[secret]])
    if detail["type"] == "extra_forbidden":
        allowed = _keys_at(model, detail["loc"][:-1])
        hint = "" if meant is None else f" Did you mean {meant!r}?"
        key = str(detail["loc"][-1])
        return Problem(where, f"unknown key {shown(key)}. Allowed here: {listed(allowed)}.{hint}")
    return Problem(where, _sentence(detail, found) + _allowed(detail, model))


def _allowed(detail: ErrorDetails, model: type[BaseModel]) -> str:
    """Return what a sentence adds that only the model knows: the keys of a map, the choices of a value."""
    if "model" in detail["type"]:
        keys = _keys_at(model, detail["loc"])
        if keys == {"pattern"}:
            return ": {pattern: …}"
        return f" of {listed(keys)}"
    if detail["type"] in {"missing", "union_tag_not_found"}:
        choices = _choices_at(model, detail["loc"], detail.get("ctx", {}).get("discriminator"))
        return f"; allowed: {listed(choices)}" if choices else ""
    return ""


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


def _sentence(detail: ErrorDetails, found: Any) -> str:
    sentence = _SENTENCES.get(detail["type"])
    if sentence is None:
        return f"found {shown(found)}. {detail['msg'].replace('Input', 'It')}"
    return sentence(detail.get("ctx", {}), found)


def _keys_at(model: type[BaseModel], location: Sequence[str | int]) -> set[str]:
    """Return the keys the model allows at a location of an error."""
    return {
        str(field.alias)
        for one in _candidates_at(model, location)
        if isinstance(one, type) and issubclass(one, BaseModel)
        for field in one.model_fields.values()
    }


def _choices_at(
    model: type[BaseModel], location: Sequence[str | int], discriminator: str | None
) -> set[str]:
    """Return the values a field may have, if it is a choice; of the key that tells roles apart as well."""
    at = (*location, discriminator.strip("'")) if discriminator else location
    return {
        str(choice)
        for one in _candidates_at(model, at)
        if get_origin(one) is Literal
        for choice in get_args(one)
    }


def _candidates_at(model: type[BaseModel], location: Sequence[str | int]) -> list[Any]:
    """Return the types that may stand at a location of an error."""
    candidates = list(_alternatives(model))
    for part in location:
        following = [option for one in candidates for option in _inside(one, part)]
        # A part that names nothing inside is the tag of a union: it narrows the alternatives.
        candidates = following or [one for one in candidates if _is_tagged(one, part)] or candidates
    return candidates


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
    key = candidate.model_fields.get("role") or candidate.model_fields.get("type")
    return key is None or tag in get_args(key.annotation)


def _alternatives(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif origin in {Union, UnionType}:
        for option in get_args(annotation):
            yield from _alternatives(option)
    else:
        yield annotation
