"""Reads YAML as Pulumi does: version 1.2, where ``on`` and ``no`` are texts and a key stands once.

PyYAML alone would read a topic called ``no`` as false, ``12:30`` as a number, and keep the last of two
equal keys without a word.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

import yaml
from yaml.constructor import ConstructorError

# Both of PyYAML's loaders overflow the stack of the process on such a text.
_TOO_DEEP: Final = re.compile(r"(?:[\[{][^\[\]{}]*){500}|(?:[-?:] +){500}")
_LONGEST_KEY_SHOWN: Final = 80

# The pure Python loader takes ten times as long; it is there where PyYAML was built without libyaml.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotYamlError(ValueError):
    """A text that is not YAML; the message is one line and says where."""


class _Loader(_Base):  # type: ignore[misc]  # which base depends on the installation
    """Reads YAML 1.2's core schema; keys are the texts that are written, none of them twice."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - as PyYAML calls it
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise ConstructorError(None, None, "a key must be a text", key.start_mark)
            if key.value in seen:
                shown = repr(key.value[:_LONGEST_KEY_SHOWN])
                raise ConstructorError(
                    None, None, f"the key {shown} stands here twice", key.start_mark
                )
            seen.add(key.value)
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}


for _tag, _expression, _first in (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    # Pulumi reads a leading zero as octal, as YAML 1.1 did.
    ("int", r"[-+]?(0|[1-9][0-9]{0,17})|0o?[0-7]{1,20}|0x[0-9a-fA-F]{1,15}", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+0123456789.",
    ),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}",
        re.compile(f"(?:{_expression})$"),
        [*_first, *([""] if _tag == "null" else [])],
    )


def _scalar(tag: str, kind: str) -> None:
    read = yaml.SafeLoader.yaml_constructors[tag]

    def construct(loader: Any, node: Any) -> Any:
        try:
            return read(loader, node)
        except (ValueError, KeyError) as error:
            raise ConstructorError(
                None, None, f"{node.value!r} is no {kind}", node.start_mark
            ) from error

    _Loader.add_constructor(tag, construct)


def _unknown_tag(_: Any, node: Any) -> Any:
    tag = node.tag.replace(_CORE, "!!")
    raise ConstructorError(None, None, f"no value is written with the tag {tag}", node.start_mark)


_CORE: Final = "tag:yaml.org,2002:"
_Loader.yaml_constructors = {
    f"{_CORE}{kind}": yaml.SafeLoader.yaml_constructors[f"{_CORE}{kind}"]
    for kind in ("null", "str", "seq", "map")
}
_scalar(f"{_CORE}bool", "truth value")
_scalar(f"{_CORE}int", "whole number")
_scalar(f"{_CORE}float", "number")
_Loader.add_constructor(None, _unknown_tag)


def read_yaml(text: str) -> Any:
    """Return what the text says, as plain data; None for an empty one.

    Raises:
        NotYamlError: It cannot be read; or it holds a key twice, a tag that is not of YAML's core, or an
            alias that leads nowhere or into itself.
    """
    if _TOO_DEEP.search(text):
        raise NotYamlError("it is nested too deeply")
    try:
        found = yaml.load(text, _Loader)  # noqa: S506 - a safe loader underneath
    except yaml.MarkedYAMLError as error:
        raise NotYamlError(_reason(error, text)) from error
    except yaml.YAMLError as error:
        reason = " ".join(str(error).replace('in "<unicode string>",', "at").split())
        raise NotYamlError(reason) from error
    if _is_endless(found, frozenset(), set()):
        raise NotYamlError("an alias stands inside of what it stands for")
    return found


def _is_endless(value: Any, around: frozenset[int], known: set[int]) -> bool:
    """Whether a value holds itself; `around` is what holds it, `known` what was looked into already."""
    if id(value) in around:
        return True
    if not isinstance(value, (dict, list)) or id(value) in known:
        return False
    inner = value.values() if isinstance(value, dict) else value
    found = any(_is_endless(one, around | {id(value)}, known) for one in inner)
    known.add(id(value))
    return found


def _reason(error: yaml.MarkedYAMLError, text: str) -> str:
    mark, began = error.problem_mark or error.context_mark, error.context_mark
    problem = " ".join(str(error.problem or error.context).split())
    if mark is None:
        return problem
    if error.context and problem.startswith("but "):
        problem = f"{error.context}, {problem}"
    elif error.context and began and began.line < mark.line:
        problem = f"{problem}, {error.context} from line {began.line + 1}"
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    hint = "; indent with blanks, not with tabs" if "\t" in line[: mark.column + 1] else ""
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}{hint}"
