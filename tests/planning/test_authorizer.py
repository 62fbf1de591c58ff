"""What rights allow together when some of them deny: as Kafka's authorizer decides, name by name."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kafka_mirror.planning.authorizer import missing
from kafka_mirror.planning.fences import without_writing
from kafka_mirror.planning.rights import Resource, Right
from kafka_mirror.planning.roles import rights_written
from kafka_mirror.topology import Acl
from kafka_mirror.topology.acls import OPERATIONS, Operation
from tests.strategies.users import GROUPS, acls

NAMES = ["items", "items.inventory", "orders", "x"]
IMPLIES: dict[Operation, set[Operation]] = {
    "Describe": {"Read", "Write", "Delete", "Alter"},
    "DescribeConfigs": {"AlterConfigs"},
}
own = st.lists(acls(NAMES).map(Acl.model_validate), max_size=5).map(rights_written)


def decide(rights: Any, kind: str, name: str, operation: Operation) -> bool:
    """Decide as ``StandardAuthorizer`` does about one request from a host that no right names."""
    about = [
        one
        for one in rights
        if one.host == "*" and one.resource.type == kind and is_about(one.resource, name)
    ]
    if any(one.type == "deny" and {operation, "All"} & set(one.operations) for one in about):
        return False
    enough = {operation, "All"} | IMPLIES.get(operation, set())
    return any(one.type == "allow" and enough & set(one.operations) for one in about)


def is_about(resource: Resource, name: str) -> bool:
    if resource.pattern_type == "prefix":
        return name.startswith(resource.name)
    return resource.name in {"*", name}


@given(granted=own)
def test_what_is_not_missing_is_allowed_by_the_authorizer(granted: tuple[Right, ...]) -> None:
    for name, operation in product(NAMES, OPERATIONS["topic"]):
        if operation != "All" and not missing(
            [Right(Resource("topic", name), (operation,))], granted
        ):
            assert decide(granted, "topic", name, operation)


@given(granted=own)
def test_without_rights_for_one_host_what_is_missing_is_what_is_refused(
    granted: tuple[Right, ...],
) -> None:
    anywhere = [one for one in granted if one.host == "*"]
    for name, operation in product(NAMES, OPERATIONS["topic"]):
        if operation == "All":
            continue
        implied = next((one for one, by in IMPLIES.items() if operation in by), operation)
        is_allowed = decide(anywhere, "topic", name, operation)
        # Who may read and never describe finds no place to read from.
        denials = [one for one in anywhere if one.type == "deny"]
        is_blind = not decide(
            [Right(Resource("topic", "*"), ("All",)), *denials], "topic", name, implied
        )
        needed = [Right(Resource("topic", name), (operation,))]
        assert bool(missing(needed, anywhere)) is (not is_allowed or is_blind)


@given(granted=own)
def test_a_fence_leaves_no_way_to_write(granted: tuple[Right, ...]) -> None:
    fenced = without_writing(granted)

    for name in NAMES:
        assert not decide(fenced, "topic", name, "Write")
    for name in GROUPS:
        assert not decide(fenced, "transactionalId", name, "Write")
    for operation in ("Alter", "ClusterAction", "IdempotentWrite"):
        assert not decide(fenced, "cluster", "", operation)


@given(granted=own)
def test_a_fence_takes_nothing_else(granted: tuple[Right, ...]) -> None:
    fenced = without_writing(granted)

    for name, operation in product(NAMES, OPERATIONS["topic"]):
        by_write = operation in {"Write", "Describe", "All"}
        if not by_write and decide(granted, "topic", name, operation):
            assert decide(fenced, "topic", name, operation)
    for name, operation in product(GROUPS, OPERATIONS["group"]):
        assert decide(fenced, "group", name, operation) is decide(granted, "group", name, operation)
