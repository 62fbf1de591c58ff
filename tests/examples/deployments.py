"""What a container of a Deployment would find in its environment, resolved as a kubelet does it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

_REFERENCE: Final = re.compile(r"\$\((\w+)\)")


def environments(
    file: Path, secret: Callable[[str, str], Mapping[str, str]]
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield name, namespace and environment of each Deployment of a file.

    Args:
        file: With one Deployment or several, of one container each.
        secret: Returns what a Secret of a namespace holds: ``secret(namespace, name)``.

    Raises:
        KeyError: If a Secret has no such key, or a variable stands for one that is not above it.
    """
    for deployment in yaml.safe_load_all(file.read_text()):
        name, namespace = deployment["metadata"]["name"], deployment["metadata"]["namespace"]
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        found: dict[str, str] = {}
        for variable in container["env"]:
            found[variable["name"]] = _value(variable, found, namespace, secret)
        yield name, namespace, found


def _value(
    variable: Mapping[str, Any],
    above: Mapping[str, str],
    namespace: str,
    secret: Callable[[str, str], Mapping[str, str]],
) -> str:
    if "valueFrom" in variable:
        reference = variable["valueFrom"]["secretKeyRef"]
        return secret(namespace, reference["name"])[reference["key"]]
    return _REFERENCE.sub(lambda match: above[match[1]], variable["value"])
