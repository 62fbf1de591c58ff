"""Pulumi.yaml and Pulumi.<stack>.yaml, read as Pulumi reads them.

Structured values reach the program as JSON. A ``secure:`` value is decrypted only when the configuration is handed to
the program.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.checkpoint import Crypter
from kafka_mirror import yaml_text
from kafka_mirror.errors import ConfigurationError, Problem, UsageError

_ESC_HELP = "resolve it with `pulumi env open` and write the values into the stack file"


@dataclass(frozen=True, slots=True)
class ProgramConfiguration:
    """What the program reads: texts by full key, and which of them are secret."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StackConfiguration:
    """A stack file merged with the defaults of the project file."""

    raw: Mapping[str, Any] = field(repr=False)
    encryption_salt: str = ""

    @property
    def has_secrets(self) -> bool:
        """Tell whether any value is encrypted."""
        return any(_is_secret(value) for value in self.raw.values())

    def opened(self, crypter: Crypter) -> ProgramConfiguration:
        """Return the configuration for the program, secrets decrypted."""
        values = {key: _program_text(value, crypter) for key, value in self.raw.items()}
        secret = frozenset(key for key, value in self.raw.items() if _is_secret(value))
        return ProgramConfiguration(values, secret)

    def text(self, key: str) -> str:
        """Return a value that cannot be secret; empty if it is not set."""
        value = self.raw.get(key)
        return "" if value is None or _is_secret(value) else _scalar_or_json(value)


def read_yaml(file: Path) -> dict[str, Any]:
    """Read a file that holds a mapping.

    Raises:
        UsageError: If it is not there or is not a YAML mapping.
    """
    try:
        content = yaml_text.read_yaml(file.read_text(encoding="utf-8"))
    except yaml_text.NotYamlError as error:
        raise UsageError(f"{file.name} is not YAML: {error}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file.name}: is not text in UTF-8.") from None
    except OSError as error:
        raise UsageError(f"{file}: cannot be read ({error.strerror}).") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise UsageError(f"{file.name}: a mapping is expected, found {type(content).__name__}.")
    return content


def stack_configuration(
    project: str, project_file: Mapping[str, Any], stack_file: Mapping[str, Any], *, name: str
) -> StackConfiguration:
    """Merge the configuration of a stack with the defaults of its project.

    Raises:
        ConfigurationError: If values are missing, or the stack uses what this engine does not serve.
    """
    problems = list(_unserved(stack_file, name))
    config = stack_file.get("config") or {}
    if not isinstance(config, dict):
        problems.append(Problem("config", f"{name}: a mapping is expected."))
        config = {}
    values = {
        (str(key) if ":" in str(key) else f"{project}:{key}"): value
        for key, value in config.items()
    }
    defaults = project_file.get("config") or {}
    if not isinstance(defaults, dict):
        problems.append(Problem("config", "Pulumi.yaml: a mapping is expected."))
        defaults = {}
    for key, schema in defaults.items():
        full = str(key) if ":" in str(key) else f"{project}:{key}"
        if full not in values:
            _default(values, full, schema, problems, name)
    if problems:
        raise ConfigurationError(problems)
    return StackConfiguration(values, str(stack_file.get("encryptionsalt") or ""))


def _default(
    values: dict[str, Any], key: str, schema: object, problems: list[Problem], stack: str
) -> None:
    if not isinstance(schema, dict):
        values[key] = schema
    elif "value" in schema:
        values[key] = schema["value"]
    elif "default" in schema:
        values[key] = schema["default"]
    elif "type" in schema:
        problems.append(
            Problem(
                key,
                f"stack '{stack}' has no value for it. "
                f"Set it with `pulumi config set {key}` or in Pulumi.{stack}.yaml.",
            )
        )


def _unserved(stack_file: Mapping[str, Any], name: str) -> Iterator[Problem]:
    if stack_file.get("environment"):
        yield Problem(
            "environment",
            f"Pulumi.{name}.yaml imports an environment, which is not served: {_ESC_HELP}.",
        )
    provider = stack_file.get("secretsprovider")
    if provider not in {None, "", "passphrase", "default"}:
        yield Problem(
            "secretsprovider",
            f"Pulumi.{name}.yaml names '{provider}'; only the passphrase provider is served.",
        )


def _is_secret(value: object) -> bool:
    if isinstance(value, dict):
        return _is_secure(value) or any(_is_secret(item) for item in value.values())
    return isinstance(value, list) and any(_is_secret(item) for item in value)


def _is_secure(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"} and isinstance(value["secure"], str)


def _program_text(value: object, crypter: Crypter) -> str:
    return _scalar_or_json(_decrypted(value, crypter))


def _decrypted(value: Any, crypter: Crypter) -> Any:
    if isinstance(value, dict):
        if _is_secure(value):
            return crypter.decrypt(value["secure"])
        return {key: _decrypted(item, crypter) for key, item in value.items()}
    if isinstance(value, list):
        return [_decrypted(item, crypter) for item in value]
    return value


def _scalar_or_json(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
