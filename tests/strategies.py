"""Hypothesis strategies: configurations that are valid, and the same with one field broken."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from kafka_mirror.topology import SiteDescription, SiteName
from kafka_mirror.topology.paths import path

Configuration = dict[str, Any]
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Stack:
    """The configuration of a stack, and the sites of others that it reads."""

    configuration: Configuration
    elsewhere: Mapping[SiteName, SiteDescription]


SITES = ["dev", "stg", "edge-1", "us", "0eu"]
ODD_TOPICS = ["items", "items.inventory", "Orders_EU", "-", "a", "_x", "0", "A.B-c_d", "x" * 180]
PATTERNS = [
    "inv-.*",
    r"(ord|inv)-[a-z]+",
    ".*",
    r"orders\.v[0-9]",
    "[a-c]+x?",
    r"items|items\.inventory",
]
GROUPS = ["ItemConsumer", "group.1", "Zähler", "a:b", "g"]
DURATIONS = ["5s", "15s", "7500ms", "2m", "1h", "3d"]

topic_names = st.one_of(
    st.sampled_from(ODD_TOPICS),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,11}", fullmatch=True).filter(
        lambda name: not name.endswith("heartbeats")
    ),
)


@st.composite
def managed_sites(draw: st.DrawFn, name: str) -> Configuration:
    """Draw a site that the stack makes; its namespace is its own, its context may be shared."""
    listeners: list[dict[str, Any]] = [
        {"name": "tls", "port": 9093, "type": "internal"},
        *draw(
            st.sampled_from(
                [
                    [{"name": "external", "port": 9094, "type": "route"}],
                    [{"name": "np", "port": 9100, "type": "nodeport"}],
                    [{"name": "lb", "port": 9101, "type": "loadbalancer", "tls": False}],
                    [
                        {
                            "name": "web",
                            "port": 9443,
                            "type": "ingress",
                            "host": "k.example.com",
                            "brokerHost": "k-{nodeId}.example.com",
                        }
                    ],
                ]
            )
        ),
    ]
    site: Configuration = {
        "kubernetes": {
            "context": draw(st.sampled_from(["east", "west"])),
            "namespace": f"kafka-{name}",
        },
        "kafka": {
            "name": f"k-{name}",
            "nodes": {
                "replicas": draw(st.integers(1, 5)),
                "storage": draw(st.sampled_from(["20Gi", "1.5Ti", "ephemeral"])),
            },
            "listeners": listeners,
        },
    }
    if draw(st.booleans()):
        site["kubernetes"]["createNamespace"] = True
        site["operator"] = {"type": "strimzi", "api": "v1"}
        site["kafka"]["version"] = "4.3.1"
        site["kafka"]["nodes"]["storageClass"] = "fast"
        site["kafka"]["config"] = {"log.retention.hours": 24, "compression.type": "zstd"}
        site["production"] = True
    return site


def selections(names: list[str]) -> st.SearchStrategy[list[Any]]:
    """Draw literal names and patterns, at least one of them."""
    patterns = st.sampled_from(PATTERNS).map(lambda pattern: {"pattern": pattern})
    choices = st.one_of(st.sampled_from(names), patterns) if names else patterns
    return st.lists(choices, min_size=1, max_size=4, unique_by=str)


group_selections = st.one_of(
    st.just("all"),
    st.lists(st.sampled_from(GROUPS), min_size=1, max_size=3, unique=True),
    st.builds(dict, pattern=st.just("app-.*")),
)


@st.composite
def accesses(draw: st.DrawFn, names: list[str]) -> dict[str, Any]:
    """Draw a role of an application or of a mirror's source."""
    role = draw(st.sampled_from(["producer", "consumer", "mirror-source"]))
    access: dict[str, Any] = {"role": role, "topics": draw(selections(names))}
    if role != "producer":
        access["groups"] = draw(group_selections)
    return access


@st.composite
def stacks(draw: st.DrawFn, *, least_flows: int = 0) -> Stack:
    """Draw a stack that loads and can be planned: without loops, with every right its flows need."""
    order = draw(st.permutations(SITES))
    count = draw(st.integers(2 if least_flows else 1, 4))
    elsewhere = order[count : count + draw(st.integers(0, 1))]
    own = order[:count]
    names = draw(st.lists(topic_names, max_size=5, unique_by=lambda one: one.replace(".", "_")))
    configuration: Configuration = {
        "sites": {
            **{name: {"stack": f"team/infra/{name}"} for name in elsewhere},
            **{name: draw(managed_sites(name)) for name in own},
        },
        "topics": {},
        "users": {},
        "flows": {},
    }
    described: dict[str, dict[str, Any]] = {name: {} for name in elsewhere}
    _add_users(draw, configuration, names, own)
    _add_flows(draw, configuration, described, names, order=(*elsewhere, *own), least=least_flows)
    # A topic is never declared where a flow may bring it.
    targets = {flow["target"]["site"] for flow in configuration["flows"].values()}
    for name in names:
        for site in own:
            if site not in targets and draw(st.booleans()):
                configuration["topics"][name] = _topic(draw, site, configuration["sites"][site])
    return Stack(
        configuration,
        {SiteName(name): _description(name, users) for name, users in described.items()},
    )


def _topic(draw: st.DrawFn, name: str, site: Configuration) -> dict[str, Any]:
    topic: dict[str, Any] = {"sites": [name], "partitions": draw(st.integers(1, 50))}
    if draw(st.booleans()):
        topic["replicas"] = draw(st.integers(1, site["kafka"]["nodes"]["replicas"]))
        topic["config"] = {"retention.ms": 3_600_000, "cleanup.policy": "compact"}
    return topic


def _add_users(
    draw: st.DrawFn, configuration: Configuration, names: list[str], own: list[str]
) -> None:
    for index in range(draw(st.integers(0, 3))):
        sites = draw(st.lists(st.sampled_from(own), min_size=1, unique=True))
        user: dict[str, Any] = {
            "sites": sites,
            "access": draw(st.lists(accesses(names), max_size=3)),
        }
        if draw(st.booleans()):
            user |= {"shared": draw(st.booleans()), "generation": draw(st.integers(1, 9))}
        configuration["users"][f"app.{index}-x"] = user


def _add_flows(
    draw: st.DrawFn,
    configuration: Configuration,
    described: dict[str, dict[str, Any]],
    names: list[str],
    *,
    order: tuple[str, ...],
    least: int,
) -> None:
    pairs = [(a, b) for i, a in enumerate(order) for b in order[i + 1 :] if b not in described]
    for source, target in draw(
        st.lists(st.sampled_from(pairs), min_size=min(least, len(pairs)), max_size=3, unique=True)
        if pairs
        else st.just([])
    ):
        _add_flow(draw, configuration, described, names, source=source, target=target)


def _add_flow(
    draw: st.DrawFn,
    configuration: Configuration,
    described: dict[str, dict[str, Any]],
    names: list[str],
    *,
    source: str,
    target: str,
) -> None:
    short = f"{source}-{target}"
    name = f"{source}-to-{target}".replace("0", "zero")
    flow: dict[str, Any] = {
        "source": {"site": source, "user": f"reader-{short}"},
        "target": {"site": target, "user": f"writer-{short}"},
        "naming": draw(st.sampled_from(["identity", "prefix"])),
        "topics": draw(selections(names)),
    }
    if draw(st.booleans()):
        flow["groups"] = draw(group_selections)
    if draw(st.booleans()):
        flow |= {
            "topicsExclude": [{"pattern": "tmp-.*"}],
            "groupsExclude": [{"pattern": "test-.*"}],
            "objectives": {
                "duplicateWindow": draw(st.sampled_from(DURATIONS)),
                "discovery": draw(st.sampled_from(["1s", "10m"])),
            },
            "state": draw(st.sampled_from(["running", "paused", "stopped"])),
            "tasks": draw(st.integers(1, 20)),
            "replicas": draw(st.integers(1, 3)),
            "tuning": {"producer.override.linger.ms": 5, "offset.lag.max": 10},
            "names": {
                "group": f"old-{short}",
                "configTopic": f"__old-{short}-c",
                "offsetTopic": f"__old-{short}-o",
                "statusTopic": f"__old-{short}-s",
            },
        }
    reader = {
        "role": "mirror-source",
        "topics": copy.deepcopy(flow["topics"]),
        "groups": copy.deepcopy(flow.get("groups", "all")),
    }
    users = configuration["users"]
    if source in described:
        described[source][f"reader-{short}"] = [reader]
        described[source][f"app-{source}"] = draw(st.lists(accesses(names), max_size=2))
        candidates = [f"app-{source}"]
    else:
        users[f"reader-{short}"] = {"sites": [source], "access": [reader]}
        candidates = [user for user, one in users.items() if source in one["sites"]]
    users[f"writer-{short}"] = {
        "sites": [target],
        "access": [{"role": "mirror-target", "flow": name}],
    }
    taken = {
        user
        for other in configuration["flows"].values()
        if other["target"]["site"] == target
        for user in other.get("replicatedUsers", ())
    }
    free = [
        user
        for user in candidates
        if user not in taken and target not in users.get(user, {"sites": []})["sites"]
    ]
    flow["replicatedUsers"] = draw(
        st.lists(st.sampled_from(free), max_size=2, unique=True) if free else st.just([])
    )
    configuration["flows"][name] = flow


def _description(name: str, users: dict[str, Any]) -> SiteDescription:
    return SiteDescription.model_validate(
        {
            "schema": 1,
            "site": name,
            "operator": {"type": "strimzi", "api": "v1"},
            "namespace": f"kafka-{name}",
            "kafka": f"k-{name}",
            "nodes": 3,
            "listeners": {
                "external": {
                    "type": "route",
                    "tls": True,
                    "authentication": "scram-sha-512",
                    "bootstrapServers": f"{name}.example.com:443",
                    "certificates": ["PEM"],
                }
            },
            "users": {
                user: {"authentication": "scram-sha-512", "shared": True, "access": access}
                for user, access in users.items()
            },
            "topics": {},
            "flows": {},
        }
    )


# --- one field broken ---------------------------------------------------------------------------

_BROKEN: dict[str, list[Any]] = {
    "context": ["", 5],
    "namespace": ["Big", "a b", None],
    "createNamespace": ["yes", 1],
    "type": ["kafka", True],
    "api": ["v1beta2"],
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
    "group": ["a b", "", 4],
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
    "kubernetes",
    "context",
    "namespace",
    "listeners",
    "port",
    "naming",
    "configTopic",
    "site",
}
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
        if _is_field(at):
            found += [
                (at, lambda whole, at=at, bad=bad: replaced(whole, at, bad))
                for bad in _BROKEN.get(str(at[-1]), ())
                if not _is_fine(at, bad)
            ]
            if at[-1] in _REQUIRED:
                found.append((at, lambda whole, at=at: without(whole, at)))
        if isinstance(value, dict) and _is_model(at):
            where = (*at, "unknownKey")
            found.append((where, lambda whole, where=where: replaced(whole, where, 1)))
    return found


def _is_field(at: Place) -> bool:
    """Whether a place is a field of a model, not a name that a user chose."""
    return len(at) > 2 and at[-2] not in {"config", "tuning"}


def _is_model(at: Place) -> bool:
    is_section = len(at) == 1 and at[0] in _GIVEN_NAMES
    return not is_section and not (len(at) > 2 and at[-1] in {"config", "tuning"})


def _is_fine(at: Place, value: Any) -> bool:
    """Whether a value that breaks most fields of a name is right in this one."""
    no_groups = at[-1] == "groups" and value == [] and "access" in at
    default_copies = at[0] == "topics" and at[-1] == "replicas" and value is None
    return no_groups or default_copies


def without(configuration: Configuration, at: Place) -> Configuration:
    """Return the configuration without one key."""
    parent = configuration
    for part in at[:-1]:
        parent = parent[part]  # type: ignore[index]
    return replaced(
        configuration, at[:-1], {key: one for key, one in parent.items() if key != at[-1]}
    )
