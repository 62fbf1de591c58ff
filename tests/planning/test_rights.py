"""Rights behave as Kafka's authorizer reads them: nothing gained, nothing lost, nothing twice."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from kafka_mirror.planning.authorizer import merged, missing
from kafka_mirror.planning.flows import source_rights, target_rights
from kafka_mirror.planning.rights import Resource, Right
from kafka_mirror.planning.roles import rights_of
from kafka_mirror.planning.translation import translated
from kafka_mirror.topology import Access, FlowName, SiteName, load
from kafka_mirror.topology.acls import Operation
from tests.topology.configurations import changed, two_sites

OPERATIONS: tuple[Operation, ...] = (
    "Read",
    "Write",
    "Create",
    "Delete",
    "Alter",
    "Describe",
    "AlterConfigs",
    "DescribeConfigs",
)
NAMES = ["a", "ab", "abc", "b", "bc", "*a"]
access: TypeAdapter[Any] = TypeAdapter(Access)

resources = st.builds(
    Resource,
    st.sampled_from(["topic", "group"]),
    st.sampled_from(["a", "ab", "b"]),
    st.sampled_from(["literal", "prefix"]),
) | st.builds(Resource, st.sampled_from(["topic", "group"]), st.just("*"))
rights = st.lists(
    st.builds(
        Right,
        resources,
        st.lists(st.sampled_from(OPERATIONS), min_size=1, unique=True).map(tuple),
    ),
    max_size=5,
)


def allows(granted: Any, kind: str, name: str, operation: str) -> bool:
    """Decide as ``StandardAuthorizer`` does about one request."""
    enough = {operation}
    if operation == "Describe":
        enough |= {"Read", "Write", "Delete", "Alter"}
    if operation == "DescribeConfigs":
        enough |= {"AlterConfigs"}
    return any(
        enough & set(right.operations)
        and right.resource.type == kind
        and (
            name.startswith(right.resource.name)
            if right.resource.pattern_type == "prefix"
            else right.resource.name in {"*", name}
        )
        for right in granted
    )


def allowed(granted: Any) -> set[tuple[str, str, str]]:
    return {
        request
        for request in product(["topic", "group"], NAMES, OPERATIONS)
        if allows(granted, *request)
    }


@given(granted=rights)
def test_merging_changes_nothing_that_is_allowed(granted: list[Right]) -> None:
    assert allowed(merged(granted)) == allowed(granted)


@given(granted=rights)
def test_what_is_merged_is_sorted_and_holds_no_operation_too_many(granted: list[Right]) -> None:
    result = merged(granted)

    assert list(result) == sorted(result)
    assert len({right.resource for right in result}) == len(result)
    for right in result:
        assert list(right.operations) == sorted(right.operations)
        for operation in right.operations:
            fewer = [one for one in result if one != right]
            rest = tuple(one for one in right.operations if one != operation)
            assert allowed([*fewer, Right(right.resource, rest)]) != allowed(result)


@given(granted=rights)
def test_merging_twice_is_merging_once(granted: list[Right]) -> None:
    assert merged(merged(granted)) == merged(granted)
    assert merged(reversed(granted)) == merged(granted)


@given(needed=rights, granted=rights)
def test_what_is_missing_is_what_the_authorizer_would_refuse(
    needed: list[Right], granted: list[Right]
) -> None:
    lacking = missing(needed, granted)

    assert allowed([*granted, *lacking]) >= allowed(needed)
    for right in needed:
        if right.resource.pattern_type == "literal" and right.resource.name != "*":
            for operation in right.operations:
                is_lacking = any(
                    one.resource == right.resource and operation in one.operations
                    for one in lacking
                )
                granted_here = allows(granted, right.resource.type, right.resource.name, operation)
                assert is_lacking is not granted_here


@given(granted=rights)
def test_nothing_is_missing_of_what_is_granted(granted: list[Right]) -> None:
    assert missing(granted, merged(granted)) == ()


@pytest.mark.parametrize(
    ("right", "text"),
    [
        (Right(Resource("topic", "a"), ("Read",)), "Read on topic 'a'"),
        (
            Right(Resource("topic", "a", "prefix"), ("Read", "Write")),
            "Read, Write on every topic 'a…'",
        ),
        (Right(Resource("group", "*"), ("Describe",)), "Describe on every group"),
    ],
)
def test_a_right_is_told_in_words(right: Right, text: str) -> None:
    assert str(right) == text


def acls(*roles: dict[str, Any], source: str | None = None) -> list[str]:
    """Return the merged rights of roles, read at the target of a prefix flow if there is a source."""
    read = [access.validate_python(role) for role in roles]
    if source is not None:
        read = [there for role in read for there in translated(role, source=SiteName(source))]
    return [str(right) for right in merged(right for role in read for right in rights_of(role))]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        pytest.param(
            {"role": "producer", "topics": ["items", {"pattern": "inv-.*"}]},
            ["Write on every topic 'inv-…'", "Write on topic 'items'"],
            id="producer writes, and needs no right to be idempotent",
        ),
        pytest.param(
            {"role": "consumer", "topics": ["items"], "groups": ["app", {"pattern": "app-.*"}]},
            ["Read on group 'app'", "Read on every group 'app-…'", "Read on topic 'items'"],
            id="consumer reads and commits",
        ),
        pytest.param(
            {"role": "consumer", "topics": ["items"], "groups": []},
            ["Read on topic 'items'"],
            id="consumer that commits nowhere",
        ),
        pytest.param(
            {"role": "mirror-source", "topics": ["items"]},
            ["Describe on every group", "DescribeConfigs, Read on topic 'items'"],
            id="mirror source, without any right on the cluster",
        ),
        pytest.param(
            {
                "role": "mirror-source",
                "topics": {"pattern": r"(inv|ord)-.*|items"},
                "groups": ["g"],
            },
            [
                "Describe on group 'g'",
                "DescribeConfigs, Read on every topic 'inv-…'",
                "DescribeConfigs, Read on topic 'items'",
                "DescribeConfigs, Read on every topic 'ord-…'",
            ],
            id="pattern with alternatives",
        ),
        pytest.param(
            {"role": "mirror-target", "flow": "f"}, [], id="mirror target follows its flow"
        ),
    ],
)
def test_a_role_has_the_least_rights(role: dict[str, Any], expected: list[str]) -> None:
    assert acls(role) == expected


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        pytest.param(
            {"role": "consumer", "topics": ["items"], "groups": ["app"]},
            ["Read on group 'app'", "Read on topic 'dev.items'", "Read on topic 'items'"],
            id="reading",
        ),
        pytest.param(
            {"role": "consumer", "topics": {"pattern": "inv-.*|a"}, "groups": []},
            [
                "Read on topic 'a'",
                "Read on topic 'dev.a'",
                "Read on every topic 'dev.inv-…'",
                "Read on every topic 'inv-…'",
            ],
            id="reading by pattern",
        ),
        pytest.param(
            {"role": "consumer", "topics": ["y" * 249], "groups": []},
            [f"Read on topic '{'y' * 249}'"],
            id="reading a topic whose name is too long to arrive",
        ),
        pytest.param(
            {"role": "producer", "topics": ["items"]}, ["Write on topic 'items'"], id="writing"
        ),
    ],
)
def test_a_role_under_a_prefix_reads_what_arrives_and_writes_where_it_did(
    role: dict[str, Any], expected: list[str]
) -> None:
    assert acls(role, source="dev") == expected


def flow_rights(**changes: Any) -> list[str]:
    configuration = two_sites()
    for key, value in changes.items():
        configuration = changed(configuration, "flows", "dev-to-stg", key, to=value)
    flow = load(configuration).flows[FlowName("dev-to-stg")]
    return [
        *map(str, source_rights(flow)),
        "--",
        *map(str, target_rights(FlowName("dev-to-stg"), flow)),
    ]


WORKER = [
    "Create, Read, Write on topic '__mm2-dev-to-stg-configs'",
    "Create, Read, Write on topic '__mm2-dev-to-stg-offsets'",
    "Create, Read, Write on topic '__mm2-dev-to-stg-status'",
    "Create, Read, Write on topic 'dev.checkpoints.internal'",
]
SYNCS = "Create, Read, Write on topic 'mm2-offset-syncs.dev.internal'"


def test_a_flow_needs_the_set_that_was_measured() -> None:
    assert flow_rights(groups=["app"]) == [
        "Read, DescribeConfigs on topic 'items'",
        "Describe on group 'app'",
        "--",
        "Read on group 'app'",
        "Read on group 'mm2-dev-to-stg'",
        *WORKER,
        "Alter, AlterConfigs, Create, Read, Write on topic 'items'",
        SYNCS,
    ]


def test_a_flow_for_all_groups_reads_its_own_among_them() -> None:
    assert "Read on every group" in flow_rights()
    assert "Read on group 'mm2-dev-to-stg'" not in flow_rights()


def test_a_prefix_flow_writes_the_names_that_arrive() -> None:
    found = flow_rights(naming="prefix", groups=["app"])

    assert "Alter, AlterConfigs, Create, Read, Write on topic 'dev.items'" in found
    assert "Read, DescribeConfigs on topic 'items'" in found
    assert SYNCS in found


def test_a_pattern_for_everything_is_a_right_on_everything_only_where_it_must_be() -> None:
    everything = flow_rights(topics={"pattern": ".*"})
    prefixed = flow_rights(topics={"pattern": ".*"}, naming="prefix")

    assert "Alter, AlterConfigs, Create, Read, Write on every topic" in everything
    assert not any("checkpoints" in right for right in everything)
    assert "Alter, AlterConfigs, Create, Read, Write on every topic 'dev.…'" in prefixed


def test_a_flow_that_writes_exactly_once_may_begin_its_own_transactions_and_no_others() -> None:
    configuration = changed(two_sites(), "flows", "dev-to-stg", "exactlyOnce", to=True)
    name = FlowName("dev-to-stg")
    plain = target_rights(name, load(two_sites()).flows[name])
    more = set(target_rights(name, load(configuration).flows[name])) - set(plain)

    assert sorted(map(str, more)) == [
        "Write on every transactional id 'mm2-dev-to-stg-dev->stg.Mirror…'",
        "Write on transactional id 'connect-cluster-mm2-dev-to-stg'",
    ]
