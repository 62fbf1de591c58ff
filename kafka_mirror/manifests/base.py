"""What every dialect shares: the shape of a manifest, and values that are known only at deployment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kafka_mirror.planning import EndPlan, FlowPlan, Login, Trust

Manifest = dict[str, Any]
"""A Kubernetes object as plain data."""

Leaf = Any
"""A value that may be a Pulumi Output; it is placed into a manifest and never looked into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How the worker of a flow reaches one site, whom it believes there and what it logs in with.

    Attributes:
        bootstrap_servers: ``host:port``, comma-separated.
        trust: None without TLS.
        login: By Secrets in the worker's namespace.
    """

    bootstrap_servers: Leaf
    trust: Trust | None
    login: Login


def source_connection(flow: FlowPlan, bootstrap_servers: Leaf) -> Connection:
    """Return how a flow's worker reaches its source."""
    return _connection(flow.source, bootstrap_servers)


def target_connection(flow: FlowPlan, bootstrap_servers: Leaf) -> Connection:
    """Return how a flow's worker reaches its target."""
    return _connection(flow.target, bootstrap_servers)


def _connection(end: EndPlan, bootstrap_servers: Leaf) -> Connection:
    return Connection(bootstrap_servers=bootstrap_servers, trust=end.trust, login=end.login)
