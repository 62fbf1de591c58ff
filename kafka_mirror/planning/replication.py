"""The users that a flow brings to its target, and what they may do there."""

from __future__ import annotations

from collections.abc import Iterator

from kafka_mirror.planning.credentials import UserProof, proof_of
from kafka_mirror.planning.descriptions import replicated_user
from kafka_mirror.planning.ends import EndPlan, needs_certificate_at
from kafka_mirror.planning.places import place_of
from kafka_mirror.planning.roles import rights_of
from kafka_mirror.planning.users import UserPlan, plan_user
from kafka_mirror.topology import Flow, SiteDescription, SiteName, Topology, UserName


def users_at_target(
    flow: Flow,
    topology: Topology,
    *,
    source: SiteDescription,
    end: EndPlan,
    runs_at: SiteName | None,
) -> tuple[UserPlan, ...]:
    """Return the users that a flow makes at its target.

    Args:
        flow: As written.
        topology: Of the stack.
        source: What is known of the flow's source.
        end: The flow's end there.
        runs_at: The site beside which the flow runs, if it runs at one.
    """
    certified = end.user if needs_certificate_at(end, runs_at) else None
    replicated = tuple(
        _replicated(user, flow, source, has_certificate=user == certified)
        for user in flow.replicated_users
        if user in source.users
    )
    return (*replicated, *_certified(certified, flow, topology))


def _replicated(
    user: UserName, flow: Flow, source: SiteDescription, *, has_certificate: bool
) -> UserPlan:
    there = replicated_user(user, source.users[user], flow)
    return plan_user(
        user,
        of_roles=[right for access in there.access for right in rights_of(access)],
        acls=there.acls,
        proof=UserProof(authentication="tls") if has_certificate else proof_of(user, there),
        fenced=there.fenced,
        quotas=there.quotas,
    )


def _certified(user: UserName | None, flow: Flow, topology: Topology) -> Iterator[UserPlan]:
    """Yield the user that the target's operator issues a certificate to, so that the flow can log in at its source.

    It may do nothing at the target. A further flow of that user finds it there, and so does one to a site that has
    it or gets it replicated.
    """
    site = flow.target.site
    arriving = [one for one in topology.flows.values() if one.target.site == site]
    own = None if user is None else topology.users.get(user)
    if user is None or (own is not None and site in own.sites):
        return
    if any(user in one.replicated_users for one in arriving):
        return
    # A flow that runs elsewhere logs in with what is there, and has nothing issued here.
    here = (one for one in arriving if place_of(one, topology).site == site)
    if next((one for one in here if one.source.user == user), None) is flow:
        yield UserPlan(name=user, rights=(), proof=UserProof(authentication="tls"))
