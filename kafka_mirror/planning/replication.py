"""The users that a flow brings to its target, and what they may do there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kafka_mirror.planning.credentials import UserProof, is_issued, proof_of
from kafka_mirror.planning.descriptions import replicated_user
from kafka_mirror.planning.places import place_of
from kafka_mirror.planning.roles import rights_of
from kafka_mirror.planning.users import UserPlan, plan_user
from kafka_mirror.topology import Flow, SiteDescription, SiteName, Topology, UserName


def users_at_target(
    flow: Flow, topology: Topology, descriptions: Mapping[SiteName, SiteDescription]
) -> tuple[UserPlan, ...]:
    """Return the users that a flow makes at its target.

    Args:
        flow: As written.
        topology: Of the stack.
        descriptions: What is known of each site.
    """
    source = descriptions[flow.source.site]
    certified = certified_at(flow.target.site, topology, descriptions)
    replicated = tuple(
        _replicated(user, flow, source, has_certificate=user in certified)
        for user in flow.replicated_users
        if user in source.users
    )
    return (*replicated, *_only_certified(flow, certified, topology))


def certified_at(
    site: SiteName, topology: Topology, descriptions: Mapping[SiteName, SiteDescription]
) -> dict[UserName, Flow]:
    """Return the users of other sites that the operator of a site issues certificates to, each with its first flow.

    They are those whom flows that run there log in as at their sources. A flow that runs elsewhere logs in with what is
    there; one whose user of the same name is another one, with a password or a Secret of others, needs none. For those
    that do, a name is all that a certificate says (``CN=<name>``), and ``certificate_problems`` refuses sources whose
    authority is not that of the target: one certificate serves all of them.
    """
    found: dict[UserName, Flow] = {}
    for flow in topology.flows.values():
        if flow.target.site != site or place_of(flow, topology).site != site:
            continue
        user = descriptions[flow.source.site].users.get(flow.source.user)
        if user is not None and is_issued(user):
            found.setdefault(flow.source.user, flow)
    return found


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


def _only_certified(
    flow: Flow, certified: Mapping[UserName, Flow], topology: Topology
) -> Iterator[UserPlan]:
    """Yield the user that is at the target for its certificate alone, and may do nothing there.

    A further flow of that user finds it there, and so does one to a site that has it or gets it replicated.
    """
    user, site = flow.source.user, flow.target.site
    own = topology.users.get(user)
    arriving = (one for one in topology.flows.values() if one.target.site == site)
    is_there = (own is not None and site in own.sites) or any(
        user in one.replicated_users for one in arriving
    )
    if certified.get(user) is flow and not is_there:
        yield UserPlan(name=user, rights=(), proof=UserProof(authentication="tls"))
