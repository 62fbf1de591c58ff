"""Checks that the users of a flow exist, are shared, and hold every right it needs."""

from __future__ import annotations

from collections.abc import Iterator

from kafka_mirror.errors import Problem
from kafka_mirror.planning.flows import source_rights, target_rights
from kafka_mirror.planning.rights import Right, missing, rights_of
from kafka_mirror.topology import (
    Access,
    DescribedUser,
    Flow,
    FlowName,
    ManagedSite,
    MirrorTargetAccess,
    SiteDescription,
    Topology,
)
from kafka_mirror.topology.paths import listed, nearest, path


def user_problems(
    name: FlowName,
    flow: Flow,
    topology: Topology,
    *,
    source: SiteDescription,
    target: SiteDescription,
) -> Iterator[Problem]:
    """Yield everything wrong with the users at both ends and with those to be replicated."""
    for end, user, site in (
        ("source", flow.source.user, source),
        ("target", flow.target.user, target),
    ):
        where = path("flows", name, end, "user")
        found = site.users.get(user)
        if found is None:
            yield _no_user(where, site, user)
            continue
        if end == "source":
            yield from _unshared(where, user, found, topology, source)
        lacking = missing(
            source_rights(flow) if end == "source" else target_rights(name, flow),
            (right for access in found.access for right in _granted(access, name, flow, end)),
        )
        if lacking:
            yield Problem(where, _lacking(user, site.site, lacking, end, name))
    for index, user in enumerate(flow.replicated_users):
        where = path("flows", name, "replicatedUsers", index)
        found = source.users.get(user)
        if found is None:
            yield _no_user(where, source, user)
        elif user in topology.users and flow.target.site in topology.users[user].sites:
            yield Problem(
                where,
                f"user {user!r} is declared at site {flow.target.site!r} already; leave it out here",
            )
        else:
            yield from _unshared(where, user, found, topology, source)


def _granted(access: Access, name: FlowName, flow: Flow, end: str) -> tuple[Right, ...]:
    if isinstance(access, MirrorTargetAccess) and access.flow == name and end == "target":
        return target_rights(name, flow)
    return rights_of(access)


def _lacking(user: str, site: str, rights: tuple[Right, ...], end: str, flow: str) -> str:
    remedy = (
        "Add them to an access of role mirror-source"
        if end == "source"
        else f"Give it access {{role: mirror-target, flow: {flow}}}"
    )
    return (
        f"user {user!r} lacks {'; '.join(map(str, rights))} at site {site!r}, "
        f"without which the flow cannot mirror. {remedy}"
    )


def _unshared(
    where: str, user: str, found: DescribedUser, topology: Topology, site: SiteDescription
) -> Iterator[Problem]:
    if found.shared or isinstance(topology.sites[site.site], ManagedSite):
        return
    yield Problem(
        where,
        f"site {site.site!r} does not share the credential of user {user!r}. Set "
        f"{path('users', user, 'shared')} to true in its stack and deploy that first",
    )


def _no_user(where: str, site: SiteDescription, user: str) -> Problem:
    return Problem(
        where,
        f"site {site.site!r} has no user {user!r} (has {listed(site.users)}).{nearest(user, site.users)}",
    )
