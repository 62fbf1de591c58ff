"""URNs: how resources of a stack are named in state, requests and messages."""

from __future__ import annotations

ROOT_TYPE = "pulumi:pulumi:Stack"
_PREFIX = "urn:pulumi:"


def make_urn(*, project: str, stack: str, parent: str, type_: str, name: str) -> str:
    """Return the URN of a resource; the types of its parents are part of it, the stack's is not."""
    parent_types = qualified_type(parent) if parent else ""
    if parent_types and parent_types != ROOT_TYPE:
        type_ = f"{parent_types}${type_}"
    return f"{_PREFIX}{stack}::{project}::{type_}::{name}"


def qualified_type(urn: str) -> str:
    """Return the types of a resource and its parents, outermost first, joined by ``$``."""
    return urn.split("::", 3)[2]


def type_of(urn: str) -> str:
    """Return the type token of the resource itself."""
    return qualified_type(urn).rsplit("$", 1)[-1]


def name_of(urn: str) -> str:
    """Return the name the program gave it."""
    return urn.split("::", 3)[3]


def label(urn: str) -> str:
    """Return what messages call it: its kind and name."""
    if not urn:
        return "the stack"
    return f"{type_of(urn).rsplit(':', 1)[-1]} '{name_of(urn)}'"


def reference(urn: str, id_: str) -> str:
    """Return the string by which a resource names its provider."""
    return f"{urn}::{id_}"


def referenced_urn(provider: str) -> str:
    """Return the URN in a provider reference."""
    return provider.rpartition("::")[0]
