"""Reading what the program registers, and naming what of it the engine does not serve.

Every field of a request is either read here, of no consequence here, or refused: a field that a later SDK adds is
refused until someone has thought about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi.runtime.proto import resource_pb2

from engine.properties import Properties, from_struct, from_value
from engine.urns import label, make_urn

_READ: Final = frozenset(
    {
        "type",
        "name",
        "parent",
        "custom",
        "object",
        "protect",
        "dependencies",
        "provider",
        "propertyDependencies",
        "deleteBeforeReplace",
        "deleteBeforeReplaceDefined",
        "version",
        "ignoreChanges",
        "additionalSecretOutputs",
        "customTimeouts",
        "replaceOnChanges",
        "replacement_trigger",
        "retainOnDelete",
    }
)
# How the SDK wants its answers, where the code stands, and providers, which the SDK hands to every child itself.
_WITHOUT_CONSEQUENCE: Final = frozenset(
    {
        "acceptSecrets",
        "acceptResources",
        "accepts_byte_string",
        "supportsPartialValues",
        "supportsResultReporting",
        "aliasSpecs",
        "sourcePosition",
        "stackTrace",
        "parentStackTraceHandle",
        "providers",
    }
)
REFUSED: Final[Mapping[str, str]] = {
    "importId": "the option 'import_'",
    "remote": "remote components",
    "aliases": "the option 'aliases'",
    "aliasURNs": "the option 'aliases'",
    "deletedWith": "the option 'deleted_with'",
    "replace_with": "the option 'replace_with'",
    "transforms": "the option 'transforms'",
    "state_migrations": "the option 'state_migrations'",
    "hooks": "the option 'hooks'",
    "hideDiffs": "the option 'hide_diffs'",
    "envVarMappings": "the option 'env_var_mappings'",
    "pluginDownloadURL": "the option 'plugin_download_url'",
    "pluginChecksums": "plugin checksums",
    "packageRef": "parameterized packages",
    "snippetId": "snippets",
}
SERVED_FIELDS: Final = _READ | _WITHOUT_CONSEQUENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A resource as the program wants it."""

    urn: str
    type: str
    name: str
    custom: bool
    parent: str = ""
    inputs: Properties = field(default_factory=dict)
    provider: str = ""
    version: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    protect: bool | None = None
    retain_on_delete: bool | None = None
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    replacement_trigger: Any = None
    additional_secret_outputs: tuple[str, ...] = ()
    custom_timeouts: dict[str, float] = field(default_factory=dict)

    @property
    def package(self) -> str:
        """The package that has the type; the provider's for a provider."""
        first, _, rest = self.type.partition(":")
        return rest.partition(":")[2] if self.is_provider else first

    @property
    def is_provider(self) -> bool:
        """Tell whether it is itself a provider."""
        return self.type.startswith("pulumi:providers:")


def read_goal(request: resource_pb2.RegisterResourceRequest, *, project: str, stack: str) -> Goal:
    """Read a registration.

    Raises:
        UnservedValueError: If an input holds a kind of value that is not served.
        WrongTimeoutError: If a timeout cannot be read.
    """
    return Goal(
        urn=make_urn(
            project=project,
            stack=stack,
            parent=request.parent,
            type_=request.type,
            name=request.name,
        ),
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        inputs=from_struct(request.object),
        provider=request.provider,
        version=request.version,
        dependencies=tuple(sorted(set(request.dependencies))),
        property_dependencies={
            key: tuple(sorted(value.urns))
            for key, value in sorted(request.propertyDependencies.items())
        },
        protect=request.protect if request.HasField("protect") else None,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        delete_before_replace=(
            request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None
        ),
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        replacement_trigger=(
            from_value(request.replacement_trigger)
            if request.HasField("replacement_trigger")
            else None
        ),
        additional_secret_outputs=tuple(sorted(request.additionalSecretOutputs)),
        custom_timeouts=_timeouts(request),
    )


def unserved_in(
    request: resource_pb2.RegisterResourceRequest, *, project: str, stack: str
) -> tuple[str, ...]:
    """Name what a registration asks for that is not served, one sentence each."""
    urn = make_urn(
        project=project, stack=stack, parent=request.parent, type_=request.type, name=request.name
    )
    return tuple(
        f"{label(urn)}: {REFUSED.get(descriptor.name, descriptor.name)} is not served by this engine."
        for descriptor, value in request.ListFields()
        if descriptor.name not in SERVED_FIELDS and _asks_for_something(descriptor.name, value)
    )


def _asks_for_something(name: str, value: Any) -> bool:
    if name == "hooks":
        return bool(value.ByteSize())
    if name == "aliases":
        # Typed classes of the Kubernetes SDK list the types a kind had in older API versions.
        return any(_is_deliberate(alias) for alias in value)
    return True


def _is_deliberate(alias: Any) -> bool:
    if alias.WhichOneof("alias") != "spec":
        return True
    spec = alias.spec
    return bool(spec.name or spec.stack or spec.project or spec.noParent or not spec.type)


class WrongTimeoutError(ValueError):
    """A custom timeout is not a duration."""


_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def _timeouts(request: resource_pb2.RegisterResourceRequest) -> dict[str, float]:
    if not request.HasField("customTimeouts"):
        return {}
    found = {
        name: seconds(getattr(request.customTimeouts, name))
        for name in ("create", "update", "delete")
    }
    return {name: value for name, value in found.items() if value}


def seconds(text: str) -> float:
    """Read a duration such as ``1h30m`` as seconds; zero for an empty one.

    Raises:
        WrongTimeoutError: If it is not one.
    """
    total, number = 0.0, ""
    rest = text
    while rest:
        while rest and (rest[0].isdigit() or rest[0] == "."):
            number, rest = number + rest[0], rest[1:]
        unit = "ms" if rest.startswith("ms") else rest[:1]
        if unit not in _UNITS or not number.strip("."):
            raise WrongTimeoutError(f"'{text}' is not a duration such as 90s or 10m")
        total += float(number) * _UNITS[unit]
        number, rest = "", rest[len(unit) :]
    return total
