"""No dialect drops a field in silence: whatever is changed in a plan changes what is rendered, or is refused by name.

The plans are changed field by field, as their types allow, so that a new field is found here before anybody misses it.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from kafka_mirror import manifests
from kafka_mirror.errors import DialectError
from kafka_mirror.manifests import Dialect
from kafka_mirror.planning import FlowPlan, Plan, SitePlan
from kafka_mirror.topology import Operator, SiteName
from kafka_mirror.topology.metrics import ExporterRules, FlowMetrics
from kafka_mirror.topology.workers import Amounts, Resources
from kafka_mirror.topology.written import Written
from tests.manifests.flows import (
    EVENT_STREAMS_12,
    EVENT_STREAMS_13,
    OLD_STRIMZI,
    ends,
    served_by,
    served_flow,
)
from tests.planning.plans import planned
from tests.topology.configurations import Configuration, changed, two_sites

Path = tuple[str, ...]
REFUSED = "refused: "

OPERATORS = {
    Dialect.STRIMZI_V1: {"type": "strimzi", "api": "v1"},
    Dialect.STRIMZI_V1BETA2: OLD_STRIMZI,
    Dialect.EVENT_STREAMS_V1: EVENT_STREAMS_13,
    Dialect.EVENT_STREAMS_V1BETA2: EVENT_STREAMS_12,
}
OF_THE_FLOW_ELSEWHERE: dict[Path, str] = {
    ("name",): "names the flow in the configuration; the cluster knows names.resource",
    ("duplicate_window",): "the objective of which the intervals are made",
    ("place", "context"): "the provider, which a component makes",
    ("place", "create_namespace"): "an object of its own, which a component makes",
    ("place", "site"): "chooses the Secrets, which are passed on",
    ("place", "operator"): "is the dialect",
    ("own_topics", "checkpoints"): "follows from the sites' names; rights are planned by it",
    ("own_topics", "offset_syncs"): "the same",
    ("replicated_users",): "objects of their own, tested as those of a site",
    **{
        (end, *rest): why
        for end in ("source", "target")
        for rest, why in {
            ("user",): "the login says as whom",
            ("kafka",): "the trust says which Secret holds its certificates",
            ("asks",): "is for the owner of the site, whom `plan` tells",
            ("trust", "is_made"): "whether a component makes the Secret",
            ("login", "password", "is_made"): "the same",
        }.items()
    },
    ("source", "listener"): "chooses the address, which is known when it is rendered",
    ("target", "listener"): "the same",
    **{
        ("intervals", one, "because"): "the reason, which `plan` shows"
        for one in ("flush", "checkpoint", "sync", "discovery")
    },
}
"""Fields of a flow's plan that are said to somebody else, and to whom."""

OF_THE_FLOW_OUTSIDE = {
    **{
        (end, *rest): "a worker outside has files of its own"
        for end in ("source", "target")
        for rest in (
            ("trust", "secret"),
            ("trust", "key"),
            ("login", "password", "secret"),
            ("login", "password", "key"),
        )
    },
    ("place", "namespace"): "it runs where it is started",
    ("workers", "collector"): "goes with tracing, which is refused",
}
CONFIGURED_AS = {"heap": "jvm", "is_traced": "tracing", "transactions": "exactlyOnce"}
"""Where a choice about the workers stands in a flow, if not under its own name."""

CHOSEN: dict[type, Written] = {
    Resources: Resources(limits=Amounts(memory="1Gi")),
    FlowMetrics: FlowMetrics(),
    ExporterRules: ExporterRules(config_map="theirs", key="rules.yaml"),
}
"""What stands for a choice that was not made."""

EVERY_CHOICE = {
    "resources": {
        "requests": {"cpu": "500m", "memory": "1Gi"},
        "limits": {"cpu": "2", "memory": "2Gi"},
    },
    "jvm": {"heap": "512Mi"},
    "image": "registry.example.com/workers:7",
    "version": "4.3.1",
    "tracing": {"endpoint": "http://collector.tracing:4317"},
    "metrics": {"labels": {"release": "prometheus"}},
}

OF_THE_SITE_ELSEWHERE = {
    ("name",): "the alias in flows, and names in Pulumi",
    ("site", "kubernetes", "context"): "the provider, which a component makes",
    ("site", "kubernetes", "create_namespace"): "an object of its own, which a component makes",
    ("site", "operator"): "is the dialect",
    ("topics",): "objects of their own",
    ("users",): "objects of their own",
    ("heartbeats",): "objects of their own",
    ("site", "heartbeats"): "the same",
    ("site", "kafka", "adopt"): "whether a component makes it",
}


def fields(value: Any, at: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    """Yield every field of a plan that is no record itself: where, its type, and its value."""
    hints = get_type_hints(type(value))
    for name in _names(value):
        inner = getattr(value, name)
        if _names(inner):
            yield from fields(inner, (*at, name))
        else:
            yield (*at, name), hints[name], inner


def _names(value: Any) -> list[str]:
    if dataclasses.is_dataclass(value):
        return [one.name for one in dataclasses.fields(value)]
    return list(type(value).model_fields) if isinstance(value, BaseModel) else []


def replaced(value: Any, at: Path, to: Any) -> Any:
    """Return a plan with another value in one field."""
    first, *rest = at
    inner = replaced(getattr(value, first), tuple(rest), to) if rest else to
    if dataclasses.is_dataclass(value):
        return dataclasses.replace(value, **{first: inner})  # type: ignore[type-var]
    return value.model_copy(update={first: inner})


def others(hint: Any, value: Any) -> st.SearchStrategy[Any]:
    """Return other values that a field of this type may have."""
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        given = next(one for one in get_args(hint) if one is not type(None))
        return st.just(CHOSEN[given]) if given in CHOSEN else others(given, value)
    if origin is Literal:
        return st.sampled_from([one for one in get_args(hint) if one != value])
    found = {
        bool: lambda: st.just(not value),
        int: lambda: st.integers(1, 900).filter(lambda one: one != value),
        timedelta: lambda: st.integers(61, 900).map(lambda one: timedelta(seconds=one)),
        tuple: lambda: st.just((*value, r"other\.x")),
        dict: lambda: st.just({**(value or {}), "some.setting": 7}),
    }
    plain = origin or hint
    if plain in {Mapping, dict} or isinstance(value, Mapping):
        return found[dict]()
    if plain in found:
        return found[plain]()
    return st.from_regex(r"[a-z]{3,9}", fullmatch=True).filter(lambda one: one != value)


def flow_of(operator: Configuration, choices: Configuration | None = None) -> tuple[Plan, FlowPlan]:
    configuration = two_sites()
    configuration["flows"]["dev-to-stg"] |= choices or {}
    plan = planned(served_by(operator, configuration))
    return plan, plan.flows[0]


@cache
def operator_of(dialect: Dialect) -> Operator:
    plan, _ = flow_of(OPERATORS[dialect])
    return plan.sites[SiteName("stg")].site.operator


def said_of(dialect: Dialect, flow: FlowPlan) -> str:
    """Return what a dialect says of a flow."""
    if dialect is Dialect.PROPERTIES:
        return manifests.properties(flow, **ends(flow))
    if dialect is Dialect.CONNECT:
        return json.dumps(manifests.connect(flow, **ends(flow)))
    served = served_flow(flow, operator_of(dialect))
    resource = manifests.mirror_maker(
        served,
        source=manifests.source_connection(flow, "dev:9093"),
        target=manifests.target_connection(flow, "stg:9093"),
    )
    return json.dumps([*manifests.flow_monitoring(served), resource])


@pytest.mark.parametrize("dialect", Dialect)
@given(data=st.data())
@settings(max_examples=3)
def test_a_changed_field_of_a_flow_is_said_or_refused(
    dialect: Dialect, data: st.DataObject
) -> None:
    is_outside = dialect not in OPERATORS
    _, flow = flow_of(OPERATORS[Dialect.STRIMZI_V1], None if is_outside else EVERY_CHOICE)
    known = OF_THE_FLOW_ELSEWHERE | (OF_THE_FLOW_OUTSIDE if is_outside else {})
    before = said_of(dialect, flow)
    for at, hint, value in fields(flow):
        if any(at[: len(start)] == start for start in known):
            continue
        other = replaced(flow, at, data.draw(others(hint, value)))
        told = told_of(dialect, other)
        assert told != before, at
        if told.startswith(REFUSED):
            where = CONFIGURED_AS.get(at[-1], at[-1])
            assert told.startswith(f'{REFUSED}flows["dev-to-stg"].{where}')
            assert f": the dialect {dialect} cannot say " in told


def told_of(dialect: Dialect, flow: FlowPlan) -> str:
    try:
        return said_of(dialect, flow)
    except DialectError as error:
        return f"{REFUSED}{error}"


@pytest.mark.parametrize("dialect", OPERATORS)
@given(data=st.data())
@settings(max_examples=3)
def test_a_changed_field_of_a_site_is_said(dialect: Dialect, data: st.DataObject) -> None:
    site = site_of(dialect)
    unsaid = set(OF_THE_SITE_ELSEWHERE)
    if dialect.startswith("event-streams"):
        unsaid.add(("site", "kafka", "version"))  # refused by name, see broken/operators.yaml

    def said(plan: SitePlan) -> str:
        return json.dumps([manifests.kafka(plan), *manifests.kafka_node_pools(plan)])

    for at, hint, value in fields(site):
        if any(at[: len(start)] == start for start in unsaid):
            continue
        if at[-1] == "listeners":
            first = value[0].model_copy(update={"port": data.draw(others(int, value[0].port))})
            to: Any = (first, *value[1:])
        elif at[-1] == "authentication":
            to = "tls"
        else:
            to = data.draw(others(hint, value))
        assert said(replaced(site, at, to)) != said(site), at


def site_of(dialect: Dialect) -> SitePlan:
    configuration = two_sites()
    nodes = {"replicas": 3, "storage": "20Gi", "storageClass": "fast"}
    configuration = changed(configuration, "sites", "dev", "kafka", "nodes", to=nodes)
    return planned(served_by(OPERATORS[dialect], configuration)).sites[SiteName("dev")]


@pytest.mark.parametrize("dialect", OPERATORS)
@given(data=st.data())
@settings(max_examples=3)
def test_a_changed_field_of_a_topic_or_a_user_is_said(
    dialect: Dialect, data: st.DataObject
) -> None:
    site = site_of(dialect)
    place: dict[str, Any] = {"namespace": "n", "cluster": "k", "operator": site.site.operator}
    (topic,), user = site.topics, site.users[0]

    for at, hint, value in fields(topic):
        if at != ("replicas_declared",):  # whether Pulumi holds on to the number
            other = replaced(topic, at, data.draw(others(hint, value)))
            assert manifests.kafka_topic(other, **place) != manifests.kafka_topic(topic, **place), (
                at
            )
    for field, changed_user in (
        ("name", dataclasses.replace(user, name=data.draw(others(str, user.name)))),
        ("rights", dataclasses.replace(user, rights=user.rights[1:])),
    ):
        assert manifests.kafka_user(changed_user, **place) != manifests.kafka_user(user, **place), (
            field
        )


def test_what_is_said_elsewhere_is_there() -> None:
    plan, flow = flow_of(OPERATORS[Dialect.STRIMZI_V1])

    flow_fields = {at for at, _, _ in fields(flow)}
    site_fields = {at for at, _, _ in fields(plan.sites[SiteName("dev")])}
    for start in OF_THE_FLOW_ELSEWHERE:
        assert any(at[: len(start)] == start for at in flow_fields)
    for start in OF_THE_SITE_ELSEWHERE:
        assert any(at[: len(start)] == start for at in site_fields)
