"""Passwords: made once by the stack that owns the user or told to it, kept in its state, read by other stacks."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

import pulumi

from kafka_mirror.planning.heartbeats import heartbeat_users
from kafka_mirror.topology import (
    FromConfig,
    SiteDescription,
    SiteName,
    Topology,
    User,
    UserName,
)

_BYTES: Final = 24


class Credentials:
    """The password of every user the stack can speak for, by user; each an Output that is secret."""

    def __init__(
        self,
        topology: Topology,
        descriptions: Mapping[SiteName, SiteDescription],
        elsewhere: Mapping[SiteName, pulumi.Output[dict[str, str]]],
    ) -> None:
        """Generate the passwords that the stack makes, and read those of its configuration.

        Args:
            topology: Of the stack.
            descriptions: Of every site.
            elsewhere: For each site of another stack, the passwords that stack shares.
        """
        self._elsewhere = elsewhere
        self._own: dict[UserName, pulumi.Output[str]] = {
            name: _generated(name, 1) for name in heartbeat_users(topology)
        }
        for name, user in topology.users.items():
            if descriptions[user.sites[0]].users[name].has_password_of_stack:
                self._own |= _known(name, user)
        self._shared = {
            **{name: user.sites[0] for name, user in topology.users.items() if user.shared},
            # A user replicated from another stack may go on from here to a third one.
            **{
                name: flow.source.site
                for flow in topology.flows.values()
                if flow.source.site in elsewhere
                for name in flow.replicated_users
            },
        }
        self._shared = {
            name: site
            for name, site in self._shared.items()
            if descriptions[site].users[name].has_password_of_stack
        }

    def made_by_operator(self, user: UserName, password: pulumi.Output[str]) -> None:
        """Take note of a password that the User Operator of the user's site has made."""
        self._own[user] = password

    def of(self, user: UserName, site: SiteName) -> pulumi.Output[str]:
        """Return the password with which the user proves itself at the site."""
        if site in self._elsewhere:
            return self._elsewhere[site].apply(lambda passwords: passwords[user])
        return self._own[user]

    def shared(self) -> pulumi.Output[dict[str, str]]:
        """Return what other stacks may read."""
        if not self._shared:
            return pulumi.Output.secret(pulumi.Output.from_input({}))
        return pulumi.Output.secret(
            pulumi.Output.all(
                **{str(name): self.of(name, site) for name, site in self._shared.items()}
            )
        )


def _known(name: UserName, user: User) -> dict[UserName, pulumi.Output[str]]:
    """Return the password of a user under its name, unless the operator of its site is to make it."""
    if isinstance(user.password, FromConfig):
        # Without a namespace it is read from the project's own.
        return {name: pulumi.Config().require_secret(user.password.config)}
    if user.password == "generated":  # noqa: S105 - who makes it
        return {name: _generated(name, user.generation)}
    return {}


def _generated(user: UserName, generation: int) -> pulumi.Output[str]:
    # The stash belongs to the stack, not to a site: reordering sites must not make a new password.
    stash = pulumi.Stash(
        f"{user}-password",
        input=pulumi.Output.secret(secrets.token_urlsafe(_BYTES)),
        opts=pulumi.ResourceOptions(ignore_changes=["input"], replacement_trigger=generation),
    )
    return pulumi.Output.secret(stash.output)
