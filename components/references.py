"""What other stacks say of the sites they own, and the credentials they share."""

from __future__ import annotations

from typing import Any

import pulumi
from pydantic import ValidationError

from kafka_mirror.errors import ConfigurationError, Problem
from kafka_mirror.planning import pick
from kafka_mirror.topology import SiteDescription, SiteName, Topology
from kafka_mirror.topology.paths import path


class OtherStacks:
    """The stacks this one reads: one reference each, however many of their sites are used."""

    def __init__(self, topology: Topology) -> None:
        """Refer to every stack that owns a site of the topology."""
        self._owners = {name: site.stack for name, site in topology.stack_sites().items()}
        self._references = {
            stack: pulumi.StackReference(stack, stack_name=_qualified(stack))
            for stack in sorted(set(self._owners.values()))
        }

    async def descriptions(self) -> dict[SiteName, SiteDescription]:
        """Return the description of each site that another stack owns.

        Raises:
            ConfigurationError: A stack that is empty, or has no such site, or is of another version.
        """
        found: dict[SiteName, SiteDescription] = {}
        problems: list[Problem] = []
        for name, stack in self._owners.items():
            details = await self._references[stack].get_output_details("sites")
            result = _describe(name, stack, details.value)
            if isinstance(result, Problem):
                problems.append(result)
            else:
                found[name] = result
        if problems:
            raise ConfigurationError(problems)
        return found

    def credentials(self) -> dict[SiteName, pulumi.Output[dict[str, str]]]:
        """Return, for each site of another stack, the passwords that stack shares."""
        return {name: self._shared_by(stack) for name, stack in self._owners.items()}

    def _shared_by(self, stack: str) -> pulumi.Output[dict[str, str]]:
        here = pulumi.get_stack()

        def readable(passwords: Any) -> dict[str, str]:
            # A stack read with another passphrase gives empty values and no error.
            if not isinstance(passwords, dict) or not all(passwords.values()):
                raise pulumi.RunError(
                    f"the credentials of stack {stack!r} cannot be read: stacks {stack!r} and {here!r} "
                    "need the same secrets provider and passphrase"
                )
            return {str(user): str(password) for user, password in passwords.items()}

        return pulumi.Output.secret(self._references[stack].get_output("credentials")).apply(
            readable
        )


def _qualified(stack: str) -> str:
    if "/" in stack:
        return stack
    return f"{pulumi.get_organization()}/{pulumi.get_project()}/{stack}"


def _describe(name: SiteName, stack: str, sites: Any) -> SiteDescription | Problem:
    where = path("sites", name, "stack")
    if not isinstance(sites, dict) or not sites:
        return Problem(
            where,
            f"stack {stack!r} is deployed but empty: it describes no site. Declare one there and deploy it "
            f"(pulumi up --stack {stack}, or kafka-mirror stack up {stack})",
        )
    missing = pick(name, stack, sites)
    if missing is not None:
        return missing
    try:
        return SiteDescription.model_validate(sites[name])
    except ValidationError as error:
        return Problem(
            where,
            f"stack {stack!r} describes site {name!r} in another version's words "
            f"({error.error_count()} differences). Deploy it again with this version first",
        )
