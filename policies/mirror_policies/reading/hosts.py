"""Whether a host name can have a certificate that a public authority signed."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

LONGEST_HOST: Final = 253
"""Characters of a host name; what is longer is none."""

_IN_CLUSTER: Final = re.compile(r"[^.]+|.+\.svc(?:\..+)?")
"""A name that only one Kubernetes cluster knows: short, or of a service with its namespace."""

_SERVICE: Final = re.compile(r"[^.]+-kafka-(?:[^.]+-)?(?:bootstrap|brokers)\.[^.]+")
"""A service of a Kafka cluster with its namespace and no more."""

_PRIVATE_ENDINGS: Final = (".svc", ".svc.cluster.local", ".cluster.local", ".local", ".internal")


def hosts_of(bootstrap_servers: str) -> tuple[str, ...]:
    """Return the hosts of comma-separated ``host:port`` addresses, in order; not what can be no host."""
    addresses = (address.strip() for address in bootstrap_servers.split(","))
    hosts = (_host(address) for address in addresses if address)
    return tuple(host for host in hosts if len(host) <= LONGEST_HOST)


def is_private(host: str) -> bool:
    """Tell whether no public authority can vouch for a host.

    True for short names, names of services in the cluster, names that only a private network
    knows, and addresses that are not public.
    """
    name = host.lower().rstrip(".")
    try:
        return not ipaddress.ip_address(name).is_global
    except ValueError:
        pass
    return (
        "." not in name
        or ".svc." in name
        or name.endswith(_PRIVATE_ENDINGS)
        or _SERVICE.fullmatch(name) is not None
    )


def is_service(host: str) -> bool:
    """Tell whether a host means another one in each Kubernetes cluster."""
    name = host.lower().rstrip(".")
    return _IN_CLUSTER.fullmatch(name) is not None or _SERVICE.fullmatch(name) is not None


def _host(address: str) -> str:
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.rpartition(":")[0] if address.count(":") == 1 else address
