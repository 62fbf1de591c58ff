"""Checks that every user can prove who it is at each of its sites, in the one way it is told to."""

from __future__ import annotations

from collections.abc import Iterator

from kafka_mirror.errors import Problem
from kafka_mirror.topology.authentication import asked_of
from kafka_mirror.topology.credentials import FromConfig, FromSecret
from kafka_mirror.topology.external import ExternalSite
from kafka_mirror.topology.model import Topology
from kafka_mirror.topology.names import SiteName, UserName
from kafka_mirror.topology.paths import listed, nearest, path
from kafka_mirror.topology.sites import ManagedSite
from kafka_mirror.topology.users import User

_WRITTEN_BY_OPERATORS = ("access", "acls", "fenced", "generation", "quotas", "authentication")


def credential_problems(topology: Topology, keys: frozenset[str]) -> Iterator[Problem]:
    """Yield a problem for each user that could not log in, or not in the way that is written.

    Args:
        topology: Of the stack.
        keys: Of the configuration that hold something for a user.
    """
    for name, user in topology.users.items():
        yield from _key(name, user, keys)
        own = topology.own_sites()
        managed = {
            site: owner for site in user.sites if isinstance(owner := own.get(site), ManagedSite)
        }
        external = {
            site: owner for site in user.sites if isinstance(owner := own.get(site), ExternalSite)
        }
        if managed and external:
            yield Problem(
                path("users", name, "sites"),
                f"site {min(external)!r} is external and site {min(managed)!r} is not: their users are made by "
                "different hands. Write two users",
            )
        elif external:
            yield from _at_external_sites(name, user, external)
        elif managed:
            yield from _at_managed_sites(name, user, managed, topology)


def _key(name: UserName, user: User, keys: frozenset[str]) -> Iterator[Problem]:
    if isinstance(user.password, FromConfig) and user.password.config not in keys:
        key = user.password.config
        yield Problem(
            path("users", name, "password", "config"),
            f"the configuration has no secret {key!r} (has {listed(keys)}).{nearest(key, keys)} Put it there: "
            f"pulumi config set --secret kafka-mirror:{key}",
        )


def _at_external_sites(
    name: UserName, user: User, sites: dict[SiteName, ExternalSite]
) -> Iterator[Problem]:
    for key in _WRITTEN_BY_OPERATORS:
        if key in user.model_fields_set:
            yield Problem(
                path("users", name, key),
                f"site {min(sites)!r} is external: its owner makes this user and its rights, and nothing would come "
                "of what stands here. Leave it out; kafka-mirror plan tells which rights to ask for",
            )
    asked = {site.external.authentication for site in sites.values()}
    if "tls" in asked and user.certificate is None:
        yield Problem(
            path("users", name, "certificate"),
            f"site {_that_asks(sites, 'tls')!r} asks for a client certificate. Name the Secret that holds it: "
            "certificate: {secret: …}",
        )
    if asked - {"tls"} and not isinstance(user.password, (FromConfig, FromSecret)):
        yield Problem(
            path("users", name, "password"),
            f"site {min(sites)!r} is external: its owner makes the password, which this stack has to be told. Write "
            "{config: …} after pulumi config set --secret, or {secret: …, key: …} for a Secret that others make",
        )
    if asked == {"tls"}:
        yield from _superfluous_password(name, user)
    elif "tls" not in asked and user.certificate is not None:
        yield _superfluous_certificate(name)


def _that_asks(sites: dict[SiteName, ExternalSite], authentication: str) -> SiteName:
    return next(n for n, one in sites.items() if one.external.authentication == authentication)


def _at_managed_sites(
    name: UserName, user: User, sites: dict[SiteName, ManagedSite], topology: Topology
) -> Iterator[Problem]:
    if user.username is not None:
        yield Problem(
            path("users", name, "username"),
            f"site {min(sites)!r} has an operator, which calls a user as its KafkaUser is called. Leave it out",
        )
    kinds = {site: topology.authentication_of(user, site) for site in sites}
    if len(set(kinds.values())) > 1:
        yield Problem(
            path("users", name, "authentication"),
            f"its sites ask for different things ({', '.join(f'{s}: {k}' for s, k in sorted(kinds.items()))}): say "
            "which of them this user proves itself by",
        )
        return
    for site, kind in kinds.items():
        if asked_of(kind) not in sites[site].kafka.authentications:
            yield Problem(
                path("users", name, "authentication"),
                f"site {site!r} has no listener that asks for {asked_of(kind)} (its listeners ask for "
                f"{listed(sites[site].kafka.authentications)}), so {name!r} could not log in. Give it one: "
                f"{path('sites', site, 'kafka', 'listeners')}",
            )
    yield from _one_credential(name, user, next(iter(kinds.values())))


def _one_credential(name: UserName, user: User, kind: str) -> Iterator[Problem]:
    """Yield a problem for each part of a credential that this kind of user has not."""
    if kind != "scram-sha-512":
        yield from _superfluous_password(name, user)
    elif user.password == "operator" and len(user.sites) > 1:  # noqa: S105 - who makes it
        yield Problem(
            path("users", name, "password"),
            f"found operator, and each operator would make another password on {listed(user.sites)}. Leave it out: "
            "this stack makes one for all of them",
        )
    if kind != "tls-external" and user.certificate is not None:
        yield _superfluous_certificate(name)
    if "generation" in user.model_fields_set and (
        kind != "scram-sha-512" or user.password != "generated"  # noqa: S105 - who makes it
    ):
        yield Problem(
            path("users", name, "generation"),
            "counts the passwords that this stack has made, and it makes none for this user. Leave it out",
        )


def _superfluous_password(name: UserName, user: User) -> Iterator[Problem]:
    if "password" in user.model_fields_set:
        yield Problem(
            path("users", name, "password"),
            "a user with a certificate has no password. Leave it out, or take a site that asks for one",
        )


def _superfluous_certificate(name: UserName) -> Problem:
    return Problem(
        path("users", name, "certificate"),
        "is for users whose certificate is issued elsewhere. Leave it out, or set authentication: tls-external",
    )
