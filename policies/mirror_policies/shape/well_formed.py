"""An object whose parts are of the wrong kind cannot be judged, and is said to be so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from mirror_policies.fields import Field
from mirror_policies.links import STRIMZI_REFERENCE
from mirror_policies.naming.heartbeats import CONNECTOR
from mirror_policies.objects import KubernetesObject
from mirror_policies.reading.kafka import EVENT_STREAMS, KAFKA, NODE_POOL, TOPIC
from mirror_policies.reading.mirror_maker import CONNECT, MIRROR_MAKER
from mirror_policies.reading.users import USER
from mirror_policies.rule import (
    Family,
    Level,
    ObjectRule,
    Remark,
    Settings,
    Severity,
    Undecided,
    Violation,
)

LONGEST: Final = 10_000
"""Characters of a text: no name, address, pattern or list of them is that long."""

OBJECT, LIST, TEXT = "an object", "a list", "a text"
ADDRESSES, NAME = "a list of host:port", "the name of an object"
COUNT, LISTENERS = "a whole number", "a list of listeners"
_REQUIRED: Final = frozenset({KAFKA, EVENT_STREAMS, NODE_POOL, MIRROR_MAKER, CONNECT, CONNECTOR})
"""Kinds that mean nothing without a spec."""

_ADDRESS: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9_+.-]*://)?[A-Za-z0-9.\-\[\]:_]+:[0-9]{1,5}")
_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


def _below(path: str, shapes: Mapping[str, str]) -> dict[str, str]:
    return {f"{path}.{key}" if key else path: shape for key, shape in shapes.items()}


_END: Final = {
    "bootstrapServers": ADDRESSES,
    "alias": TEXT,
    "config": OBJECT,
    "tls.trustedCertificates.[]": OBJECT,
    "authentication": OBJECT,
    "authentication.passwordSecret": OBJECT,
    "authentication.certificateAndKey": OBJECT,
    "authentication.passwordSecret.secretName": NAME,
    "authentication.certificateAndKey.secretName": NAME,
    "tls.trustedCertificates.[].secretName": NAME,
}
_CONNECTOR: Final = {"": OBJECT, "config": OBJECT, "autoRestart": OBJECT, "tasksMax": COUNT}
_TEMPLATE: Final = {
    "template": OBJECT,
    "template.connectContainer": OBJECT,
    "template.connectContainer.env": LIST,
    "template.connectContainer.env.[]": OBJECT,
}
_BROKERS: Final = {
    "": OBJECT,
    "config": OBJECT,
    "authorization": OBJECT,
    "listeners": LISTENERS,
    "listeners.[]": OBJECT,
    "listeners.[].authentication": OBJECT,
}
_OPERATORS: Final = {
    "entityOperator": OBJECT,
    "entityOperator.topicOperator": OBJECT,
    "entityOperator.userOperator": OBJECT,
}
_POOL: Final = {
    "replicas": COUNT,
    "roles": LIST,
    "storage": OBJECT,
    "storage.volumes": LIST,
    "storage.volumes.[]": OBJECT,
}
_ABOUT: Final = {"metadata": OBJECT, "metadata.labels": OBJECT, "metadata.annotations": OBJECT}
_MIRROR: Final = {
    "": OBJECT,
    **{
        f"{connector}{'.' + key if key else ''}": shape
        for connector in ("sourceConnector", "checkpointConnector", "heartbeatConnector")
        for key, shape in _CONNECTOR.items()
    },
    "source": OBJECT,
    **{f"source.{key}": shape for key, shape in _END.items()},
}
REQUIRED: Final = {
    MIRROR_MAKER: ("target", "mirrors.[].source", "clusters.[]"),
    CONNECT: ("",),
}
"""By kind: what connects to a cluster, which needs an address and, but for Connect, a name."""

SHAPES: Final = {
    MIRROR_MAKER: {
        "mirrors": LIST,
        **{f"mirrors.[]{'.' + key if key else ''}": shape for key, shape in _MIRROR.items()},
        "target": OBJECT,
        **{f"target.{key}": shape for key, shape in _END.items()},
        "clusters": LIST,
        "clusters.[]": OBJECT,
        **{f"clusters.[].{key}": shape for key, shape in _END.items()},
        "replicas": COUNT,
        **_TEMPLATE,
    },
    KAFKA: {**_below("kafka", _BROKERS), **_OPERATORS},
    EVENT_STREAMS: {
        "license": OBJECT,
        "strimziOverrides": OBJECT,
        **_below("strimziOverrides.kafka", _BROKERS),
        **_below("strimziOverrides", _OPERATORS),
        "strimziOverrides.nodePools": LIST,
        **_below("strimziOverrides.nodePools.[]", {"": OBJECT, **_POOL}),
    },
    NODE_POOL: _POOL,
    USER: {
        "authentication": OBJECT,
        "authentication.password.valueFrom.secretKeyRef": OBJECT,
        "authorization": OBJECT,
        "authorization.acls": LIST,
        "authorization.acls.[]": OBJECT,
        "authorization.acls.[].resource": OBJECT,
        "authorization.acls.[].operations": LIST,
        "authorization.acls.[].operations.[]": TEXT,
    },
    TOPIC: {"config": OBJECT, "partitions": COUNT, "replicas": COUNT},
    CONNECT: {**_END, **_TEMPLATE, "replicas": COUNT},
    CONNECTOR: {"config": OBJECT, "class": TEXT, "tasksMax": COUNT, "autoRestart": OBJECT},
}
"""What must stand at each place of a kind's spec, if anything does."""


def _judge(found: KubernetesObject, _settings: Settings) -> Iterator[Remark]:
    for path, shape in _ABOUT.items():
        for place in _at(found.root, path):
            yield from _judge_place(place, shape)
    spec = found["spec"]
    if spec.is_unknown:
        yield Undecided(spec, "what it holds can be judged once it is known")
    elif spec.is_absent:
        if found.kind in _REQUIRED:
            yield Violation(
                spec, f"the {found.kind} has no spec, so it asks for nothing. Write one"
            )
    elif not spec.is_mapping:
        given = spec.shown if spec.text is None else "a text"
        yield Violation(spec, f"spec is {given}, an object is needed. Write one")
    else:
        for path, shape in SHAPES.get(found.kind, {}).items():
            for place in _at(spec, path):
                yield from _judge_place(place, shape)
        yield from _judge_required(found, spec)


def _judge_required(found: KubernetesObject, spec: Field) -> Iterator[Remark]:
    needed = ("bootstrapServers",) if found.kind == CONNECT else ("alias", "bootstrapServers")
    for path in REQUIRED.get(found.kind, ()):
        for end in _at(spec, path) if path else (spec,):
            for key in needed if end.is_mapping else ():
                if end[key].is_absent:
                    yield Violation(
                        end[key],
                        f"there is no {key}: the object is refused, or connects to nothing. Write it",
                    )


def _judge_place(place: Field, shape: str) -> Iterator[Remark]:
    if place.is_absent:
        return
    if place.is_unknown:
        if shape in (OBJECT, LIST):
            yield Undecided(
                place.outermost_unknown, "nothing in it can be judged before it is known"
            )
        return
    if len(place.text or "") > LONGEST:
        yield Violation(place, f"it has more than {LONGEST:,} characters. Shorten it")
    elif not _FITS[shape](place):
        is_container = shape in (OBJECT, LIST, LISTENERS)
        # A credential may stand where its name belongs.
        is_hidden = is_container or "assword" in place.path
        given = "a text" if is_hidden and place.text is not None else place.shown
        said = "" if shape == COUNT else ": nothing in it can be judged"
        yield Violation(place, f"it is {given}, {shape} is needed{said}")


def _are_addresses(place: Field) -> bool:
    addresses = [one.strip() for one in (place.text or "").split(",") if one.strip()]
    return bool(addresses) and all(map(_ADDRESS.fullmatch, addresses))


_FITS: Final[Mapping[str, Callable[[Field], bool]]] = {
    OBJECT: lambda place: place.is_mapping,
    LIST: lambda place: place.is_list,
    LISTENERS: lambda place: place.is_list or place.is_mapping,  # Up to v1beta1 an object by name.
    COUNT: lambda place: place.integer is not None,
    ADDRESSES: _are_addresses,
    NAME: lambda place: _NAME.fullmatch(place.text or "") is not None,
    TEXT: lambda place: place.text is not None,
}


def _at(place: Field, path: str) -> Iterator[Field]:
    step, _, rest = path.partition(".")
    below = place.elements() if step == "[]" else (place[step],)
    for inside in below:
        if rest:
            yield from _at(inside, rest)
        else:
            yield inside


RULE: Final = ObjectRule(
    id="object-well-formed",
    title="Every part of an object is of the kind that operators read there",
    family=Family.SHAPE,
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    why=(
        "What is of the wrong kind is refused by the API server or read by nobody, and no other rule "
        "can judge what it was meant to say."
    ),
    fix="Correct the indentation or the type; `kubectl explain` tells what belongs there.",
    link=STRIMZI_REFERENCE,
    tags=("schema",),
    kinds=frozenset(SHAPES),
    check=_judge,
)
