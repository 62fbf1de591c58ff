"""What every dialect shares: the shape of a manifest, and values that are known only at deployment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]
"""A Kubernetes object as plain data."""

Leaf = Any
"""A value that may be a Pulumi Output; it is placed into a manifest and never looked into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How the worker of a flow reaches one site and whom it believes there.

    Attributes:
        bootstrap_servers: ``host:port``, comma-separated.
        trust_secret: The Secret, in the worker's namespace, whose ``*.crt`` keys are trusted; None
            without TLS.
        credential_secret: The Secret, in the worker's namespace, with the user's password.
    """

    bootstrap_servers: Leaf
    trust_secret: str | None
    credential_secret: str
