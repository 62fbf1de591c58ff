"""Checks whom a configuration fences: a user that keeps its credential and its reading, and may write nothing any more.

A user says so for its own sites. The copies that a flow makes at its target are fenced by the flow, for they are its own:
at a failover the source is fenced *because* the target is about to be written to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kafka_mirror.errors import Problem
from kafka_mirror.topology.flows import Flow
from kafka_mirror.topology.model import Topology
from kafka_mirror.topology.paths import listed, nearest, path
from kafka_mirror.topology.users import MirrorSourceAccess, MirrorTargetAccess, User


def fence_problems(topology: Topology) -> Iterator[Problem]:
    """Yield a problem for each fence around nobody, and for each that would end a flow without a word."""
    for name, user in topology.users.items():
        yield from _of_a_user(name, user)
    for flow_name, flow in topology.flows.items():
        yield from _of_a_flow(flow_name, flow)


def _of_a_user(name: str, user: User) -> Iterator[Problem]:
    where = path("users", name, "fenced")
    if user.fenced_sites and any(
        isinstance(access, (MirrorSourceAccess, MirrorTargetAccess)) for access in user.access
    ):
        yield Problem(
            where,
            f"{name!r} is a flow's own user, and MirrorMaker with it would fail without a word. Fence "
            "the applications; to end a mirror, set the flow's state to stopped",
        )
        return
    if isinstance(user.fenced, tuple):
        whose = f"this user exists on {listed(user.sites)}"
        yield from _entries(where, user.fenced, user.sites, what="site", whose=whose)


def _of_a_flow(name: str, flow: Flow) -> Iterator[Problem]:
    if isinstance(flow.fenced, tuple):
        known = flow.replicated_users
        whose = f"this flow replicates {listed(known)}"
        where = path("flows", name, "fenced")
        yield from _entries(where, flow.fenced, known, what="user", whose=whose)


def _entries(
    where: str, fenced: Sequence[str], known: Sequence[str], *, what: str, whose: str
) -> Iterator[Problem]:
    for index, one in enumerate(fenced):
        if one not in known:
            hint = nearest(one, known)
            yield Problem(f"{where}[{index}]", f"no {what} {one!r} to fence: {whose}.{hint}")
        elif one in fenced[:index]:
            yield Problem(f"{where}[{index}]", f"{what} {one!r} stands here twice; once is enough")
