"""Hypothesis strategies: stacks whose configuration is valid."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from kafka_mirror.topology import SiteDescription, SiteName
from tests.strategies.users import accesses, acls, group_selections, selections

Configuration = dict[str, Any]


@dataclass(frozen=True)
class Stack:
    """The configuration of a stack, and the sites of others that it reads."""

    configuration: Configuration
    elsewhere: Mapping[SiteName, SiteDescription]


SITES = ["dev", "stg", "edge-1", "us", "0eu"]
ODD_TOPICS = ["items", "items.inventory", "Orders_EU", "-", "a", "_x", "0", "A.B-c_d", "x" * 180]
OPERATORS: list[Configuration] = [
    {"type": "strimzi", "api": "v1"},
    {"type": "strimzi", "api": "v1beta2"},
    *(
        {
            "type": "event-streams",
            "api": api,
            "version": version,
            "licence": {"accept": True, "id": "L-CYBH-K48BZQ", "use": use},
        }
        for api, version, use in (
            ("v1", "13.0.0", "CloudPakForIntegrationProduction"),
            ("v1beta2", "12.1.0", "EventAutomationNonProduction"),
        )
    ),
]
DURATIONS = ["5s", "15s", "7500ms", "2m", "1h", "3d"]

topic_names = st.one_of(
    st.sampled_from(ODD_TOPICS),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,11}", fullmatch=True).filter(
        lambda name: not name.endswith("heartbeats")
    ),
)


OF_OTHERS = {"rules": {"configMap": "theirs", "key": "rules.yaml"}}
metrics = st.sampled_from([True, {"labels": {"release": "prometheus", "team.io/who": "kafka"}}])


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
        site["operator"] = copy.deepcopy(draw(st.sampled_from(OPERATORS)))
        if site["operator"]["type"] == "strimzi":
            site["kafka"]["version"] = "4.3.1"
        site["kafka"]["nodes"]["storageClass"] = "fast"
        site["kafka"]["config"] = {"log.retention.hours": 24, "compression.type": "zstd"}
        site["production"] = True
        site["metrics"] = copy.deepcopy(draw(metrics))
    return site


quotas = st.fixed_dictionaries(
    {},
    optional={
        "producerByteRate": st.sampled_from(["10Mi", "1.5Ki", "1000"]),
        "consumerByteRate": st.sampled_from(["1G", "64Ki"]),
        "requestPercentage": st.integers(1, 800),
        "controllerMutationRate": st.sampled_from([5.5, 0.5]),
    },
)


@st.composite
def worker_options(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what a flow and its workers are set to beside the names and numbers of every flow."""
    options: dict[str, Any] = {
        "start": draw(st.sampled_from(["earliest", "latest"])),
        "exactlyOnce": draw(st.sampled_from([True, False, "preparing"])),
        "resources": {
            "requests": {"cpu": "500m", "memory": "1Gi"},
            "limits": {"memory": "2Gi"},
        },
        "metrics": copy.deepcopy(draw(metrics | st.just(OF_OTHERS))),
        "jvm": {"heap": draw(st.sampled_from(["512Mi", "1Gi"]))},
    }
    if draw(st.booleans()):
        options |= {"image": "registry:5000/team/mm2@sha256:ab", "version": "4.3.1"}
        endpoint = {"endpoint": "http://collector.tracing:4317"}
        options["tracing"] = draw(st.sampled_from([True, endpoint]))
    return options


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
        if draw(st.booleans()):
            user["acls"] = draw(st.lists(acls(names), max_size=2))
        if draw(st.booleans()):
            user["quotas"] = draw(quotas)
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
        flow["groups"] = draw(st.one_of(group_selections, st.just([])))
    if flow.get("groups") != [] and draw(st.booleans()):
        flow["groupsExclude"] = [{"pattern": "test-.*"}]
    if draw(st.booleans()):
        flow |= {
            "topicsExclude": [{"pattern": "tmp-.*"}],
            "objectives": {
                "duplicateWindow": draw(st.sampled_from(DURATIONS)),
                "discovery": draw(st.sampled_from(["1s", "10m"])),
            },
            "state": draw(st.sampled_from(["running", "paused", "stopped"])),
            "tasks": draw(st.integers(1, 20)),
            "replicas": draw(st.integers(1, 3)),
            "tuning": {"producer.override.linger.ms": 5, "offset.lag.max": 10},
            "names": {
                "resource": f"old-{short}",
                "group": f"old-{short}",
                "configTopic": f"__old-{short}-c",
                "offsetTopic": f"__old-{short}-o",
                "statusTopic": f"__old-{short}-s",
            },
        }
    if draw(st.booleans()):
        flow |= draw(worker_options())
    if draw(st.booleans()):
        flow["runsIn"] = draw(_places(configuration, source, target))
    reader = {
        "role": "mirror-source",
        "topics": copy.deepcopy(flow["topics"]),
        "groups": copy.deepcopy(flow.get("groups", "all")),
    }
    if draw(st.booleans()):
        flow["offsetSyncs"] = draw(st.sampled_from(["source", "target"]))
        if flow["offsetSyncs"] == "source":
            reader["offsetSyncsFor"] = [target]
    if source not in described and draw(st.booleans()):
        configuration["sites"][source].setdefault("heartbeats", []).append(name)
        reader["topics"].append("heartbeats")
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


def _places(
    configuration: Configuration, source: str, target: str
) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a namespace of its own, whoever else runs there, or the source if this stack has it."""
    places: list[dict[str, Any]] = [
        {"kubernetes": {"context": "west", "namespace": "mirrors"}},
        {"kubernetes": {"context": "east", "namespace": "mirrors", "createNamespace": True}},
    ]
    own = [
        name
        for name, site in configuration["sites"].items()
        if "kafka" in site and name not in {target}
    ]
    return st.sampled_from([*places, *({"site": name} for name in own if name == source)])


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
