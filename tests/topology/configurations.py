"""One small valid configuration, and ways to change it."""

from __future__ import annotations

import copy
from typing import Any

from kafka_mirror.errors import ConfigurationError
from kafka_mirror.topology import Topology, load

Configuration = dict[str, Any]


def site(name: str, *, nodes: int = 3, context: str | None = None) -> Configuration:
    """Return a managed site with a listener inside and one that leads out."""
    return {
        "kubernetes": {"context": context or name, "namespace": f"kafka-{name}"},
        "kafka": {
            "name": f"k-{name}",
            "nodes": {"replicas": nodes, "storage": "20Gi"},
            "listeners": [
                {"name": "tls", "port": 9093, "type": "internal"},
                {"name": "external", "port": 9094, "type": "route"},
            ],
        },
    }


def two_sites() -> Configuration:
    """Return dev, stg, and an identity flow between them that is right in every respect."""
    return {
        "sites": {"dev": site("dev"), "stg": site("stg")},
        "topics": {"items": {"sites": ["dev"], "partitions": 3}},
        "users": {
            "reader": {
                "sites": ["dev"],
                "access": [{"role": "mirror-source", "topics": ["items"]}],
            },
            "writer": {
                "sites": ["stg"],
                "access": [{"role": "mirror-target", "flow": "dev-to-stg"}],
            },
            "producer": {"sites": ["dev"], "access": [{"role": "producer", "topics": ["items"]}]},
            "consumer": {
                "sites": ["dev"],
                "access": [{"role": "consumer", "topics": ["items"], "groups": ["app"]}],
            },
        },
        "flows": {
            "dev-to-stg": {
                "source": {"site": "dev", "user": "reader"},
                "target": {"site": "stg", "user": "writer"},
                "naming": "identity",
                "topics": ["items"],
                "replicatedUsers": ["producer", "consumer"],
            }
        },
    }


def changed(configuration: Configuration, *at: str | int, to: Any) -> Configuration:
    """Return a configuration with another value at one place, which need not exist yet."""
    result = copy.deepcopy(configuration)
    place: Any = result
    for part in at[:-1]:
        place = place[part]
    if isinstance(place, list) and at[-1] == len(place):
        place.append(to)
    else:
        place[at[-1]] = to
    return result


def problems_of(configuration: Any) -> list[str]:
    """Return what `load` has to say against a configuration, one line per problem."""
    try:
        load(configuration)
    except ConfigurationError as error:
        return [str(problem) for problem in error.problems]
    return []


def loaded(*changes: tuple[tuple[str | int, ...], Any]) -> Topology:
    """Return the topology of the two sites with some places changed."""
    configuration = two_sites()
    for at, value in changes:
        configuration = changed(configuration, *at, to=value)
    return load(configuration)


def with_cloud(**external: Any) -> Configuration:
    """Return the two sites, and a cloud service that items are mirrored to from dev, in a flow `up`."""
    configuration = two_sites()
    configuration["sites"]["cloud"] = {
        "external": {
            "bootstrapServers": "a.example.com:9093, b.example.com:9093",
            "authentication": "plain",
            **external,
        }
    }
    configuration["users"]["key"] = {
        "sites": ["cloud"],
        "username": "token",
        "password": {"secret": "cloud-key", "key": "api-key"},
    }
    configuration["flows"]["up"] = {
        "source": {"site": "dev", "user": "reader"},
        "target": {"site": "cloud", "user": "key"},
        "naming": "prefix",
        "topics": ["items"],
    }
    return configuration


def with_certificates() -> Configuration:
    """Return the two sites with users that prove themselves by certificates of one authority."""
    configuration = two_sites()
    for one in configuration["sites"].values():
        one["kafka"] |= {"authentication": "tls", "clientsCa": {"generate": False}}
    return configuration
