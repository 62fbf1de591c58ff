"""Asks an API server whether it would take an object, and compares its complaints with those of the recordings."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kafka_mirror.kubernetes_api import ApiError, KubernetesApi
from tests.lab.operator import recordings
from tests.lab.operator.resources import API

Change = Callable[[dict[str, Any]], None]
_KINDS = {"user-schema": ("KafkaUser", "u"), "topic-schema": ("KafkaTopic", "t")}
_TRUST = {"secretName": "s"}


def complaints(message: str) -> list[str]:
    """Return what ``kubectl`` said of a refused object, one by one."""
    if "serverside-applied" in message:
        return []
    told = message.partition(" is invalid: ")[2] or message
    told = told.removeprefix("Error from server: ")
    if "no matches for kind" in told:
        return ["kafka.strimzi.io/v1beta2"]
    return [one.strip() for one in re.split(r"(?:^|\n)\* ", told) if one.strip()]


def dry_run(api: KubernetesApi, document: Mapping[str, Any], expected: list[str]) -> dict[str, Any]:
    """Return whether the API server takes an object, and which of the expected complaints it has."""
    try:
        api.apply(dict(document), field_manager="test", dry_run=True)
    except ApiError as error:
        return {"accepted": False, "complaints": [one for one in expected if one in error.message]}
    return {"accepted": True, "complaints": []}


def proposal(case: Path, result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the object that was proposed to the API server: the whole one, or the recorded one with one change."""
    if case.name in _KINDS:
        kind, name = _KINDS[case.name]
        name = "a_b" if "metadata.name" in result["case"] else name
        metadata = {"name": name, "namespace": "dev", "labels": {"strimzi.io/cluster": "dev"}}
        return {"apiVersion": API, "kind": kind, "metadata": metadata, "spec": result["spec"]}
    document = copy.deepcopy(recordings.resource(case, "KafkaMirrorMaker2"))
    del document["metadata"]["uid"], document["metadata"]["generation"]
    label = result["case"]
    if label.startswith("missing "):
        _remove(document, label.removeprefix("missing "))
    else:
        _CHANGES[label](document)
    return document


def _remove(document: dict[str, Any], path: str) -> None:
    place: Any = document
    *parents, last = path.split(".")
    for part in parents:
        place = place[int(part)] if part.isdigit() else place[part]
    del place[last]


def _set(path: str, value: Any) -> Change:
    def change(document: dict[str, Any]) -> None:
        place: Any = document
        *parents, last = path.split(".")
        for part in parents:
            place = place[int(part)] if part.isdigit() else place.setdefault(part, {})
        place[last] = value

    return change


_CONNECTOR = "spec.mirrors.0.sourceConnector"
_CHANGES: dict[str, Change] = {
    "as is": lambda document: None,
    "alias with space": _set("spec.target.alias", "a b"),
    "alias with ->": _set("spec.target.alias", "a->b"),
    "alias empty": _set("spec.mirrors.0.source.alias", ""),
    "mirrors empty list": _set("spec.mirrors", []),
    "tasksMax 0": _set(f"{_CONNECTOR}.tasksMax", 0),
    "state unknown": _set(f"{_CONNECTOR}.state", "halted"),
    "heartbeatConnector, validation ignore": _set("spec.mirrors.0.heartbeatConnector", {}),
    "heartbeatConnector, validation strict": _set("spec.mirrors.0.heartbeatConnector", {}),
    "connectCluster (old layout), strict": _set("spec.connectCluster", "stg"),
    "authentication without type": _set("spec.target.authentication", {"username": "u"}),
    "authentication type oauth": _set("spec.target.authentication", {"type": "oauth"}),
    "scram without username and password": _set(
        "spec.target.authentication", {"type": "scram-sha-512"}
    ),
    "tls auth without certificateAndKey": _set("spec.target.authentication", {"type": "tls"}),
    "passwordSecret without password": _set(
        "spec.target.authentication",
        {"type": "scram-sha-512", "username": "u", "passwordSecret": {"secretName": "s"}},
    ),
    "trustedCertificates with certificate and pattern": _set(
        "spec.target.tls",
        {"trustedCertificates": [{**_TRUST, "certificate": "ca.crt", "pattern": "*.crt"}]},
    ),
    "trustedCertificates with neither": _set(
        "spec.target.tls", {"trustedCertificates": [dict(_TRUST)]}
    ),
    "config null value": _set(f"{_CONNECTOR}.config", {"a": None}),
    "config nested map": _set(f"{_CONNECTOR}.config", {"a": {"b": 1}}),
    "tracing jaeger": _set("spec.tracing", {"type": "jaeger"}),
    "replicas -1": _set("spec.replicas", -1),
    "apiVersion v1beta2": _set("apiVersion", "kafka.strimzi.io/v1beta2"),
    "logging inline": _set(
        "spec.logging", {"type": "inline", "loggers": {"rootLogger.level": "DEBUG"}}
    ),
}
