"""Hypothesis strategies: what a user may do, by its roles and by its own ACLs."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from kafka_mirror.topology.acls import OPERATIONS

PATTERNS = [
    "inv-.*",
    r"(ord|inv)-[a-z]+",
    ".*",
    r"orders\.v[0-9]",
    "[a-c]+x?",
    r"items|items\.inventory",
]
GROUPS = ["ItemConsumer", "group.1", "Zähler", "a:b", "g"]
HOSTS = ["*", "10.0.0.1", "2001:db8:0:0:0:0:0:1"]


def selections(names: list[str]) -> st.SearchStrategy[list[Any]]:
    """Draw literal names and patterns, at least one of them."""
    patterns = st.sampled_from(PATTERNS).map(lambda pattern: {"pattern": pattern})
    choices = st.one_of(st.sampled_from(names), patterns) if names else patterns
    return st.lists(choices, min_size=1, max_size=4, unique_by=str)


group_selections: st.SearchStrategy[str | list[str] | dict[str, str]] = st.one_of(
    st.just("all"),
    st.lists(st.sampled_from(GROUPS), min_size=1, max_size=3, unique=True),
    st.builds(dict, pattern=st.just("app-.*")),
)
_WITH_GROUPS = frozenset({"consumer", "observer", "admin", "mirror-source"})


@st.composite
def accesses(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    """Draw a role of an application, of those who look after it, or of a mirror's source."""
    role = draw(st.sampled_from(["producer", "transactional-producer", *sorted(_WITH_GROUPS)]))
    access: dict[str, Any] = {"role": role, "topics": draw(selections(names))}
    if role in _WITH_GROUPS:
        access["groups"] = draw(group_selections)
    if role == "transactional-producer":
        access["transactionalIds"] = draw(selections(GROUPS))
    if role == "mirror-source" and draw(st.booleans()):
        access["offsetSyncsFor"] = draw(st.sampled_from([["far-off"], ["far-off", "farther"]]))
    return access


@st.composite
def acls(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    """Draw an ACL of a user's own."""
    kind = draw(st.sampled_from(sorted(OPERATIONS)))
    resource: dict[str, Any] = {"type": kind}
    if kind != "cluster":
        resource["name"] = draw(st.sampled_from([*(names if kind == "topic" else GROUPS), "*"]))
        if resource["name"] != "*" and draw(st.booleans()):
            resource["patternType"] = "prefix"
    operations = st.lists(st.sampled_from(OPERATIONS[kind]), min_size=1, max_size=3, unique=True)
    acl: dict[str, Any] = {"resource": resource, "operations": draw(operations)}
    if draw(st.booleans()):
        acl |= {
            "type": draw(st.sampled_from(["allow", "deny"])),
            "host": draw(st.sampled_from(HOSTS)),
        }
    return acl
