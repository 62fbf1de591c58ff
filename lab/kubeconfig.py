"""The kubeconfig of a lab: one context per site, named after it."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import yaml


def kubeconfig(servers: Mapping[str, str], *, authority: str, token: str) -> str:
    """Return the YAML of a kubeconfig.

    Args:
        servers: The API server's address by site; the first is the current context.
        authority: The PEM of the certificate that signed the servers' own.
        token: The administrator's, the same on every site of a lab.
    """
    trusted = base64.b64encode(authority.encode()).decode()
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": next(iter(servers)),
        "clusters": [
            {"name": site, "cluster": {"server": server, "certificate-authority-data": trusted}}
            for site, server in servers.items()
        ],
        "users": [{"name": "admin", "user": {"token": token}}],
        "contexts": [
            {"name": site, "context": {"cluster": site, "user": "admin", "namespace": "default"}}
            for site in servers
        ],
    }
    text: str = yaml.safe_dump(document, sort_keys=False)
    return text
