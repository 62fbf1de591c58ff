"""Checks that the users of a flow exist, are shared, and hold every right it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kafka_mirror.errors import Problem
from kafka_mirror.planning.authorizer import missing
from kafka_mirror.planning.fences import without_writing
from kafka_mirror.planning.flows import source_rights, target_rights
from kafka_mirror.planning.names import flow_topics
from kafka_mirror.planning.rights import Right
from kafka_mirror.planning.roles import rights_of, rights_written
from kafka_mirror.topology import (
    Access,
    DescribedUser,
    Flow,
    FlowName,
    MirrorSourceAccess,
    MirrorTargetAccess,
    SiteDescription,
    Topology,
    UserName,
)
from kafka_mirror.topology.flows import End
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
    ends: tuple[tuple[End, UserName, SiteDescription], ...] = (
        ("source", flow.source.user, source),
        ("target", flow.target.user, target),
    )
    for end, user, site in ends:
        where = path("flows", name, end, "user")
        found = site.users.get(user)
        if found is None:
            yield _no_user(where, site, user)
            continue
        if end == "source":
            yield from _unshared(where, user, found, topology, source)
        if site.is_external:
            continue  # its owner grants the rights, and kafka-mirror plan tells which
        check = _RightsCheck(
            name,
            flow,
            end,
            user,
            found,
            _elsewhere(topology, site),
            with_heartbeats=name in source.heartbeats,
        )
        if check.lacking:
            yield Problem(where, check.told(site.site))
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


@dataclass(frozen=True, slots=True)
class _RightsCheck:
    """Whether a user may do what a flow needs at one of its ends, and what to do about it if not.

    Attributes:
        login: The user's name.
        elsewhere: What a next step adds if the site is another stack's.
        with_heartbeats: Whether the flow takes the heartbeats of its source along.
    """

    name: FlowName
    flow: Flow
    end: End
    login: UserName
    user: DescribedUser
    elsewhere: str
    with_heartbeats: bool

    @property
    def lacking(self) -> tuple[Right, ...]:
        """What the user lacks."""
        held = self._rights()
        return self._missing(without_writing(held) if self.user.fenced else held)

    def told(self, site: str) -> str:
        """Return what is missing at which site, and the next step."""
        return (
            f"user {self.login!r} lacks {'; '.join(map(str, self.lacking))} at site {site!r}, "
            f"without which the flow cannot mirror. {self._remedy()}"
        )

    def _missing(self, held: Iterable[Right]) -> tuple[Right, ...]:
        return missing(self._needed(), held)

    def _needed(self) -> tuple[Right, ...]:
        if self.end == "source":
            return source_rights(self.flow, with_heartbeats=self.with_heartbeats)
        return target_rights(self.name, self.flow, with_heartbeats=self.with_heartbeats)

    def _rights(self) -> tuple[Right, ...]:
        of_roles = (right for access in self.user.access for right in self._granted(access))
        return (*of_roles, *rights_written(self.user.acls))

    def _granted(self, access: Access) -> tuple[Right, ...]:
        is_its_own = isinstance(access, MirrorTargetAccess) and access.flow == self.name
        if is_its_own and self.end == "target":
            return self._needed()
        return rights_of(access)

    def _remedy(self) -> str:
        if self.user.fenced and not self._missing(self._rights()):
            return "It is fenced there: give the flow a user that is not"
        if not self._missing(one for one in self._rights() if one.type == "allow"):
            denials = path("users", self.login, "acls")
            return f"{denials} denies it: take that out, or give the flow another user"
        if self.end == "target":
            return f"Give it access {{role: mirror-target, flow: {self.name}}}"
        return self._remedy_at_the_source()

    def _remedy_at_the_source(self) -> str:
        """Return where to write what a role of a source user lacks: topics and groups, or whom it keeps offset syncs for."""
        syncs = flow_topics(self.flow).at("source")
        of_syncs = [one for one in self.lacking if one.resource.name in syncs]
        if not of_syncs:
            return "Add them to an access of role mirror-source"
        index, role = next(
            (
                (index, one)
                for index, one in enumerate(self.user.access)
                if isinstance(one, MirrorSourceAccess)
            ),
            (0, None),
        )
        sites = ", ".join((*(role.offset_syncs_for if role else ()), self.flow.target.site))
        if role is None or len(of_syncs) < len(self.lacking):
            return f"Add them to an access of role mirror-source, with offsetSyncsFor: [{sites}]"
        where = path("users", self.login, "access", index, "offsetSyncsFor")
        return f"Set {where} to [{sites}]{self.elsewhere}"


def _elsewhere(topology: Topology, site: SiteDescription) -> str:
    """Return what a next step adds that is not one of this stack."""
    is_here = site.site in topology.own_sites()
    return "" if is_here else " in its stack and deploy that first"


def _unshared(
    where: str, user: str, found: DescribedUser, topology: Topology, site: SiteDescription
) -> Iterator[Problem]:
    if found.shared or site.site in topology.own_sites():
        return
    yield Problem(
        where,
        f"site {site.site!r} does not share the credential of user {user!r}. Set "
        f"{path('users', user, 'shared')} to true{_elsewhere(topology, site)}",
    )


def _no_user(where: str, site: SiteDescription, user: str) -> Problem:
    return Problem(
        where,
        f"site {site.site!r} has no user {user!r} (has {listed(site.users)}).{nearest(user, site.users)}",
    )
