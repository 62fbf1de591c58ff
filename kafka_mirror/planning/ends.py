"""One end of a flow: the address, whom the worker believes there, and what it logs in with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from kafka_mirror.errors import Problem
from kafka_mirror.planning import names
from kafka_mirror.planning.credentials import (
    Login,
    PasswordLogin,
    PasswordSecret,
    Trust,
    certificate_of,
    is_issued,
    stands_in,
)
from kafka_mirror.planning.places import place_of
from kafka_mirror.planning.rights import Right
from kafka_mirror.topology import (
    DescribedUser,
    Flow,
    FlowEnd,
    FlowName,
    FromSecret,
    SiteDescription,
    SiteName,
    Topology,
    UserName,
)
from kafka_mirror.topology.paths import path

Side = Literal["source", "target"]

_UNKNOWN: Final = DescribedUser(authentication="scram-sha-512", shared=False, access=())
"""Stands for a user that is not there, which is told elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPlan:
    """One end of a flow: the site, the listener, and as whom and how MirrorMaker gets in there.

    Attributes:
        kafka: The Kafka resource; None at an external site.
        trust: Whom the worker believes; None without TLS.
        login: What it proves itself with.
        asks: What the owner of an external site must let the user do; empty where this project writes rights down.
    """

    site: SiteName
    kafka: str | None
    listener: str
    user: UserName
    trust: Trust | None
    login: Login
    asks: tuple[Right, ...] = ()

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.trust is not None


def plan_end(
    end: FlowEnd,
    side: Side,
    *,
    site: SiteDescription,
    listener: str,
    resource: str,
    runs_at: SiteName | None,
    needs: tuple[Right, ...],
) -> EndPlan:
    """Return the plan of one end.

    Args:
        end: As written.
        side: Which end.
        site: What is known of the site.
        listener: That was chosen.
        resource: Of the flow, after which its own Secrets are named.
        runs_at: The site beside which the flow runs, if it runs at one.
        needs: What the flow's user has to be allowed.
    """
    is_beside = runs_at == site.site
    user = site.users.get(end.user) or _UNKNOWN
    own_trust, own_credential = _secrets_of_flow(resource, side)
    trust = _trust(site, listener, own_trust, is_beside=is_beside)
    return EndPlan(
        site=site.site,
        kafka=site.kafka,
        listener=listener,
        user=end.user,
        trust=trust,
        login=_login(end.user, user, own_credential, is_beside=is_beside),
        asks=needs if site.is_external else (),
    )


def _secrets_of_flow(resource: str, side: Side) -> tuple[str, str]:
    if side == "source":
        return names.source_trust_secret(resource), names.source_credential_secret(resource)
    return names.target_trust_secret(resource), names.target_credential_secret(resource)


def _trust(
    site: SiteDescription, listener: str, made_for_flow: str, *, is_beside: bool
) -> Trust | None:
    described = site.listeners[listener]
    if not described.tls:
        return None
    if described.trust_secret is not None:
        trust = Trust(secret=described.trust_secret)
        return trust if described.trust_key is None else replace(trust, key=described.trust_key)
    if site.is_external and not described.certificates:
        return Trust()
    if is_beside and site.kafka is not None:
        return Trust(secret=names.cluster_ca_secret(site.kafka))
    return Trust(secret=made_for_flow, is_made=True)


def _login(name: UserName, user: DescribedUser, made_for_flow: str, *, is_beside: bool) -> Login:
    match user.authentication:
        case "tls" | "tls-external":
            return certificate_of(name, user)
        case mechanism:
            return PasswordLogin(
                mechanism=mechanism,
                username=user.username or name,
                password=_password(name, user, made_for_flow, is_beside=is_beside),
            )


def _password(
    name: UserName, user: DescribedUser, made_for_flow: str, *, is_beside: bool
) -> PasswordSecret:
    if isinstance(user.secret, FromSecret):
        return stands_in(name, user)
    if not is_beside:
        return PasswordSecret(secret=made_for_flow, key=names.PASSWORD_KEY, is_made=True)
    secret = name if user.by_operator else names.password_secret(name)
    return PasswordSecret(secret=secret, key=names.PASSWORD_KEY, is_made=False)


def certificate_problems(
    name: FlowName,
    flow: Flow,
    topology: Topology,
    *,
    source: SiteDescription,
    target: SiteDescription,
) -> Iterator[Problem]:
    """Yield a problem for each certificate that nobody would issue, or that the other site would not accept.

    No private key leaves its site: where a flow logs in at its source, the operator of its target issues the
    certificate, and the source takes it if both have one clients CA.
    """
    runs_at = place_of(flow, topology).site
    for (side, end), site in zip(flow.ends, (source, target), strict=True):
        user = site.users.get(end.user)
        if user is None or not is_issued(user):
            continue
        where = path("flows", name, side, "user")
        if runs_at == site.site and user.authentication == "tls-external":
            yield _nobody_issues(where, end.user, "it is tls-external")
        elif runs_at not in {site.site, target.site}:
            yield _nobody_issues(where, end.user, "the flow does not run at its target")
        elif runs_at != site.site:
            yield from _shared_authority(where, end.user, source, target)
            yield from _namesake(where, end.user, topology, target)
    for index, replicated in enumerate(flow.replicated_users):
        user = source.users.get(replicated)
        if user is not None and user.authentication == "tls":
            where = path("flows", name, "replicatedUsers", index)
            yield from _shared_authority(where, replicated, source, target)


def _nobody_issues(where: str, user: UserName, because: str) -> Problem:
    return Problem(
        where,
        f"user {user!r} proves itself by a certificate, and no User Operator issues one where the flow runs, for "
        f"{because}. Give it authentication: tls-external, and say which Secret there holds its certificate: "
        f"{path('users', user, 'certificate')}",
    )


def _namesake(
    where: str, user: UserName, topology: Topology, target: SiteDescription
) -> Iterator[Problem]:
    """Yield a problem if the KafkaUser that would get the certificate is that of another user, who has none."""
    there, own = target.users.get(user), topology.users.get(user)
    if there is None or there.authentication == "tls":
        return
    is_declared = own is not None and target.site in own.sites
    if there.authentication == "tls-external" and not is_declared:
        return  # brought by a flow, and then the operator issues it one
    yield Problem(
        where,
        f"user {user!r} proves itself by a certificate, which the operator of site {target.site!r} would issue to the "
        f"user of that name there, and that one is {there.authentication}. Rename one of them, or give this one "
        f"authentication: tls-external, and say which Secret holds its certificate: {path('users', user, 'certificate')}",
    )


def _shared_authority(
    where: str, user: UserName, source: SiteDescription, target: SiteDescription
) -> Iterator[Problem]:
    alone = [
        site.site
        for site in (source, target)
        if not site.is_external and not site.shares_clients_ca
    ]
    if alone:
        keys = " and ".join(path("sites", site, "kafka", "clientsCa") for site in alone)
        yield Problem(
            where,
            f"user {user!r} proves itself by a certificate, and sites {source.site!r} and {target.site!r} have "
            "authorities of their own, so that one would not take what the other issues. Bring both the same one: set "
            f"{keys} to {{generate: false}}, or make the user tls-external with a Secret of others",
        )
