"""Reads the text of a ``Pulumi.<stack>.yaml`` as Pulumi does: one namespace's keys, secrets left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml

from kafka_mirror.errors import ConfigurationError, Problem

PROJECT: Final = "kafka-mirror"


def read_stack_file(text: str, *, name: str, project: str = PROJECT) -> dict[str, Any]:
    """Return the keys of the project's namespace, as plain data.

    Args:
        text: The file's content.
        name: What to call the file in messages.
        project: The namespace; keys without one belong to it too.

    Raises:
        ConfigurationError: If the text is not YAML, or not a stack file.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigurationError([Problem("", f"{name} is not YAML: {_place(error)}")]) from error
    configuration = {} if document is None else document
    if not isinstance(configuration, Mapping) or not isinstance(
        configuration.get("config") or {}, Mapping
    ):
        raise ConfigurationError([Problem("", f"{name} must hold a map under the key config")])
    keys: dict[str, Any] = {}
    for full, value in (configuration.get("config") or {}).items():
        namespace, separator, key = str(full).partition(":")
        if not separator:
            namespace, key = project, str(full)
        if namespace == project and not _is_secret(value):
            keys[key] = value
    return keys


def _is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secure"}


def _place(error: yaml.YAMLError) -> str:
    return " ".join(str(error).split())
