"""What Pulumi sends about a resource, as plain data: unknown values marked, secrets hidden.

Source: ``resource.PropertyValue`` and ``plugin.MarshalProperties`` of Pulumi's Go SDK; the signatures and
the sentinels of unknown values are constants of the protocol.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.struct_pb2 import Struct, Value
from pulumi_policy.proxy import (
    UNKNOWN_ARCHIVE_VALUE,
    UNKNOWN_ARRAY_VALUE,
    UNKNOWN_ASSET_VALUE,
    UNKNOWN_BOOLEAN_VALUE,
    UNKNOWN_NUMBER_VALUE,
    UNKNOWN_OBJECT_VALUE,
    UNKNOWN_STRING_VALUE,
)

from mirror_policies.fields import UNKNOWN, Hidden
from mirror_policies.objects import OPERATOR_GROUPS, SECRET

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature of the protocol
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_UNKNOWNS: Final = frozenset(
    {
        UNKNOWN_ARCHIVE_VALUE,
        UNKNOWN_ARRAY_VALUE,
        UNKNOWN_ASSET_VALUE,
        UNKNOWN_BOOLEAN_VALUE,
        UNKNOWN_NUMBER_VALUE,
        UNKNOWN_OBJECT_VALUE,
        UNKNOWN_STRING_VALUE,
    }
)
_KEYS_OF_SECRET: Final = ("data", "stringData")


def object_data(properties: Struct) -> Mapping[str, object] | None:
    """Return a resource that rules read as plain data; None for any other.

    Rules read what belongs to a Kafka operator, and of Secrets the names of their keys. Numbers arrive
    as floats; whole ones become integers again.
    """
    api_version, kind = (_text(properties, key) for key in ("apiVersion", "kind"))
    group, slash, _ = api_version.partition("/")
    if slash and group in OPERATOR_GROUPS:
        return _struct(properties)
    if api_version == "v1" and kind == SECRET:
        return _secret(properties)
    return None


def value_at(properties: Struct, *path: str) -> object:
    """Return what stands at a path as plain data; None if nothing does."""
    for key in path[:-1]:
        if key not in properties.fields:
            return None
        properties = properties.fields[key].struct_value
    return plain(properties.fields[path[-1]]) if path[-1] in properties.fields else None


def plain(value: Value) -> object:
    """Return a value as plain data."""
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [plain(member) for member in value.list_value.values]
        case "struct_value":
            return _signed(value.struct_value)
        case _:
            return None


def _text(struct: Struct, key: str) -> str:
    # Asking a map of the protocol for a key that is not there would put it there.
    return struct.fields[key].string_value if key in struct.fields else ""


def _signed(struct: Struct) -> object:
    if _SIGNATURE not in struct.fields:
        return _struct(struct)
    signature = struct.fields[_SIGNATURE].string_value
    if signature == _SECRET:
        return _hidden(plain(struct.fields["value"])) if "value" in struct.fields else UNKNOWN
    if signature == _OUTPUT:
        if "value" not in struct.fields:
            return UNKNOWN
        inside = plain(struct.fields["value"])
        is_secret = "secret" in struct.fields and struct.fields["secret"].bool_value
        return _hidden(inside) if is_secret else inside
    return UNKNOWN  # An asset, an archive or a reference: nothing that an operator reads.


def _struct(struct: Struct) -> dict[str, object]:
    return {key: plain(member) for key, member in struct.fields.items()}


def _hidden(value: object) -> Any:
    match value:
        case str():
            return Hidden(value)
        case dict():
            return {key: _hidden(member) for key, member in value.items()}
        case list():
            return [_hidden(member) for member in value]
        case _:
            return value


def _secret(properties: Struct) -> dict[str, object]:
    """Return a Secret without any value of its data."""
    about = ("apiVersion", "kind", "metadata")
    data = {key: plain(properties.fields[key]) for key in about if key in properties.fields}
    for part in _KEYS_OF_SECRET:
        if part in properties.fields:
            given = plain(properties.fields[part])
            data[part] = dict.fromkeys(given, UNKNOWN) if isinstance(given, dict) else UNKNOWN
    return data
