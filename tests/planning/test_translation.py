"""What a replicated user may do at the target of a flow, role by role and ACL by ACL."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_mirror.planning import Right
from kafka_mirror.planning.authorizer import merged
from kafka_mirror.planning.roles import rights_of, rights_written
from kafka_mirror.planning.translation import translated, translated_acls
from kafka_mirror.topology import Acl, SiteName
from tests.planning.plans import planned, with_user
from tests.planning.test_rights import access, allowed
from tests.strategies.users import accesses, acls
from tests.topology.configurations import changed

DEV, STG = SiteName("dev"), SiteName("stg")
NAMES = ["items", "orders"]


def replicated(naming: str, **user: Any) -> list[str]:
    """Return what a user of dev may do at stg, where a flow brings it."""
    access = user.pop("access", [])
    configuration = with_user("app", *access, **user)
    flow = configuration["flows"]["dev-to-stg"]
    configuration["flows"]["dev-to-stg"] = {**flow, "naming": naming, "replicatedUsers": ["app"]}
    return list(map(str, planned(configuration).flows[0].replicated_users[0].rights))


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        pytest.param(
            {
                "role": "transactional-producer",
                "topics": ["items"],
                "transactionalIds": ["tx", {"pattern": "app-.*"}],
            },
            [
                "Write on topic 'items'",
                "Write on every transactional id 'app-…'",
                "Write on transactional id 'tx'",
            ],
            id="writing in transactions stays local",
        ),
        pytest.param(
            {"role": "observer", "topics": ["items"], "groups": ["app"]},
            [
                "Describe on group 'app'",
                "Describe, DescribeConfigs on topic 'dev.items'",
                "Describe, DescribeConfigs on topic 'items'",
            ],
            id="observing holds for what arrives",
        ),
        pytest.param(
            {"role": "admin", "topics": ["items"], "groups": ["app"]},
            [
                "Delete, Read on group 'app'",
                "DescribeConfigs, Read on topic 'dev.items'",
                "Alter, AlterConfigs, Create, Delete, Read on topic 'items'",
            ],
            id="administering stays local, setting positions holds for what arrives",
        ),
        pytest.param(
            {"role": "admin", "topics": ["items"], "groups": []},
            [
                "Describe, DescribeConfigs on topic 'dev.items'",
                "Alter, AlterConfigs, Create, Delete on topic 'items'",
            ],
            id="an admin of topics alone reads nothing",
        ),
        pytest.param(
            {"role": "admin", "topics": ["y" * 249], "groups": []},
            [f"Alter, AlterConfigs, Create, Delete on topic '{'y' * 249}'"],
            id="a name too long to arrive",
        ),
    ],
)
def test_a_role_under_a_prefix(role: dict[str, Any], expected: list[str]) -> None:
    assert replicated("prefix", access=[role]) == expected


def own(name: str, *operations: str, kind: str = "topic", **more: Any) -> dict[str, Any]:
    pattern_type = more.pop("patternType", "literal")
    resource = {"type": kind, "name": name, "patternType": pattern_type}
    return {"resource": resource, "operations": list(operations), **more}


@pytest.mark.parametrize(
    ("acl", "expected"),
    [
        pytest.param(
            own("items", "Read", "Write"),
            ["Read, Write on topic 'items'", "Read on topic 'dev.items'"],
            id="reading comes along, writing does not",
        ),
        pytest.param(
            own("inv-", "Describe", "Delete", patternType="prefix", host="10.0.0.1"),
            [
                "Describe, Delete on every topic 'inv-…' from 10.0.0.1",
                "Describe on every topic 'dev.inv-…' from 10.0.0.1",
            ],
            id="the start of names, from one host",
        ),
        pytest.param(
            own("items", "All"),
            ["All on topic 'items'", "Read, Describe, DescribeConfigs on topic 'dev.items'"],
            id="everything becomes all there is to read",
        ),
        pytest.param(
            own("items", "Write", type="deny"),
            ["never Write on topic 'items'", "never Write on topic 'dev.items'"],
            id="a denial comes along whole",
        ),
        pytest.param(own("*", "All"), ["All on every topic"], id="every name holds what arrives"),
        pytest.param(own("items", "Write"), ["Write on topic 'items'"], id="writing alone"),
        pytest.param(own("y" * 249, "Read"), [f"Read on topic '{'y' * 249}'"], id="too long"),
        pytest.param(own("app", "Read", kind="group"), ["Read on group 'app'"], id="a group"),
    ],
)
def test_an_acl_under_a_prefix(acl: dict[str, Any], expected: list[str]) -> None:
    assert replicated("prefix", acls=[acl]) == expected
    assert replicated("identity", acls=[acl]) == expected[:1]


def test_own_acls_follow_the_roles_in_the_order_they_were_written() -> None:
    consumer = {"role": "consumer", "topics": ["items"], "groups": ["app"]}
    found = replicated(
        "identity", access=[consumer], acls=[own("z", "Read"), own("a", "Read"), own("z", "Read")]
    )

    assert found == [
        "Read on group 'app'",
        "Read on topic 'items'",
        "Read on topic 'z'",
        "Read on topic 'a'",
        "Read on topic 'z'",
    ]


def test_a_flow_fences_own_acls_after_they_were_translated() -> None:
    configuration = with_user("app", acls=[own("items", "All")])
    flow = ("flows", "dev-to-stg")
    for key, value in (("naming", "prefix"), ("replicatedUsers", ["app"]), ("fenced", True)):
        configuration = changed(configuration, *flow, key, to=value)

    (user,) = planned(configuration).flows[0].replicated_users

    assert [str(one) for one in user.rights] == [
        "Read, Create, Delete, Alter, Describe, AlterConfigs, DescribeConfigs on topic 'items'",
        "Read, Describe, DescribeConfigs on topic 'dev.items'",
    ]


@given(role=accesses(NAMES))
def test_no_role_gains_writing_or_loses_anything_by_a_prefix(role: dict[str, Any]) -> None:
    here = access.validate_python(role)

    before = merged(rights_of(here))
    after = merged(right for one in translated(here, source=DEV) for right in rights_of(one))

    gained = allowed(after) - allowed(before)
    assert allowed(before) <= allowed(after)
    assert {what for _, _, what in gained} <= {"Read", "Describe", "DescribeConfigs"}


@given(written=st.lists(acls(NAMES), max_size=4))
def test_own_acls_stay_under_a_prefix_and_what_is_added_writes_nothing(
    written: list[dict[str, Any]],
) -> None:
    here = [Acl.model_validate(one) for one in written]

    there = translated_acls(here, source=DEV)

    added = list(there)
    for one in here:
        added.remove(one)
    for right in rights_written(added):
        assert right.resource.name.startswith("dev.")
        assert right.type == "deny" or set(right.operations) <= {
            "Read",
            "Describe",
            "DescribeConfigs",
        }


def test_a_right_that_denies_and_one_from_a_host_say_so() -> None:
    denied, local = rights_written(
        [
            Acl.model_validate({**own("a", "Read"), "type": "deny"}),
            Acl.model_validate(
                {"resource": {"type": "cluster"}, "operations": ["Alter"], "host": "10.0.0.1"}
            ),
        ]
    )

    assert isinstance(denied, Right)
    assert (str(denied), str(local)) == (
        "never Read on topic 'a'",
        "Alter on the cluster from 10.0.0.1",
    )
