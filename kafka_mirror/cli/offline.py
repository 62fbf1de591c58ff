"""Reads a stack without any cluster: its own file, and what other stacks say of their sites.

A ``stack:`` site comes from that stack's state where there is one, else from the sibling stack file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kafka_mirror.errors import ConfigurationError, Problem, UsageError
from kafka_mirror.planning import Plan, describe, pick, plan
from kafka_mirror.topology import SiteDescription, SiteName, Topology, load, read_stack_file
from kafka_mirror.topology.paths import path


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineStack:
    """A planned stack.

    Attributes:
        plan: Everything decided.
        sources: For each site of another stack, what its description was read from.
    """

    plan: Plan
    sources: Mapping[SiteName, str]


def read_stack(project: Path, stack: str, outputs: Mapping[str, Mapping[str, Any]]) -> OfflineStack:
    """Return the plan of a stack.

    Args:
        project: The folder of ``Pulumi.yaml``.
        stack: Its name.
        outputs: The ``sites`` output of every other stack that has a readable state.

    Raises:
        UsageError: There is no such stack file.
        ConfigurationError: Everything wrong with the stack.
    """
    topology = _topology(project, stack)
    described: dict[SiteName, SiteDescription] = {}
    sources: dict[SiteName, str] = {}
    problems: list[Problem] = []
    for name, site in topology.stack_sites().items():
        found = _from_state(name, site.stack, outputs) or _from_file(project, name, site.stack)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            described[name], sources[name] = found
    if problems:
        raise ConfigurationError(problems)
    return OfflineStack(plan=plan(topology, described), sources=sources)


def stacks_read_by(project: Path, stack: str) -> frozenset[str]:
    """Return the stacks whose sites a stack uses."""
    return frozenset(site.stack for site in _topology(project, stack).stack_sites().values())


def stack_names(project: Path) -> tuple[str, ...]:
    """Return the stacks that have a file, sorted."""
    files = project.glob("Pulumi.*.yaml")
    return tuple(sorted(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in files))


def _topology(project: Path, stack: str) -> Topology:
    file = project / f"Pulumi.{stack}.yaml"
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        known = ", ".join(stack_names(project)) or "none"
        raise UsageError(
            f"no stack {stack!r} in {project} (has {known}): {file.name} is missing"
        ) from error
    return load(read_stack_file(text, name=file.name))


def _from_state(
    name: SiteName, stack: str, outputs: Mapping[str, Mapping[str, Any]]
) -> tuple[SiteDescription, str] | Problem | None:
    if stack not in outputs:
        return None
    missing = pick(name, stack, (SiteName(site) for site in outputs[stack]))
    if missing is not None:
        return missing
    try:
        return SiteDescription.model_validate(outputs[stack][name]), f"state of stack {stack}"
    except ValidationError as error:
        return Problem(
            path("sites", name, "stack"),
            f"the state of stack {stack!r} is of another version ({error.error_count()} differences); "
            "deploy it again first",
        )


def _from_file(project: Path, name: SiteName, stack: str) -> tuple[SiteDescription, str] | Problem:
    where = path("sites", name, "stack")
    short = stack.rsplit("/", 1)[-1]
    if not (project / f"Pulumi.{short}.yaml").exists():
        known = ", ".join(stack_names(project)) or "none"
        return Problem(
            where, f"stack {stack!r} has neither a state here nor a file (files: {known})"
        )
    topology = _topology(project, short)
    missing = pick(name, stack, topology.managed_sites())
    if missing is not None:
        return missing
    return describe(
        name, topology.managed_sites()[name], topology
    ), f"Pulumi.{short}.yaml (not deployed)"
