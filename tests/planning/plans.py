"""Plans of small configurations, and what planning has to say against them."""

from __future__ import annotations

from typing import Any

from kafka_mirror.errors import ConfigurationError
from kafka_mirror.planning import PasswordLogin, PasswordSecret, Plan, describe_sites, plan
from kafka_mirror.topology import SiteDescription, SiteName, load
from tests.topology.configurations import Configuration, changed, two_sites

Elsewhere = dict[SiteName, SiteDescription]


def planned(configuration: Configuration, elsewhere: Elsewhere | None = None) -> Plan:
    """Return the plan of a configuration."""
    return plan(load(configuration), elsewhere or {})


def problems_of(configuration: Configuration, elsewhere: Elsewhere | None = None) -> list[str]:
    """Return what planning has to say against a configuration that loads, one line per problem."""
    topology = load(configuration)
    try:
        plan(topology, elsewhere or {})
    except ConfigurationError as error:
        return [str(problem) for problem in error.problems]
    return []


def with_user(name: str, *access: dict[str, Any], site: str = "dev", **more: Any) -> Configuration:
    """Return the two sites with one more user, or another one of that name."""
    user = {"sites": [site], "access": list(access), **more}
    return changed(two_sites(), "users", name, to=user)


def two_stacks(**reader: Any) -> tuple[Configuration, Elsewhere]:
    """Return the stack of stg, and the description of dev, which another stack owns.

    Args:
        **reader: Changes to the flow's user at the source; ``shared`` is true unless given.
    """
    whole = two_sites()
    there = {**whole, "flows": {}}
    there["users"] = {name: user for name, user in whole["users"].items() if name != "writer"}
    for name in there["users"]:
        there["users"][name] = {"shared": True, **there["users"][name]}
    there["users"]["reader"] |= reader
    dev = SiteName("dev")
    here = {
        "sites": {"dev": {"stack": "dev"}, "stg": whole["sites"]["stg"]},
        "users": {"writer": whole["users"]["writer"]},
        "flows": whole["flows"],
    }
    return here, {dev: describe_sites(load(there), {})[dev]}


def login(user: str = "reader", held_in: str = "cred") -> PasswordLogin:
    """Return a login by a password that stands in a Secret."""
    password = PasswordSecret(secret=held_in, key="password", is_made=True)
    return PasswordLogin(mechanism="scram-sha-512", username=user, password=password)
