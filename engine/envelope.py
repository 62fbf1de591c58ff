"""What can be told of a checkpoint before its resources are read: whether it is one, whose, and under which secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from engine.checkpoint import VERSION
from engine.errors import StateError
from engine.state_failures import NOTHING_CHANGED, put_back

JsonObject = dict[str, Any]

_URN: Final = "urn:pulumi:"


class Owner(NamedTuple):
    """Whose a resource is."""

    project: str
    stack: str


def parsed(content: bytes, *, where: Path) -> JsonObject:
    """Read the text of a checkpoint.

    Raises:
        StateError: If it is none.
    """
    why = "it is not a JSON object"
    try:
        raw = json.loads(content)
    except json.JSONDecodeError as error:
        raw, why = None, f"line {error.lineno}, column {error.colno}: {error.msg}"
    except UnicodeDecodeError:
        raw, why = None, "it is not text in UTF-8"
    if not isinstance(raw, dict):
        raise StateError(f"{where} is not a Pulumi checkpoint ({why}). {put_back(where)}")
    return raw


def owners_of(raw: JsonObject) -> Iterator[Owner]:
    """Yield whose the resources of a checkpoint are, as far as their names tell."""
    body = raw.get("deployment")
    for item in (body.get("resources") if isinstance(body, dict) else None) or ():
        parts = str(item.get("urn") if isinstance(item, dict) else "").split("::")
        if parts[0].startswith(_URN) and len(parts) > 1:
            yield Owner(parts[1], parts[0].removeprefix(_URN))


def salt_of(raw: JsonObject, *, where: Path) -> str:
    """Return the encryption salt a stored stack was written with.

    Raises:
        StateError: If it is not a version 3 checkpoint under a passphrase.
    """
    body, found = raw.get("deployment"), raw.get("version")
    if isinstance(found, int) and found > VERSION:
        raise StateError(
            f"{where} was written by a newer version (checkpoint version {found}, this one reads {VERSION}). "
            f"{NOTHING_CHANGED} Use that version, or put back a copy of the file."
        )
    if found != VERSION or not isinstance(body, dict):
        raise StateError(
            f"{where} is not a Pulumi checkpoint of version {VERSION} (has version {found or 'none'}). "
            f"{put_back(where)}"
        )
    provider = body.get("secrets_providers") or {}
    if provider.get("type") not in {None, "passphrase"}:
        raise StateError(
            f"{where}: its secrets are under '{provider['type']}'; this engine reads the passphrase "
            "provider only. Change it with `pulumi stack change-secrets-provider passphrase`."
        )
    return str((provider.get("state") or {}).get("salt") or "")
