"""Reads the stack's configuration, and turns what is wrong with it into one message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pulumi
from pulumi.runtime.config import CONFIG, is_config_secret

from kafka_mirror.errors import ConfigurationError
from kafka_mirror.topology import Sealed, Topology, load

NAMESPACE: Final = "kafka-mirror"


def read_topology() -> Topology:
    """Return the topology of the current stack; every key of the namespace is read, unknown ones too.

    Raises:
        ConfigurationError: Everything that is wrong with it.
    """
    # pulumi.Config asks for keys by name and cannot list them, so a misspelt one would go unseen.
    start = f"{NAMESPACE}:"
    keys = [key.removeprefix(start) for key in CONFIG.get() if key.startswith(start)]
    config = pulumi.Config(NAMESPACE)
    return load({key: _value(config, key) for key in keys})


def _value(config: pulumi.Config, key: str) -> Any:
    if key not in Topology.model_fields and is_config_secret(f"{NAMESPACE}:{key}"):
        return Sealed()
    text = config.get(key)
    try:
        return json.loads(text or "")
    except json.JSONDecodeError:
        return text


@contextmanager
def configuration_errors_stop_the_run() -> Iterator[None]:
    """Report a configuration error as Pulumi reports its own: the message, without a traceback."""
    try:
        yield
    except ConfigurationError as error:
        count = len(error.problems)
        title = "1 problem" if count == 1 else f"{count} problems"
        raise pulumi.RunError(
            f"{title} in the configuration of stack {pulumi.get_stack()!r}:\n{error}"
        ) from error
