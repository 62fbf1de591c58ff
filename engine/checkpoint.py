"""Pulumi's checkpoint, version 3: the resources of a stack as ``pulumi stack export`` prints them.

Field names are those of ``apitype.ResourceV3`` and ``DeploymentV3``. What the engine has no use for is kept as it was
found, so that a state can go from the CLI to the engine and back.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final, Protocol

from engine.properties import SECRET_SIGNATURE, SIGNATURE_KEY, Properties, Secret, plain
from engine.urns import name_of, type_of

JsonObject = dict[str, Any]

VERSION: Final = 3


class Crypter(Protocol):
    """What turns secrets into ciphertexts and back."""

    salt: str

    def encrypt(self, plaintext: str) -> str:
        """Return a ciphertext."""

    def decrypt(self, ciphertext: str) -> str:
        """Return the plaintext."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceState:
    """One resource as it was last deployed."""

    urn: str
    custom: bool = False
    delete: bool = False
    id: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    parent: str = ""
    protect: bool = False
    external: bool = False
    dependencies: tuple[str, ...] = ()
    init_errors: tuple[str, ...] = ()
    provider: str = ""
    property_dependencies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    pending_replacement: bool = False
    additional_secret_outputs: tuple[str, ...] = ()
    custom_timeouts: JsonObject = field(default_factory=dict)
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    replacement_trigger: Any = None
    created: str = ""
    modified: str = ""
    other: JsonObject = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The type token."""
        return type_of(self.urn)

    @property
    def name(self) -> str:
        """The name in the program."""
        return name_of(self.urn)

    def prerequisites(self) -> set[str]:
        """The URNs of everything that must exist before this does, and be deleted after it."""
        found = {self.parent, self.provider.rpartition("::")[0], *self.dependencies}
        for urns in self.property_dependencies.values():
            found.update(urns)
        return found - {"", self.urn}


@dataclass(frozen=True, slots=True)
class PendingOperation:
    """A change that was begun; found later, it was interrupted."""

    type: str
    resource: ResourceState


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """All that is known of a stack."""

    resources: tuple[ResourceState, ...] = ()
    pending: tuple[PendingOperation, ...] = ()
    salt: str = ""
    other: JsonObject = field(default_factory=dict)


# The Kubernetes provider compares an object with the inputs it finds in its outputs (provider/pkg/provider/provider.go,
# checkpointObject); where they are missing, it replaces the object.
_KUBERNETES: Final = "kubernetes:"
_APPLIED_INPUTS: Final = "__inputs"

# Field of ResourceState, key in the checkpoint, in the order of apitype.ResourceV3.
_PLAIN_FIELDS: Final = (
    ("parent", "parent"),
    ("protect", "protect"),
    ("external", "external"),
    ("dependencies", "dependencies"),
    ("init_errors", "initErrors"),
    ("provider", "provider"),
    ("property_dependencies", "propertyDependencies"),
    ("pending_replacement", "pendingReplacement"),
    ("additional_secret_outputs", "additionalSecretOutputs"),
    ("custom_timeouts", "customTimeouts"),
    ("retain_on_delete", "retainOnDelete"),
    ("ignore_changes", "ignoreChanges"),
    ("replace_on_changes", "replaceOnChanges"),
    ("created", "created"),
    ("modified", "modified"),
)
_TUPLES: Final = frozenset(
    {
        "dependencies",
        "init_errors",
        "additional_secret_outputs",
        "ignore_changes",
        "replace_on_changes",
    }
)
_KNOWN_KEYS: Final = frozenset(key for _, key in _PLAIN_FIELDS) | {
    "urn",
    "custom",
    "delete",
    "id",
    "type",
    "inputs",
    "outputs",
    "replacementTrigger",
}


def resource_to_json(state: ResourceState, crypter: Crypter) -> JsonObject:
    """Write one resource, its secrets encrypted."""
    result: JsonObject = {"urn": state.urn, "custom": state.custom}
    if state.delete:
        result["delete"] = True
    if state.id:
        result["id"] = state.id
    result["type"] = state.type
    outputs = state.outputs
    if outputs and state.type.startswith(_KUBERNETES):
        outputs = {**outputs, _APPLIED_INPUTS: state.inputs}
    for key, properties in (("inputs", state.inputs), ("outputs", outputs)):
        if properties:
            result[key] = _sealed(properties, crypter)
    for name, key in _PLAIN_FIELDS:
        value = getattr(state, name)
        if value:
            result[key] = value
    if state.replacement_trigger is not None:
        result["replacementTrigger"] = _sealed(state.replacement_trigger, crypter)
    return result | state.other


def resource_from_json(raw: JsonObject, crypter: Crypter) -> ResourceState:
    """Read one resource, its secrets decrypted."""
    fields: JsonObject = {}
    for name, key in _PLAIN_FIELDS:
        if key in raw:
            fields[name] = tuple(raw[key]) if name in _TUPLES else raw[key]
    # The CLI writes them in the order they came; they mean the same in any.
    if "dependencies" in fields:
        fields["dependencies"] = tuple(sorted(fields["dependencies"]))
    if "property_dependencies" in fields:
        fields["property_dependencies"] = {
            key: tuple(sorted(urns or ())) for key, urns in fields["property_dependencies"].items()
        }
    outputs = _opened(raw.get("outputs") or {}, crypter)
    if raw["type"].startswith(_KUBERNETES):
        outputs.pop(_APPLIED_INPUTS, None)
    return ResourceState(
        urn=raw["urn"],
        custom=bool(raw.get("custom")),
        delete=bool(raw.get("delete")),
        id=raw.get("id", ""),
        inputs=_opened(raw.get("inputs") or {}, crypter),
        outputs=outputs,
        replacement_trigger=_opened(raw.get("replacementTrigger"), crypter),
        other={key: value for key, value in raw.items() if key not in _KNOWN_KEYS},
        **fields,
    )


def deployment_to_json(deployment: Deployment, crypter: Crypter, *, time: datetime) -> JsonObject:
    """Write a whole stack in the form that ``pulumi stack import`` reads."""
    engine_version = f"v{version('kafka-mirror')}-kafka-mirror"
    body: JsonObject = {
        "manifest": {
            "time": timestamp(time),
            "magic": hashlib.sha256(engine_version.encode()).hexdigest(),
            "version": engine_version,
        },
        "secrets_providers": {"type": "passphrase", "state": {"salt": crypter.salt}},
    }
    if deployment.resources:
        body["resources"] = [resource_to_json(state, crypter) for state in deployment.resources]
    if deployment.pending:
        body["pending_operations"] = [
            pending_to_json(operation, crypter) for operation in deployment.pending
        ]
    return {"version": VERSION, "deployment": body | deployment.other}


def deployment_from_json(raw: JsonObject, crypter: Crypter) -> Deployment:
    """Read a whole stack."""
    body = raw.get("deployment") or {}
    known = {"manifest", "secrets_providers", "resources", "pending_operations"}
    return Deployment(
        resources=tuple(resource_from_json(item, crypter) for item in body.get("resources") or ()),
        pending=tuple(
            pending_from_json(item, crypter) for item in body.get("pending_operations") or ()
        ),
        salt=crypter.salt,
        other={key: value for key, value in body.items() if key not in known},
    )


def pending_to_json(operation: PendingOperation, crypter: Crypter) -> JsonObject:
    """Write a pending operation."""
    return {"resource": resource_to_json(operation.resource, crypter), "type": operation.type}


def pending_from_json(raw: JsonObject, crypter: Crypter) -> PendingOperation:
    """Read a pending operation."""
    return PendingOperation(raw["type"], resource_from_json(raw["resource"], crypter))


def timestamp(time: datetime) -> str:
    """Return a time as the checkpoint writes it."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def in_dependency_order(resources: list[ResourceState]) -> tuple[ResourceState, ...]:
    """Sort so that everything stands after what it needs, else as it was."""
    by_urn = {state.urn: state for state in resources if not state.delete}
    placed: dict[str, ResourceState] = {}

    def place(state: ResourceState, above: frozenset[str]) -> None:
        for urn in sorted(state.prerequisites()):
            if urn in by_urn and urn not in placed and urn not in above:
                place(by_urn[urn], above | {state.urn})
        placed.setdefault(state.urn, state)

    for state in by_urn.values():
        place(state, frozenset())
    return (*placed.values(), *(state for state in resources if state.delete))


def _sealed(value: Any, crypter: Crypter) -> Any:
    if isinstance(value, Secret):
        text = json.dumps(plain(value.value), ensure_ascii=False, separators=(",", ":"))
        return {SIGNATURE_KEY: SECRET_SIGNATURE, "ciphertext": crypter.encrypt(text)}
    if isinstance(value, dict):
        return {key: _sealed(item, crypter) for key, item in value.items()}
    if isinstance(value, list):
        return [_sealed(item, crypter) for item in value]
    return value


def _opened(value: Any, crypter: Crypter) -> Any:
    if isinstance(value, dict):
        if value.get(SIGNATURE_KEY) == SECRET_SIGNATURE:
            text = (
                crypter.decrypt(value["ciphertext"])
                if "ciphertext" in value
                else str(value["plaintext"])
            )
            return Secret(json.loads(text))
        return {key: _opened(item, crypter) for key, item in value.items()}
    if isinstance(value, list):
        return [_opened(item, crypter) for item in value]
    return value


def touched(state: ResourceState, *, now: datetime) -> ResourceState:
    """Return the state with its times set for a change made now."""
    stamp = timestamp(now)
    return replace(state, created=state.created or stamp, modified=stamp)
