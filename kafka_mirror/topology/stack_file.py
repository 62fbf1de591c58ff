"""Reads the text of a ``Pulumi.<stack>.yaml`` as Pulumi does: one namespace's keys, secrets left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from kafka_mirror.errors import ConfigurationError, Problem
from kafka_mirror.topology.credentials import Sealed
from kafka_mirror.topology.model import Topology
from kafka_mirror.topology.paths import path
from kafka_mirror.yaml_text import NotYamlError, read_yaml

PROJECT: Final = "kafka-mirror"

_NO_SECRETS: Final = "is encrypted, and a topology holds no secret: write in clear what is none, and leave out what is one"


def read_stack_file(text: str, *, name: str, project: str = PROJECT) -> dict[str, Any]:
    """Return the keys of the project's namespace, as plain data; ``Sealed()`` for one that is encrypted.

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
    problems: list[Problem] = []
    for full, value in (configuration.get("config") or {}).items():
        namespace, separator, key = full.partition(":")
        if not separator:
            namespace, key = project, full
        if namespace != project:
            continue
        if _is_secret(value) and key not in Topology.model_fields:
            keys[key] = Sealed()
        else:
            keys[key] = value
            problems += [Problem(path(*at), _NO_SECRETS) for at in _secrets(value, (key,))]
    if problems:
        raise ConfigurationError(problems)
    return keys


def _document(text: str, name: str) -> Any:
    try:
        return read_yaml(text)
    except NotYamlError as error:
        raise ConfigurationError([Problem("", f"{name} is not YAML: {error}")]) from error


def _secrets(value: Any, at: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Yield every place of a value that is encrypted."""
    if _is_secret(value):
        yield at
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _secrets(one, (*at, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _secrets(one, (*at, index))


def _is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secure"}
