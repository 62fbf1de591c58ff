"""Reads the text of a ``Pulumi.<stack>.yaml`` as Pulumi does: one namespace's keys, secrets left out.

Pulumi reads YAML 1.2, where ``on`` and ``no`` are texts, dates are texts and a key stands once;
PyYAML alone would read a topic called ``no`` as false and keep the last of two equal keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import yaml
from yaml.constructor import ConstructorError

from kafka_mirror.errors import ConfigurationError, Problem
from kafka_mirror.topology.paths import shown

PROJECT: Final = "kafka-mirror"

# Both of PyYAML's loaders overflow the stack of the process on such a text.
_TOO_DEEP: Final = re.compile(r"(?:[\[{][^\[\]{}]*){500}|(?:[-?:] +){500}")

# The pure Python loader takes ten times as long; it is there where PyYAML was built without libyaml.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]  # which base depends on the installation
    """Reads YAML 1.2's core schema; keys are the texts that are written, none of them twice."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - as PyYAML calls it
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise ConstructorError(None, None, "a key must be a text", key.start_mark)
            if key.value in seen:
                raise ConstructorError(
                    None, None, f"the key {shown(key.value)} stands twice", key.start_mark
                )
            seen.add(key.value)
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}


for _tag, _expression, _first in (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]{1,18}|0x[0-9a-fA-F]{1,15}", "-+0123456789"),
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


def read_stack_file(text: str, *, name: str, project: str = PROJECT) -> dict[str, Any]:
    """Return the keys of the project's namespace, as plain data.

    Args:
        text: The file's content.
        name: What to call the file in messages.
        project: The namespace; keys without one belong to it too.

    Raises:
        ConfigurationError: If the text is not YAML, or not a stack file.
    """
    document = _document(text, name)
    configuration = {} if document is None else document
    if not isinstance(configuration, Mapping) or not isinstance(
        configuration.get("config") or {}, Mapping
    ):
        raise ConfigurationError([Problem("", f"{name} must hold a map under the key config")])
    keys: dict[str, Any] = {}
    for full, value in (configuration.get("config") or {}).items():
        namespace, separator, key = full.partition(":")
        if not separator:
            namespace, key = project, full
        if namespace == project and not _is_secret(value):
            keys[key] = value
    return keys


def _document(text: str, name: str) -> Any:
    if _TOO_DEEP.search(text):
        raise ConfigurationError([Problem("", f"{name} is not YAML: it is nested too deeply")])
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader underneath
    except (yaml.YAMLError, ValueError) as error:
        reason = " ".join(str(error).replace('in "<unicode string>",', "at").split())
        raise ConfigurationError([Problem("", f"{name} is not YAML: {reason}")]) from error


def _is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secure"}
