"""Everything that is wrong with a configuration is told at once, each in one line."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_mirror.errors import ConfigurationError
from kafka_mirror.topology import Topology, load
from tests.strategies import places, replaced
from tests.topology.configurations import changed, problems_of, site, two_sites

FLOW = ("flows", "dev-to-stg")
DEV = ("sites", "dev")
KAFKA = (*DEV, "kafka")
OUTSIDE = (*KAFKA, "listeners", 1)
FLOW_KEYS = (
    "groups, groupsExclude, names, naming, objectives, replicas, replicatedUsers, source, state, "
    "target, tasks, topics, topicsExclude, tuning"
)
PATTERN_PARTS = (
    "A pattern is made of characters, dots, classes, groups, | and the counts *, +, ? and {n}; to leave "
    "names out there are excludes"
)
DURATION = "is not a duration. Write a whole number and a unit (ms, s, m, h or d), for example 15s"
SIZE = "is not a size. Write a Kubernetes quantity, for example 20Gi or 500Mi"
LABEL = "lower-case letters, digits and hyphens, no hyphen first or last"


def test_the_two_sites_are_right() -> None:
    assert problems_of(two_sites()) == []


def test_nothing_at_all_is_an_empty_topology() -> None:
    assert load({}) == Topology()


@pytest.mark.parametrize(
    ("at", "value", "problem"),
    [
        pytest.param(
            ("flow",),
            {},
            "flow: unknown key 'flow'. Allowed: flows, sites, topics, users. Did you mean 'flows'?",
            id="at the top",
        ),
        pytest.param(
            (*DEV, "regoin"),
            "eu",
            "sites.dev.regoin: unknown key 'regoin'. Allowed here: kafka, kubernetes, operator, production.",
            id="of a site",
        ),
        pytest.param(
            (*DEV, "kubernetes", "ctx"),
            "x",
            "sites.dev.kubernetes.ctx: unknown key 'ctx'. "
            "Allowed here: context, createNamespace, namespace. Did you mean 'context'?",
            id="of a place",
        ),
        pytest.param(
            (*DEV, "operator"),
            {"kind": "strimzi"},
            "sites.dev.operator.kind: unknown key 'kind'. Allowed here: api, type.",
            id="of an operator",
        ),
        pytest.param(
            (*KAFKA, "replicas"),
            3,
            "sites.dev.kafka.replicas: unknown key 'replicas'. "
            "Allowed here: authentication, config, listeners, name, nodes, version.",
            id="of a Kafka",
        ),
        pytest.param(
            (*KAFKA, "nodes", "replica"),
            3,
            "sites.dev.kafka.nodes.replica: unknown key 'replica'. "
            "Allowed here: replicas, storage, storageClass. Did you mean 'replicas'?",
            id="of nodes",
        ),
        pytest.param(
            (*OUTSIDE, "prot"),
            9094,
            "sites.dev.kafka.listeners[1].prot: unknown key 'prot'. "
            "Allowed here: brokerHost, host, name, port, tls, type. Did you mean 'port'?",
            id="of a listener",
        ),
        pytest.param(
            ("topics", "items", "partition"),
            3,
            "topics.items.partition: unknown key 'partition'. "
            "Allowed here: config, partitions, replicas, sites. Did you mean 'partitions'?",
            id="of a topic",
        ),
        pytest.param(
            ("users", "reader", "acces"),
            [],
            "users.reader.acces: unknown key 'acces'. "
            "Allowed here: access, generation, password, shared, sites. Did you mean 'access'?",
            id="of a user",
        ),
        pytest.param(
            ("users", "writer", "access", 0, "groups"),
            "all",
            "users.writer.access[0].groups: unknown key 'groups'. Allowed here: flow, role.",
            id="of a role, which has keys of its own",
        ),
        pytest.param(
            (*FLOW, "nameing"),
            "identity",
            f"flows[\"dev-to-stg\"].nameing: unknown key 'nameing'. Allowed here: {FLOW_KEYS}. "
            "Did you mean 'naming'?",
            id="of a flow",
        ),
        pytest.param(
            (*FLOW, "source", "sites"),
            ["dev"],
            "flows[\"dev-to-stg\"].source.sites: unknown key 'sites'. "
            "Allowed here: listener, site, user. Did you mean 'site'?",
            id="of an end",
        ),
        pytest.param(
            (*FLOW, "objectives"),
            {"window": "5s"},
            "flows[\"dev-to-stg\"].objectives.window: unknown key 'window'. "
            "Allowed here: discovery, duplicateWindow.",
            id="of objectives",
        ),
        pytest.param(
            (*FLOW, "topics"),
            {"pattern": "a", "flags": "i"},
            "flows[\"dev-to-stg\"].topics.flags: unknown key 'flags'. Allowed here: pattern.",
            id="of a pattern",
        ),
        pytest.param(
            (*FLOW, "groups"),
            [{"patern": "a"}],
            "flows[\"dev-to-stg\"].groups[0].patern: unknown key 'patern'. Allowed here: pattern. "
            "Did you mean 'pattern'?",
            id="misspelt, and not called missing as well",
        ),
        pytest.param(
            ('a"b\\c\nd',),
            1,
            '["a\\"b\\\\c\\nd"]: unknown key \'a"b\\\\c\\nd\'. Allowed: flows, sites, topics, users.',
            id="with signs that a path has to escape",
        ),
    ],
)
def test_an_unknown_key_is_told_with_those_there_are(
    at: tuple[str | int, ...], value: Any, problem: str
) -> None:
    assert problems_of(changed(two_sites(), *at, to=value)) == [problem]


@pytest.mark.parametrize(
    ("at", "value", "problem"),
    [
        pytest.param(
            (*FLOW, "source", "site"),
            "dve",
            "flows[\"dev-to-stg\"].source.site: no site 'dve' (has dev, stg). Did you mean 'dev'?",
            id="a missing site",
        ),
        pytest.param(
            ("users", "reader", "sites"),
            ["prod"],
            "users.reader.sites[0]: no site 'prod' (has dev, stg).",
            id="a missing site of a user",
        ),
        pytest.param(
            ("topics", "items", "sites"),
            ["dev", "dev"],
            "topics.items.sites[1]: site 'dev' stands here twice",
            id="a site twice",
        ),
        pytest.param(
            (*FLOW, "source", "user"),
            "writer",
            "flows[\"dev-to-stg\"].source.user: site 'dev' has no user 'writer' "
            "(has consumer, producer, reader). It exists on stg.",
            id="a user on another site",
        ),
        pytest.param(
            (*FLOW, "source", "user"),
            "raeder",
            "flows[\"dev-to-stg\"].source.user: site 'dev' has no user 'raeder' "
            "(has consumer, producer, reader). Did you mean 'reader'?",
            id="a misspelt user",
        ),
        pytest.param(
            (*FLOW, "replicatedUsers"),
            ["producer", "producer"],
            "flows[\"dev-to-stg\"].replicatedUsers[1]: user 'producer' stands here twice",
            id="a replicated user twice",
        ),
        pytest.param(
            ("users", "writer", "access", 0, "flow"),
            "dev-to-stage",
            "users.writer.access[0].flow: no flow 'dev-to-stage' (has dev-to-stg). "
            "Did you mean 'dev-to-stg'?",
            id="a missing flow",
        ),
        pytest.param(
            ("users", "reader", "access", 1),
            {"role": "mirror-target", "flow": "dev-to-stg"},
            "users.reader.access[1].flow: flow 'dev-to-stg' writes to site 'stg', where this user does "
            "not exist (it exists on dev)",
            id="a role at a site where the user is not",
        ),
        pytest.param(
            (*FLOW, "target", "site"),
            "dev",
            "flows[\"dev-to-stg\"].target.site: source and target are both 'dev': records would be "
            "copied onto themselves",
            id="source and target the same",
        ),
        pytest.param(
            (*FLOW, "source", "listener"),
            "externl",
            "flows[\"dev-to-stg\"].source.listener: site 'dev' has no listener 'externl' "
            "(has external, tls). Did you mean 'external'?",
            id="a missing listener",
        ),
    ],
)
def test_a_name_that_leads_nowhere_is_told_with_those_there_are(
    at: tuple[str | int, ...], value: Any, problem: str
) -> None:
    assert problems_of(changed(two_sites(), *at, to=value)) == [problem]


@pytest.mark.parametrize(
    ("at", "value", "problem"),
    [
        pytest.param(
            (*FLOW, "objectives"),
            {"duplicateWindow": "15 sec"},
            f"flows[\"dev-to-stg\"].objectives.duplicateWindow: '15 sec' {DURATION}",
            id="duration in words",
        ),
        pytest.param(
            (*FLOW, "objectives"),
            {"duplicateWindow": 15},
            f'flows["dev-to-stg"].objectives.duplicateWindow: 15 {DURATION}',
            id="duration without unit",
        ),
        pytest.param(
            (*FLOW, "objectives"),
            {"duplicateWindow": "99999999999d"},
            f"flows[\"dev-to-stg\"].objectives.duplicateWindow: '99999999999d' {DURATION}",
            id="duration beyond all measure",
        ),
        pytest.param(
            (*FLOW, "objectives"),
            {"discovery": "1500ms"},
            'flows["dev-to-stg"].objectives.discovery: found 1500ms; the connectors take whole seconds, '
            "one at least",
            id="discovery in fractions of a second",
        ),
        pytest.param(
            (*KAFKA, "nodes", "storage"),
            "20 GB",
            f"sites.dev.kafka.nodes.storage: '20 GB' {SIZE}",
            id="quantity in words",
        ),
        pytest.param(
            (*KAFKA, "nodes", "storage"),
            "0Gi",
            f"sites.dev.kafka.nodes.storage: '0Gi' {SIZE}",
            id="quantity of nothing",
        ),
        pytest.param(
            (*FLOW, "topics"),
            [{"pattern": "inv-(.*"}],
            "flows[\"dev-to-stg\"].topics[0].pattern: 'inv-(.*' does not compile: missing ), "
            "unterminated subpattern at position 4",
            id="pattern that does not compile",
        ),
        pytest.param(
            (*FLOW, "topics"),
            [{"pattern": "a, b"}],
            "flows[\"dev-to-stg\"].topics[0].pattern: 'a, b' holds a comma, at which MirrorMaker would "
            "split it into two patterns",
            id="pattern with a comma",
        ),
        pytest.param(
            (*FLOW, "topics"),
            [{"pattern": "^a$"}],
            "flows[\"dev-to-stg\"].topics[0].pattern: '^a$' holds '^'; leave it out, a whole name is "
            "matched anyway",
            id="pattern with anchors",
        ),
        pytest.param(
            (*FLOW, "groups"),
            {"pattern": "(?i)a"},
            "flows[\"dev-to-stg\"].groups.pattern: '(?i)a' holds '(?i)' at position 0, which cannot be "
            f"checked for overlaps. {PATTERN_PARTS}",
            id="pattern with flags",
        ),
        pytest.param(
            (*FLOW, "topics"),
            ["inv-.*"],
            "flows[\"dev-to-stg\"].topics[0]: 'inv-.*' is a literal name here and cannot hold '*'. "
            'For a pattern write {pattern: "inv-.*"}',
            id="literal that looks like a pattern",
        ),
        pytest.param(
            (*FLOW, "topics"),
            ["items, store"],
            "flows[\"dev-to-stg\"].topics[0]: 'items, store' is a literal name here and cannot hold "
            "','. Write several names as a list",
            id="list in one text",
        ),
        pytest.param(
            (*FLOW, "topics"),
            ["*" * 300],
            f"flows[\"dev-to-stg\"].topics[0]: '{'*' * 80}'… (300 characters) is a literal name here "
            "and cannot hold '*'. For a pattern write {pattern: …}",
            id="long literal that looks like a pattern",
        ),
        pytest.param(
            (*FLOW, "topics"),
            [".."],
            "flows[\"dev-to-stg\"].topics[0]: '..' cannot be a topic: 1 to 249 characters, not . or ..",
            id="topic called two dots",
        ),
        pytest.param(
            (*FLOW, "topics"),
            [5],
            'flows["dev-to-stg"].topics[0]: 5 cannot be a topic; write its name, or {pattern: …}',
            id="number as topic",
        ),
        pytest.param(
            (*FLOW, "topics"),
            "items",
            "flows[\"dev-to-stg\"].topics: found 'items', must be a list",
            id="text for a list",
        ),
        pytest.param(
            (*FLOW, "topics"),
            [],
            'flows["dev-to-stg"].topics: needs at least one entry',
            id="no topics",
        ),
        pytest.param(
            (*FLOW, "groups"),
            [],
            'flows["dev-to-stg"].groups: needs at least one entry; leave it out for all groups',
            id="no groups",
        ),
        pytest.param(
            (*FLOW, "groups"),
            "some",
            "flows[\"dev-to-stg\"].groups: 'some' is no choice of groups. "
            "Write all, a list, or {pattern: …}",
            id="text for groups",
        ),
        pytest.param(
            (*FLOW, "groups"),
            ["a b"],
            "flows[\"dev-to-stg\"].groups[0]: 'a b' cannot be a name here: no blanks, commas or *, "
            "at most 255 characters",
            id="group with a blank",
        ),
        pytest.param(
            (*FLOW, "naming"),
            "both",
            "flows[\"dev-to-stg\"].naming: found 'both', allowed: 'identity' or 'prefix'",
            id="unknown choice",
        ),
        pytest.param(
            (*FLOW, "names"),
            {"group": "g", "configTopic": "a", "offsetTopic": "a", "statusTopic": "b"},
            'flows["dev-to-stg"].names: found a, a, b: the worker needs three different topics',
            id="one storage topic for two purposes",
        ),
        pytest.param(
            (*FLOW, "tuning"),
            {"a": [1]},
            'flows["dev-to-stg"].tuning.a: a Kafka setting is one text, number or truth value; write a '
            "list as comma-separated text",
            id="list as a setting",
        ),
        pytest.param(
            (*FLOW, "tuning"),
            {"a": float("inf")},
            'flows["dev-to-stg"].tuning.a: inf is no number that JSON or Kafka can hold',
            id="infinite setting",
        ),
        pytest.param(
            ("users", "reader", "access", 0, "role"),
            "mirror-sorce",
            "users.reader.access[0].role: found 'mirror-sorce', allowed: "
            "'producer', 'consumer', 'mirror-source', 'mirror-target'",
            id="unknown role",
        ),
        pytest.param(
            ("users", "reader", "access", 0),
            {"topics": ["items"]},
            "users.reader.access[0].role: is missing and has no default",
            id="missing role",
        ),
        pytest.param(
            ("users", "reader", "access", 0),
            "producer",
            "users.reader.access[0]: found 'producer', must be a map",
            id="text for a role",
        ),
        pytest.param(
            ("users", "reader", "password"),
            "hunter2",
            "users.reader.password: found another value, allowed: 'generated'",
            id="password that somebody wrote down, which is not repeated",
        ),
        pytest.param(
            ("sites", "Dev"),
            {"stack": "dev"},
            f"sites.Dev: 'Dev' cannot be a name here: {LABEL}, at most 63 characters",
            id="site in capitals",
        ),
        pytest.param(
            ("users", "a..b"),
            {"sites": ["dev"]},
            f"users[\"a..b\"]: 'a..b' cannot be a name here: {LABEL}, parts joined by dots, "
            "at most 63 characters",
            id="user with an empty part",
        ),
        pytest.param(
            (*KAFKA, "name"),
            "k" * 36,
            f"sites.dev.kafka.name: '{'k' * 36}' cannot be a name here: {LABEL}, a letter first, "
            "at most 35 characters",
            id="Kafka whose Services would have too long names",
        ),
        pytest.param(
            DEV,
            {"kafak": {}},
            "sites.dev: a site has either kafka (this stack makes it) or stack (another stack owns it); "
            "found neither (has kafak)",
            id="site of no kind",
        ),
        pytest.param(
            DEV,
            {"kafka": {}, "stack": "dev"},
            "sites.dev: a site has either kafka (this stack makes it) or stack (another stack owns it); "
            "found both",
            id="site of two kinds",
        ),
        pytest.param(
            DEV,
            None,
            "sites.dev: must be a map; see the configuration reference",
            id="site that is nothing",
        ),
        pytest.param(
            (*KAFKA, "version"),
            4.3,
            "sites.dev.kafka.version: found 4.3. It should be a valid string",
            id="version that YAML reads as a number",
        ),
        pytest.param(
            (*KAFKA, "listeners"),
            [],
            "sites.dev.kafka.listeners: needs at least one entry",
            id="no listeners",
        ),
        pytest.param(
            (*OUTSIDE, "name"),
            "tls",
            "sites.dev.kafka.listeners: two listeners have the name 'tls'; each needs its own",
            id="listeners of one name",
        ),
        pytest.param(
            (*OUTSIDE, "port"),
            9093,
            "sites.dev.kafka.listeners: two listeners have the port 9093; each needs its own",
            id="listeners of one port",
        ),
        pytest.param(
            (*OUTSIDE, "port"),
            9404,
            "sites.dev.kafka.listeners[1].port: port 9404 belongs to the operator's metrics; take another",
            id="port of the operator",
        ),
        pytest.param(
            (*OUTSIDE, "port"),
            80,
            "sites.dev.kafka.listeners[1].port: found 80, the least is 9092",
            id="low port",
        ),
        pytest.param(
            (*OUTSIDE, "port"),
            70_000,
            "sites.dev.kafka.listeners[1].port: found 70000, the most is 65535",
            id="high port",
        ),
        pytest.param(
            (*OUTSIDE, "tls"),
            False,
            "sites.dev.kafka.listeners[1].tls: a listener of type route needs TLS: its router tells "
            "connections apart by the name that TLS carries. Leave tls out",
            id="route without TLS",
        ),
        pytest.param(
            (*OUTSIDE, "type"),
            "ingress",
            "sites.dev.kafka.listeners[1]: a listener of type ingress needs host and brokerHost, for "
            "example kafka.example.com and kafka-{nodeId}.example.com",
            id="ingress without hosts",
        ),
        pytest.param(
            (*KAFKA, "listeners", 0, "host"),
            "kafka.example.com",
            "sites.dev.kafka.listeners[0]: a listener of type internal has no host and no brokerHost",
            id="host of an internal listener",
        ),
        pytest.param(
            (*OUTSIDE, "name"),
            "External",
            "sites.dev.kafka.listeners[1].name: found 'External', allowed is what matches ^[a-z0-9]{1,11}$",
            id="listener in capitals",
        ),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(
    at: tuple[str | int, ...], value: Any, problem: str
) -> None:
    assert problems_of(changed(two_sites(), *at, to=value)) == [problem]


def test_a_target_that_another_stack_owns_is_refused_with_everything_declared_there() -> None:
    assert problems_of(changed(two_sites(), "sites", "stg", to={"stack": "stg"})) == [
        "users.writer.sites[0]: site 'stg' is owned by stack 'stg': declare the user there",
        (
            "flows[\"dev-to-stg\"].target.site: site 'stg' is owned by stack 'stg': a flow is declared in "
            "the stack that owns its target"
        ),
    ]


@pytest.mark.parametrize("value", [[], None, "x", 5])
def test_a_section_that_is_no_map_is_told_once(value: Any) -> None:
    assert problems_of(changed(two_sites(), "sites", to=value)) == [
        "sites: must be a map from names to what they mean"
    ]


def test_every_problem_is_told_at_once_in_file_order() -> None:
    configuration = {
        "flows": changed(two_sites(), *FLOW, "naming", to="both")["flows"],
        "typo": 1,
        "users": {"reader": {"sites": ["prod"], "generation": 0}},
        "topics": {"b": {"sites": ["dev"], "partitions": 0}, "a": {"sites": ["prod"]}},
        "sites": {"stg": site("stg"), "dev": changed(site("dev"), "kafka", "name", to="K")},
    }

    assert [problem.partition(": ")[0] for problem in problems_of(configuration)] == [
        'flows["dev-to-stg"].naming',
        "typo",
        "users.reader.generation",
        "topics.b.partitions",
        "topics.a.sites[0]",
        "sites.dev.kafka.name",
    ]


def test_names_that_are_no_texts_are_refused() -> None:
    label = f"{LABEL}, at most 63 characters"
    assert problems_of({None: 1, "users": {123: {"sites": [1]}}}) == [
        "None: unknown key 'None'. Allowed: flows, sites, topics, users.",
        f'users["123"]: 123 cannot be a name here: {LABEL}, parts joined by dots, at most 63 characters',
        f'users["123"].sites[0]: 1 cannot be a name here: {label}',
    ]


def test_no_message_repeats_a_text_without_end() -> None:
    huge = "x" * 1_000_000
    configuration = {huge: 1, "sites": {huge: huge}, "topics": {"t": {"sites": [huge], huge: huge}}}

    assert all(len(problem) < 1_000 for problem in problems_of(configuration))


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["all", "dev", "stack", "kafka", "pattern", "producer", "99999999999d", "("]),
)
KEYS = st.one_of(
    st.text(max_size=3),
    st.sampled_from(
        [*two_sites(), "kafka", "stack", "access", "role", "pattern", "site", "config"]
    ),
)
GARBAGE = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(KEYS | LEAVES, inner, max_size=4)
    ),
    max_leaves=20,
)
PLACES = [at for at, _ in places(two_sites()) if at]


def is_loaded_or_refused(configuration: Any) -> bool:
    try:
        load(copy.deepcopy(configuration))
    except ConfigurationError as error:
        return bool(error.problems) and "\n" not in "".join(map(str, error.problems))
    return True


@given(configuration=st.dictionaries(KEYS | LEAVES, GARBAGE, max_size=4))
def test_anything_at_all_is_loaded_or_refused(configuration: Any) -> None:
    assert is_loaded_or_refused(configuration)


@given(at=st.sampled_from(PLACES), value=GARBAGE)
def test_anything_in_any_place_is_loaded_or_refused(at: tuple[str | int, ...], value: Any) -> None:
    assert is_loaded_or_refused(replaced(two_sites(), at, value))
