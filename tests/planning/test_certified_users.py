"""Where flows from several stacks meet, one name may be that of several users: who of them has a certificate issued."""

from __future__ import annotations

from typing import Any

import pytest

from kafka_mirror.planning import UserProof, describe_sites
from kafka_mirror.topology import FlowName, SiteDescription, SiteName, UserName, load
from tests.planning.plans import Elsewhere, planned, problems_of
from tests.topology.configurations import Configuration, site

READER = UserName("reader")
CERTIFICATE = UserProof(authentication="tls")


def described(name: str, **reader: Any) -> SiteDescription:
    """Return a site of another stack that takes passwords and certificates, with a user `reader`."""
    listeners = [
        {"name": "mutual", "port": 9093, "type": "route", "authentication": "tls"},
        {"name": "password", "port": 9094, "type": "route", "authentication": "scram-sha-512"},
    ]
    one = site(name)
    one["kafka"] |= {"clientsCa": {"generate": False}, "listeners": listeners}
    access = [{"role": "mirror-source", "topics": [f"{name}-items"]}]
    user = {"sites": [name], "shared": True, "access": access, **reader}
    topology = load({"sites": {name: one}, "users": {"reader": user}})
    return describe_sites(topology, {})[SiteName(name)]


def two_sources(
    lab: dict[str, Any], replicated: tuple[str, ...] = ()
) -> tuple[Configuration, Elsewhere]:
    """Return a stack with a flow from `lab` and one from `dev`, whose `reader` proves itself by a certificate.

    Args:
        lab: Changes to the `reader` of the site lab.
        replicated: Users that the flow from there brings along.
    """
    stg = site("stg")
    stg["kafka"]["clientsCa"] = {"generate": False}
    flows = {
        f"{name}-to-stg": {
            "source": {"site": name, "user": "reader"},
            "target": {"site": "stg", "user": "writer"},
            "naming": "identity",
            "topics": [f"{name}-items"],
        }
        for name in ("lab", "dev")
    }
    flows["lab-to-stg"]["replicatedUsers"] = list(replicated)
    access = [{"role": "mirror-target", "flow": name} for name in flows]
    here = {
        "sites": {"lab": {"stack": "lab"}, "dev": {"stack": "dev"}, "stg": stg},
        "users": {"writer": {"sites": ["stg"], "access": access}},
        "flows": flows,
    }
    return here, {
        SiteName("lab"): described("lab", **lab),
        SiteName("dev"): described("dev", authentication="tls"),
    }


def issued(configuration: Configuration, elsewhere: Elsewhere) -> dict[FlowName, list[UserName]]:
    """Return whom each flow has a certificate issued to."""
    return {
        flow.name: [user.name for user in flow.replicated_users if user.proof == CERTIFICATE]
        for flow in planned(configuration, elsewhere).flows
    }


@pytest.mark.parametrize(
    ("lab", "by"),
    [
        pytest.param({"authentication": "tls"}, "lab-to-stg", id="one certificate serves both"),
        pytest.param({"authentication": "scram-sha-512"}, "dev-to-stg", id="a password"),
        pytest.param(
            {"authentication": "tls-external", "certificate": {"secret": "of-others"}},
            "dev-to-stg",
            id="a certificate of others",
        ),
    ],
)
def test_the_first_flow_that_needs_a_certificate_has_it_issued(lab: Any, by: str) -> None:
    found = issued(*two_sources(lab))

    assert found == {"lab-to-stg": [], "dev-to-stg": [], by: [READER]}


def test_a_user_that_one_flow_brings_gets_the_certificate_that_another_logs_in_by() -> None:
    held = {"authentication": "tls-external", "certificate": {"secret": "of-others"}}

    found = issued(*two_sources(held, replicated=("reader",)))

    assert found == {"lab-to-stg": [READER], "dev-to-stg": []}


def test_a_user_with_a_password_cannot_get_the_certificate_of_its_namesake() -> None:
    configuration = two_sources({"authentication": "scram-sha-512"}, replicated=("reader",))

    (told,) = problems_of(*configuration)

    assert told == (
        "flows[\"dev-to-stg\"].source.user: user 'reader' proves itself by a certificate, which the operator of site "
        "'stg' would issue to the user of that name there, and that one is scram-sha-512. Rename one of them, or give "
        "this one authentication: tls-external, and say which Secret holds its certificate: users.reader.certificate"
    )


@pytest.mark.parametrize("kind", ["scram-sha-512", "tls-external"])
def test_neither_can_a_user_that_the_stack_has_there(kind: str) -> None:
    configuration, elsewhere = two_sources({"authentication": "scram-sha-512"})
    configuration["sites"]["stg"]["kafka"]["listeners"].append(
        {"name": "mutual", "port": 9095, "type": "internal", "authentication": "tls"}
    )
    configuration["users"]["reader"] = {"sites": ["stg"], "authentication": kind}

    (told,) = problems_of(configuration, elsewhere)

    assert told.startswith('flows["dev-to-stg"].source.user: ')
    assert f"and that one is {kind}" in told
