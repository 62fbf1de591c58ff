"""Finds names in a topology that lead nowhere. What other stacks hold is looked at in planning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kafka_mirror.errors import Problem
from kafka_mirror.topology.credential_checks import credential_problems
from kafka_mirror.topology.external import ExternalSite
from kafka_mirror.topology.fencing import fence_problems
from kafka_mirror.topology.flows import Flow
from kafka_mirror.topology.model import Topology
from kafka_mirror.topology.names import SiteName, UserName
from kafka_mirror.topology.paths import listed, nearest, path
from kafka_mirror.topology.sites import ManagedSite, StackSite
from kafka_mirror.topology.users import MirrorSourceAccess, MirrorTargetAccess, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Every name the configuration declares, whether or not what it stands for is well-formed.

    Attributes:
        keys: Further keys of the configuration, which may hold a credential.
    """

    sites: frozenset[str]
    users: frozenset[str]
    flows: frozenset[str]
    keys: frozenset[str] = frozenset()


def broken_references(topology: Topology, declared: Declared) -> Iterator[Problem]:
    """Yield a problem for each name that is not declared or cannot stand where it is."""
    for topic_name, topic in topology.topics.items():
        yield from _own_sites(topology, declared, ("topics", topic_name), topic.sites)
    for user_name, user in topology.users.items():
        yield from _own_sites(topology, declared, ("users", user_name), user.sites)
        yield from _flows_of_roles(topology, declared, user_name, user)
        yield from _sites_of_offset_syncs(user_name, user)
    for flow_name, flow in topology.flows.items():
        yield from _ends(topology, declared, flow_name, flow)
    yield from fence_problems(topology)
    yield from credential_problems(topology, declared.keys)


def _unknown(where: str, kind: str, name: str, names: Iterable[str]) -> Problem:
    known = frozenset(names)
    return Problem(where, f"no {kind} {name!r} (has {listed(known)}).{nearest(name, known)}")


def _own_sites(
    topology: Topology,
    declared: Declared,
    at: tuple[str, str],
    sites: tuple[SiteName, ...],
) -> Iterator[Problem]:
    for index, site in enumerate(sites):
        where = path(*at, "sites", index)
        owner = topology.sites.get(site)
        if site not in declared.sites:
            yield _unknown(where, "site", site, declared.sites)
        elif isinstance(owner, StackSite):
            yield Problem(
                where,
                f"site {site!r} is owned by stack {owner.stack!r}: declare the {at[0].removesuffix('s')} there",
            )
        elif isinstance(owner, ExternalSite) and at[0] == "topics":
            yield Problem(
                where,
                f"site {site!r} is external: its owner makes its topics, and flows make their copies there. Leave it out",
            )
        elif site in sites[:index]:
            yield Problem(where, f"site {site!r} stands here twice; once is enough")


def _flows_of_roles(
    topology: Topology, declared: Declared, name: str, user: User
) -> Iterator[Problem]:
    for index, access in enumerate(user.access):
        if not isinstance(access, MirrorTargetAccess):
            continue
        where = path("users", name, "access", index, "flow")
        flow = topology.flows.get(access.flow)
        if access.flow not in declared.flows:
            yield _unknown(where, "flow", access.flow, declared.flows)
        elif (
            flow is not None
            and flow.target.site in declared.sites - {flow.source.site, *topology.stack_sites()}
            and flow.target.site not in user.sites
            and declared.sites.issuperset(user.sites)
        ):
            yield Problem(
                where,
                f"flow {access.flow!r} writes to site {flow.target.site!r}, where this user does not "
                f"exist (it exists on {listed(user.sites)}). Add that site to {path('users', name, 'sites')}, or "
                "give the role to a user of that site",
            )


def _sites_of_offset_syncs(name: str, user: User) -> Iterator[Problem]:
    """Yield a problem for each site that no flow from here leads to; whether others exist, this stack need not know."""
    for index, access in enumerate(user.access):
        sites = access.offset_syncs_for if isinstance(access, MirrorSourceAccess) else ()
        for place, site in enumerate(sites):
            where = path("users", name, "access", index, "offsetSyncsFor", place)
            if site in sites[:place]:
                yield Problem(where, f"site {site!r} stands here twice; once is enough")
            elif user.sites == (site,):
                yield Problem(
                    where,
                    f"no flow leads from site {site!r}, where this user is, to itself. Name the target of a flow "
                    "that says offsetSyncs: source",
                )


def _ends(topology: Topology, declared: Declared, name: str, flow: Flow) -> Iterator[Problem]:
    for end, one in (("source", flow.source), ("target", flow.target)):
        if one.site not in declared.sites:
            yield _unknown(path("flows", name, end, "site"), "site", one.site, declared.sites)
    if flow.source.site == flow.target.site:
        yield Problem(
            path("flows", name, "target", "site"),
            f"source and target are both {flow.target.site!r}: records would be copied onto themselves. "
            f"Take another site (has {listed(declared.sites - {flow.target.site})})",
        )
        return
    target = topology.sites.get(flow.target.site)
    if isinstance(target, StackSite):
        yield Problem(
            path("flows", name, "target", "site"),
            f"site {flow.target.site!r} is owned by stack {target.stack!r}: a flow is declared in the "
            "stack that owns its target",
        )
    yield from _place(topology, declared, name, flow)
    for end, one in (("source", flow.source), ("target", flow.target)):
        yield from _end_listener(
            topology, path("flows", name, end, "listener"), one.site, one.listener
        )
        yield from _end_user(
            topology, declared, path("flows", name, end, "user"), one.site, one.user
        )
    yield from _users_of_others(topology, name, flow)
    for index, user in enumerate(flow.replicated_users):
        where = path("flows", name, "replicatedUsers", index)
        yield from _end_user(topology, declared, where, flow.source.site, user)
        if user in flow.replicated_users[:index]:
            yield Problem(where, f"user {user!r} stands here twice; once is enough")


def _users_of_others(topology: Topology, name: str, flow: Flow) -> Iterator[Problem]:
    """Yield a problem if users are to be replicated from or to a site whose users another makes."""
    for site in (flow.source.site, flow.target.site):
        if flow.replicated_users and site in topology.external_sites():
            yield Problem(
                path("flows", name, "replicatedUsers"),
                f"site {site!r} is external: its owner makes its users. Leave this out, and let each site have its own",
            )


def _place(topology: Topology, declared: Declared, name: str, flow: Flow) -> Iterator[Problem]:
    """Yield what keeps a flow from running where it is told to."""
    where = path("flows", name, "runsIn")
    external = topology.external_sites()
    if flow.runs_in is None:
        if flow.target.site in external and isinstance(
            topology.sites.get(flow.source.site), StackSite | ExternalSite
        ):
            yield Problem(
                where,
                f"is missing: its target {flow.target.site!r} is external, where nothing can run, and this stack does "
                f"not make its source {flow.source.site!r} either. Write runsIn: {{kubernetes: {{context: …, "
                "namespace: …}}, or the site of this stack that it is to run beside",
            )
        return
    site = flow.runs_in.site
    owner = None if site is None else topology.sites.get(site)
    if site is not None and site not in declared.sites:
        yield _unknown(path("flows", name, "runsIn", "site"), "site", site, declared.sites)
    elif isinstance(owner, StackSite):
        yield Problem(
            path("flows", name, "runsIn", "site"),
            f"site {site!r} is owned by stack {owner.stack!r}, and this stack does not know its cluster. Write "
            "runsIn: {kubernetes: {context: …, namespace: …}}",
        )
    elif site is not None and site in external:
        yield Problem(
            path("flows", name, "runsIn", "site"),
            f"site {site!r} is external, where nothing can run (has {listed(topology.managed_sites())})",
        )
    elif site == flow.target.site:
        yield Problem(
            where, f"{site!r} is the target, beside which a flow runs anyway; leave it out"
        )
    elif flow.runs_in.kubernetes is not None:
        place = flow.runs_in.kubernetes
        for other, one in topology.managed_sites().items():
            if (one.kubernetes.context, one.kubernetes.namespace) == (
                place.context,
                place.namespace,
            ):
                yield Problem(
                    where, f"that is where site {other!r} is. Write runsIn: {{site: {other}}}"
                )


def _end_listener(
    topology: Topology, where: str, site: SiteName, listener: str | None
) -> Iterator[Problem]:
    owner = topology.sites.get(site)
    if listener is not None and isinstance(owner, ExternalSite):
        yield Problem(where, f"site {site!r} is external and has one address for all. Leave it out")
    if listener is not None and isinstance(owner, ManagedSite):
        names = [one.name for one in owner.kafka.listeners]
        if listener not in names:
            yield Problem(
                where,
                f"site {site!r} has no listener {listener!r} (has {listed(names)}).{nearest(listener, names)}",
            )


def _end_user(
    topology: Topology, declared: Declared, where: str, site: SiteName, user: UserName
) -> Iterator[Problem]:
    if site not in topology.own_sites():
        return
    here = {name for name, one in topology.users.items() if site in one.sites}
    if user in here or (user in declared.users and user not in topology.users):
        return
    elsewhere = topology.users.get(user)
    if elsewhere is not None and not declared.sites.issuperset(elsewhere.sites):
        return  # the name of one of its sites is wrong, and told already
    hint = f" It exists on {listed(elsewhere.sites)}." if elsewhere else nearest(user, here)
    yield Problem(where, f"site {site!r} has no user {user!r} (has {listed(here)}).{hint}")
