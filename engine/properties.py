"""Property values as the engine holds them, and their form on the wire.

Inside, a value is plain JSON data in which a leaf may be ``UNKNOWN`` and any node may be a ``Secret``. On the wire
both are marked by well-known strings (sdk/go/common/resource/properties.go of Pulumi). A reference to a resource
stays the marked dictionary that it is on the wire.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

Properties = dict[str, Any]

SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a marker, not a secret
RESOURCE_SIGNATURE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT_SIGNATURE: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_ASSET_SIGNATURES: Final = frozenset(
    {"c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"}
)
UNKNOWN_ID: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_STRINGS: Final = frozenset(
    {
        UNKNOWN_ID,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_EXACT_INTEGERS: Final = 2**53


class Unknown:
    """A value that only the deployment will tell."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return what users are shown."""
        return "[unknown]"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must not be shown; its text form hides it."""

    value: Any

    def __repr__(self) -> str:
        """Return what users are shown."""
        return "[secret]"


class UnservedValueError(Exception):
    """A property holds a kind of value the engine does not serve."""


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """Read the properties of a message, in the order of their keys: on the wire they have none."""
    return {key: from_value(value) for key, value in sorted(struct.fields.items())}


def from_value(value: struct_pb2.Value) -> Any:
    """Read one value of a message."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in _UNKNOWN_STRINGS else text
    if kind == "struct_value":
        return _from_fields(value.struct_value.fields)
    if kind == "number_value":
        return _number(value.number_value)
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [from_value(item) for item in value.list_value.values]
    return None


def _number(number: float) -> int | float:
    # Every number travels as a double; Kubernetes tells 3 from 3.0.
    return int(number) if number.is_integer() and abs(number) <= _EXACT_INTEGERS else number


def _from_fields(fields: Mapping[str, struct_pb2.Value]) -> Any:
    if SIGNATURE_KEY not in fields:
        return {key: from_value(value) for key, value in sorted(fields.items())}
    signature = fields[SIGNATURE_KEY].string_value
    if signature == SECRET_SIGNATURE:
        return Secret(from_value(fields["value"]))
    if signature == RESOURCE_SIGNATURE:
        return {key: from_value(value) for key, value in fields.items()}
    if signature == OUTPUT_SIGNATURE:
        inner = from_value(fields["value"]) if "value" in fields else UNKNOWN
        return Secret(inner) if "secret" in fields and fields["secret"].bool_value else inner
    what = (
        "assets and archives" if signature in _ASSET_SIGNATURES else f"values of kind {signature}"
    )
    raise UnservedValueError(what)


def to_struct(properties: Mapping[str, Any], *, keep_references: bool = True) -> struct_pb2.Struct:
    """Write properties as a message.

    Args:
        properties: What to write.
        keep_references: Policy packs cannot read references to resources; they get the id or URN.
    """
    struct = struct_pb2.Struct()
    fields = struct.fields
    for key, value in properties.items():
        _write(fields[key], value, keep_references=keep_references)
    return struct


def _write(target: struct_pb2.Value, value: Any, *, keep_references: bool) -> None:
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif isinstance(value, Secret):
        fields = target.struct_value.fields
        fields[SIGNATURE_KEY].string_value = SECRET_SIGNATURE
        _write(fields["value"], value.value, keep_references=keep_references)
    elif value is UNKNOWN:
        target.string_value = UNKNOWN_ID
    else:
        _write_collection(target, value, keep_references=keep_references)


def _write_collection(
    target: struct_pb2.Value,
    value: Any,
    *,
    keep_references: bool,
) -> None:
    if isinstance(value, list):
        items = target.list_value.values
        target.list_value.SetInParent()
        for item in value:
            _write(items.add(), item, keep_references=keep_references)
    elif value.get(SIGNATURE_KEY) == RESOURCE_SIGNATURE and not keep_references:
        _write(target, value.get("id") or value["urn"], keep_references=True)
    else:
        target.struct_value.SetInParent()
        fields = target.struct_value.fields
        for key, item in value.items():
            _write(fields[key], item, keep_references=keep_references)


def plain(value: Any) -> Any:
    """Return the value without its secret marks. Never to be shown."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def shown(value: Any) -> Any:
    """Return the value as a user may see it: ``[secret]`` and ``[unknown]`` in their places."""
    if isinstance(value, Secret | Unknown):
        return repr(value)
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value


def contains_unknown(value: Any) -> bool:
    """Tell whether any part is still unknown."""
    return any(leaf is UNKNOWN for leaf in _leaves(value))


def contains_secret(value: Any) -> bool:
    """Tell whether any part is secret."""
    if isinstance(value, Secret):
        return True
    if isinstance(value, dict):
        return any(contains_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_secret(item) for item in value)
    return False


def secret_texts(value: Any, path: tuple[str, ...] | None = None) -> Iterator[tuple[str, str]]:
    """Yield every text inside a secret, for masking it in messages, each with the key it is under.

    The key is empty for a secret that is just a text.
    """
    if isinstance(value, Secret):
        yield from secret_texts(value.value, path or ())
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from secret_texts(item, None if path is None else (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from secret_texts(item, path)
    elif path is not None and isinstance(value, str):
        yield (path[-1] if path else "", value)


def as_secret(value: Any) -> Any:
    """Mark a value as secret as a whole, once."""
    if isinstance(value, Secret) or value is UNKNOWN:
        return value
    return Secret(plain(value))


def secret_like(value: Any, model: Any) -> Any:
    """Mark in `value` what is secret at the same place of `model`.

    What comes back from a server has lost its marks; the inputs it was made from still have them.
    """
    if isinstance(model, Secret):
        return as_secret(value)
    if isinstance(model, dict) and isinstance(value, dict):
        return {
            key: secret_like(item, model[key]) if key in model else item
            for key, item in value.items()
        }
    if isinstance(model, list) and contains_secret(model):
        # Servers reorder and merge lists: which element is which is not known.
        return as_secret(value)
    return value


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Secret):
        yield from _leaves(value.value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value
