"""Hypothesis strategies: stacks that would be valid, but for one field."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from hypothesis import strategies as st

from kafka_mirror.topology.paths import path
from tests.strategies.topologies import Configuration, Stack, stacks

Place = tuple[str | int, ...]

_BROKEN: dict[str, list[Any]] = {
    "context": ["", 5],
    "namespace": ["Big", "a b", None],
    "createNamespace": ["yes", 1],
    "type": ["kafka", True],
    "host": ["app.example.com", 5],
    "patternType": ["prefixed", None],
    "operations": [[], "Read", ["read"], ["Write", "Fly"]],
    "acls": ["all", [{}], ["Read"]],
    "transactionalIds": [[], "x", ["a b"], [{"pattern": "("}]],
    "offsetSyncs": ["both", None],
    "offsetSyncsFor": [[], ["Big"], "stg"],
    "api": ["v1beta1"],
    "accept": [False, "yes"],
    "id": ["CYBH"],
    "use": ["Production"],
    "port": [80, "9093", 9404, 70_000],
    "tls": ["no"],
    "version": [4.3, "4"],
    "storage": ["20 GB", 20, "0Gi", None],
    "storageClass": ["", 7],
    "production": ["true"],
    "stack": ["a b", "a/b", 3],
    "partitions": [0, "3", True, 2.5],
    "replicas": [0, "1", -1, None],
    "generation": [0, "2"],
    "shared": ["yes"],
    "role": ["boss", None, ["producer"]],
    "naming": ["both", None],
    "state": ["on"],
    "tasks": [0, "2"],
    "start": ["soon", None],
    "exactlyOnce": ["yes", 1],
    "cpu": ["2Gi", 0, "0m", ""],
    "memory": [2, "2 Gi", "0Gi"],
    "heap": ["512m", "1.5Gi", 512],
    "image": ["", "a b"],
    "tracing": ["jaeger", 1],
    "metrics": ["yes", 1],
    "release": ["-x", "a b"],
    "endpoint": ["collector:4317", ""],
    "producerByteRate": [10, "0", "0.5"],
    "consumerByteRate": ["10 Mi", True],
    "requestPercentage": [0, "5"],
    "controllerMutationRate": [0, -1, "5"],
    "group": ["a b", "", 4],
    "resource": ["Old", "", "9lives"],
    "configTopic": ["a b", "", "y" * 250],
    "duplicateWindow": ["15 sec", 15, "4s", "99999999999d"],
    "discovery": ["500ms", "0s", 10],
    "site": ["nowhere", 5],
    "user": ["nobody-here", "Big", None],
    "flow": ["no-such-flow"],
    "pattern": ["(", "a,b", "^a", ""],
    "tuning": [[], {"topics": "x"}, {"a": []}, {"a": None}],
    "config": [[], {"a": {}}, {"a": float("inf")}],
    "access": [{}, "all"],
    "topics": [[], "items", ["a b"], [{"patern": "x"}], [5]],
    "groups": ["some", [], ["a b"], 5],
    "topicsExclude": ["x", ["x"], [{"pattern": "["}]],
    "replicatedUsers": ["x", [["x"]], ["nobody-here"]],
    "sites": [[], ["nowhere"], "dev"],
}
_REQUIRED = {
    "access.flow",
    "access.role",
    "access.topics",
    "access.transactionalIds",
    "acls.operations",
    "acls.resource",
    "resource.type",
    "resource.name",
    "consumer.groups",
    "kafka.listeners",
    "kafka.name",
    "jvm.heap",
    "kubernetes.context",
    "kubernetes.namespace",
    "licence.accept",
    "licence.id",
    "licence.use",
    "listeners.name",
    "listeners.port",
    "listeners.type",
    "names.resource",
    "source.site",
    "source.user",
    "target.site",
    "target.user",
    "tracing.endpoint",
    "topics.pattern",
    *(f"flows.{key}" for key in ("source", "target", "naming", "topics")),
    "sites.kubernetes",
    "sites.stack",
    "sites.kafka",
    "topics.sites",
    "users.sites",
}
"""Keys that have no default, each with what holds it."""
_GIVEN_NAMES = {"sites", "topics", "users", "flows"}


def places(value: Any, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every place of a configuration and what is there."""
    yield at, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*at, index))


def replaced(configuration: Configuration, at: Place, value: Any) -> Configuration:
    """Return the configuration with another value at one place."""
    changed: Any = copy.deepcopy(configuration)
    place = changed
    for part in at[:-1]:
        place = place[part]
    place[at[-1]] = value
    return changed  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Broken:
    """A stack with one field broken, and where."""

    stack: Stack
    where: str


@st.composite
def broken_stacks(draw: st.DrawFn) -> Broken:
    """Draw a stack that would be valid, but for one field."""
    stack = draw(stacks(least_flows=1))
    at, break_it = draw(st.sampled_from(_breakages(stack.configuration)))
    return Broken(Stack(break_it(stack.configuration), stack.elsewhere), path(*at))


def _breakages(
    configuration: Configuration,
) -> list[tuple[Place, Callable[[Configuration], Configuration]]]:
    found: list[tuple[Place, Callable[[Configuration], Configuration]]] = []
    for at, value in places(configuration):
        found += [(at, partial(replaced, at=at, value=bad)) for bad in _of_another_type(at, value)]
        if _is_field(at):
            found += [
                (at, partial(replaced, at=at, value=bad))
                for bad in _BROKEN.get(str(at[-1]), ())
                if not _is_fine(at, bad)
            ]
            if _is_required(at):
                found.append((at, partial(without, at=at)))
        if isinstance(value, dict) and _is_model(at):
            where = (*at, "unknownKey")
            found.append((where, partial(replaced, at=where, value=1)))
    return found


_OTHERS: dict[type, list[Any]] = {
    dict: ["x", 7, [], True, None],
    list: ["x", 7, True, {"a": 1}, None],
    bool: ["yes", 1, [], {"a": 1}, None],
    float: ["3", True, [3], {"a": 1}],
    int: ["3", 2.5, True, [3], {"a": 1}],
    str: [7, 1.5, True, ["x"], {"a": 1}],
}
"""For each type, values of other types that may not stand in its place, whatever they say."""


def _of_another_type(at: Place, value: Any) -> list[Any]:
    if not at or at[-2:-1] in {("config",), ("tuning",)}:
        return [[], None] if at else []
    if isinstance(value, dict) and "pattern" in value:
        return [7, [], True]  # a name may stand where a pattern does
    if isinstance(value, dict) and at[-1] in {"metrics", "tracing"}:
        return ["x", 7, []]  # a claim says the same in short
    if at[-1] == "licence":
        return ["x", 7, [], True]  # that there is none is told of the operator
    if at[-1] == "cpu":
        return [True, ["x"], {"a": 1}]  # a number is a share of processors too
    return _OTHERS[type(value)]


def _is_field(at: Place) -> bool:
    """Whether a place is a field of a model, not a name that a user chose."""
    return len(at) > 2 and at[-2] not in {"config", "tuning"}


def _is_required(at: Place) -> bool:
    """Whether a key may not be left out; what holds it is a model, or an entry of a section or a list."""
    holder = at[0] if len(at) == 3 else next(one for one in at[-2::-1] if isinstance(one, str))
    return f"{holder}.{at[-1]}" in _REQUIRED


def _is_model(at: Place) -> bool:
    is_section = len(at) == 1 and at[0] in _GIVEN_NAMES
    return not is_section and not (len(at) > 2 and at[-1] in {"config", "tuning"})


def _is_fine(at: Place, value: Any) -> bool:
    """Whether a value that breaks most fields of a name is right in this one."""
    no_groups = at[-1] == "groups" and value == []
    is_address = at[-1] == "host" and "acls" not in at and isinstance(value, str)
    for_nobody = at[-1] == "offsetSyncsFor" and value == []
    default_copies = at[0] == "topics" and at[-1] == "replicas" and value is None
    return no_groups or default_copies or is_address or for_nobody


def without(configuration: Configuration, at: Place) -> Configuration:
    """Return the configuration without one key."""
    parent = configuration
    for part in at[:-1]:
        parent = parent[part]  # type: ignore[index]
    return replaced(
        configuration, at[:-1], {key: one for key, one in parent.items() if key != at[-1]}
    )
