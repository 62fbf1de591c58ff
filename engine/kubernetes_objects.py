"""Kubernetes objects of any kind: checked, applied on the server side, awaited, deleted.

The object in the cluster is touched by one field manager and never by force. Names are explicit, so a new name means
that the old object is deleted before the new one is made.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from engine.awaiting import DEFAULT_TIMEOUT_SECONDS, Waiter
from engine.checkpoint import ResourceState
from engine.cluster import FIELD_MANAGER, Cluster
from engine.conflicts import conflict_text
from engine.handlers import Context, Made, Paths, StepError, WrongInputError
from engine.object_names import ObjectName, kind_of_token, object_name
from engine.properties import (
    UNKNOWN,
    Properties,
    Secret,
    as_secret,
    contains_unknown,
    plain,
    secret_like,
)
from engine.readiness import WaitForError, readiness_of
from engine.registration import Goal
from engine.takeover import MANAGER_OUTPUT, manager_of, take_over
from kafka_mirror.errors import KafkaMirrorError
from kafka_mirror.kubernetes_api import ApiError, JsonObject

_SERVER_METADATA: Final = ("creationTimestamp", "generation", "resourceVersion", "uid")
_SECRET_FIELDS: Final = ("data", "stringData")
_SERVER_FAILURE: Final = 500
_NOISE: Final = ("managedFields",)


class KubernetesHandler:
    """Any kind of object; ``kubernetes:<group/version>:<Kind>``."""

    replaces_on: Paths = ("apiVersion", "kind", "metadata.name", "metadata.namespace")
    deletes_before_replace = True

    def check(self, goal: Goal) -> Properties:
        """Demand what identifies the object, and mark what is always secret."""
        inputs = dict(goal.inputs)
        api_version, kind = kind_of_token(goal.type)
        for key, value in (("apiVersion", api_version), ("kind", kind)):
            if plain(inputs.setdefault(key, value)) != value:
                raise WrongInputError(f"{key} is '{plain(inputs[key])}', its type says '{value}'")
        metadata = plain(inputs.get("metadata"))
        if not isinstance(metadata, dict) or not metadata.get("name"):
            raise WrongInputError("metadata.name is missing; this engine makes up no names")
        if "status" in inputs:
            raise WrongInputError("status is the operator's to write; leave it out of the inputs")
        if kind == "Secret":
            inputs = _with_texts_encoded(inputs)
            inputs |= {key: as_secret(inputs[key]) for key in _SECRET_FIELDS if key in inputs}
        if not contains_unknown(metadata.get("annotations")):
            try:
                readiness_of(inputs)
            except WaitForError as error:
                raise WrongInputError(str(error)) from error
        return inputs

    def check_read(self, id_: str, inputs: Properties) -> None:
        """Refuse to read what the Kubernetes provider would not find.

        It goes by the id alone only as long as the inputs do not say what kind of object it is; else it looks where they
        say that the object is (pulumi-kubernetes, provider.go, ``Read``).
        """
        said = plain(inputs)
        place = said.get("metadata") or {}
        there = "/".join(filter(None, (place.get("namespace"), place.get("name"))))
        if (said.get("apiVersion") or said.get("kind")) and there != id_:
            raise WrongInputError(
                f"its id is '{id_}', its metadata say '{there}', and the Kubernetes provider looks where these say. Give "
                "metadata.name and metadata.namespace as in the id, or the id alone"
            )

    def requires_replacement(self, old: ResourceState, inputs: Properties) -> bool:
        """An immutable Secret or ConfigMap cannot be changed in place."""
        changes_data = any(
            plain(old.inputs.get(key)) != plain(inputs.get(key))
            for key in (*_SECRET_FIELDS, "binaryData")
        )
        return bool(plain(old.inputs.get("immutable"))) and changes_data

    def preview(self, inputs: Properties, old: ResourceState | None) -> Made:
        """Echo what is declared; what the server and the operator add is unknown."""
        metadata = inputs["metadata"]
        inner = metadata.value if isinstance(metadata, Secret) else metadata
        if isinstance(inner, dict):
            inner = {**inner, **dict.fromkeys(_SERVER_METADATA, UNKNOWN)}
            metadata = Secret(inner) if isinstance(metadata, Secret) else inner
        outputs = {**inputs, "metadata": metadata, "status": UNKNOWN}
        if plain(inputs["kind"]) == "Secret":
            del outputs["status"]
            if "stringData" in inputs:
                outputs["data"] = UNKNOWN
        if old is not None:
            return Made(old.id, outputs)
        return Made("", outputs)

    def create(self, inputs: Properties, context: Context) -> Made:
        """Make the object, or take over one that an interrupted run of ours had begun to make."""
        name, cluster = object_name(inputs), context.cluster()
        live = name.find(cluster)
        if live is not None and live["metadata"].get("deletionTimestamp"):
            Waiter(name, cluster, context).until_gone()
            live = None
        if live is not None and not (context.was_begun and is_ours(live)):
            raise StepError(
                f"{name} exists already on {cluster.name} and is not in this stack's state: it is somebody "
                "else's, or was kept when the stack let go of it. Give this one another name; or take that one "
                "away, once you know what goes with it."
            )
        context.begin()
        return _apply(name, inputs, cluster, context, step="create")

    def update(self, old: ResourceState, inputs: Properties, context: Context) -> Made:
        """Apply the new inputs; fields that are no longer declared go away."""
        name, cluster, manager = object_name(inputs), context.cluster(), manager_of(old)
        live = name.find(cluster)
        if live is not None and live["metadata"].get("deletionTimestamp"):
            Waiter(name, cluster, context).until_gone()
            live = None
        context.begin()
        with _failing(name, cluster):
            if live is not None:
                take_over(live, name, cluster, manager=manager)
        return _apply(name, inputs, cluster, context, step="update", manager=manager)

    def delete(self, old: ResourceState, context: Context) -> None:
        """Delete the object and wait until its finalizers have let it go."""
        name, cluster = object_name(old.inputs), context.cluster()
        live = name.find(cluster)
        if live is None:
            return
        context.begin()
        try:
            cluster.delete(
                name.api_version,
                name.kind,
                name.name,
                name.namespace,
                uid=live["metadata"].get("uid"),
            )
        except ApiError as error:
            raise StepError(f"{name} on {cluster.name}: {_said(error)}") from error
        Waiter(name, cluster, context).until_gone()

    def read(self, old: ResourceState, context: Context) -> Made | None:
        """Return the live object, with the marks of the inputs that it was made from."""
        live = find_live(old, context)
        return None if live is None else made_of(old, live)


def find_live(old: ResourceState, context: Context) -> JsonObject | None:
    """Return the live object of a resource; None if it is gone."""
    namespace, _, name = old.id.rpartition("/")
    api_version, kind = kind_of_token(old.type)
    return ObjectName(api_version, kind, name, namespace or None).find(context.cluster())


def made_of(old: ResourceState, live: JsonObject) -> Made:
    """Return a resource as its live object is now, with the marks of the inputs that it was made from."""
    return Made(old.id, outputs_of(live, old.inputs, manager=manager_of(old)))


def outputs_of(live: JsonObject, inputs: Properties, *, manager: str = FIELD_MANAGER) -> Properties:
    """Return what the state and the program get to see of a live object."""
    metadata = {key: value for key, value in live["metadata"].items() if key not in _NOISE}
    outputs: Properties = secret_like({**live, "metadata": metadata}, inputs)
    if live.get("kind") == "Secret":
        outputs |= {key: as_secret(outputs[key]) for key in _SECRET_FIELDS if key in outputs}
    outputs[MANAGER_OUTPUT] = manager
    outputs["__initialApiVersion"] = live.get("apiVersion", "")
    return outputs


def _apply(
    name: ObjectName,
    inputs: Properties,
    cluster: Cluster,
    context: Context,
    *,
    step: str,
    manager: str = FIELD_MANAGER,
) -> Made:
    with _failing(name, cluster):
        live = cluster.apply(plain(inputs), field_manager=manager)
    readiness = readiness_of(inputs)
    timeout = context.timeouts.get(step) or (
        readiness.timeout.total_seconds() if readiness.timeout else DEFAULT_TIMEOUT_SECONDS
    )
    live, errors = Waiter(name, cluster, context).until_ready(live, readiness, timeout)
    return Made(name.id, outputs_of(live, inputs, manager=manager), errors)


@contextmanager
def _failing(name: ObjectName, cluster: Cluster) -> Iterator[None]:
    """Turn what the server refuses into the failure of a step."""
    try:
        yield
    except ApiError as error:
        raise StepError(
            f"{name} on {cluster.name}: {conflict_text(error) or _said(error)}",
            is_settled=error.status < _SERVER_FAILURE,
        ) from error


def _with_texts_encoded(inputs: Properties) -> Properties:
    """Return the inputs of a Secret with its texts among the data, as the API server keeps them.

    The Kubernetes provider does the same to them (provider/pkg/clients/unstructured.go), so that a state means the
    same to both; and what is no longer declared is ours to remove. Texts not known yet stay where they are.
    """
    texts, data = plain(inputs.get("stringData")), plain(inputs.get("data")) or {}
    if not texts or contains_unknown(texts) or contains_unknown(data):
        return inputs
    encoded = {key: base64.b64encode(str(text).encode()).decode() for key, text in texts.items()}
    rest = {key: value for key, value in inputs.items() if key != "stringData"}
    return {**rest, "data": Secret({**data, **encoded})}


def is_ours(live: JsonObject) -> bool:
    """Tell whether an object that this engine had begun to make can have come of that.

    Whoever has set a field is noted. An object that is no more than its name, such as a Namespace, has no field that
    anybody could have set by applying it; what others create has one all the same, by the defaults of the server.
    """
    entries = live["metadata"].get("managedFields") or ()
    return not entries or any(entry.get("manager") == FIELD_MANAGER for entry in entries)


def _said(error: KafkaMirrorError) -> str:
    causes = getattr(error, "causes", ())
    message = str(error)
    extra = "; ".join(cause for cause in causes if cause not in message)
    return f"{message} ({extra})" if extra else message
