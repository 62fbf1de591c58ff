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
from kafka_mirror.planning import Plan, describe_sites, pick, plan
from kafka_mirror.topology import SiteDescription, SiteName, Topology, load, read_stack_file
from kafka_mirror.topology.paths import nearest, path


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
    topology = read_topology(project, stack)
    others = _other_sites(project, topology, outputs, readers=(stack,))
    if others.problems:
        raise ConfigurationError(others.problems)
    return OfflineStack(plan=plan(topology, others.descriptions), sources=others.sources)


@dataclass(frozen=True, slots=True)
class _OtherSites:
    """What is known of the sites that other stacks own, where it was read, and what could not be."""

    descriptions: dict[SiteName, SiteDescription]
    sources: dict[SiteName, str]
    problems: list[Problem]


def _other_sites(
    project: Path,
    topology: Topology,
    outputs: Mapping[str, Mapping[str, Any]],
    *,
    readers: tuple[str, ...],
) -> _OtherSites:
    """Read the sites of other stacks for a topology; `readers` are the stacks on the way to it."""
    found = _OtherSites({}, {}, [])
    for name, site in topology.stack_sites().items():
        try:
            result = _from_state(name, site.stack, outputs) or _from_file(
                project, name, site.stack, outputs, readers=readers
            )
        except ConfigurationError as error:
            found.problems.extend(error.problems)
            continue
        if isinstance(result, Problem):
            found.problems.append(result)
        else:
            found.descriptions[name], found.sources[name] = result
    return found


def stacks_read_by(project: Path, stack: str) -> frozenset[str]:
    """Return the stacks whose sites a stack uses."""
    return frozenset(site.stack for site in read_topology(project, stack).stack_sites().values())


def stack_names(project: Path) -> tuple[str, ...]:
    """Return the stacks that have a file, sorted."""
    files = project.glob("Pulumi.*.yaml")
    return tuple(sorted(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in files))


def read_topology(project: Path, stack: str) -> Topology:
    """Return what a stack's own file says.

    Raises:
        UsageError: There is no such file, or it cannot be read.
        ConfigurationError: Everything wrong with it.
    """
    file = project / f"Pulumi.{stack}.yaml"
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        known = ", ".join(stack_names(project)) or "none"
        raise UsageError(
            f"no stack {stack!r} in {project} (has {known}): {file.name} is missing"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
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


def _from_file(
    project: Path,
    name: SiteName,
    stack: str,
    outputs: Mapping[str, Mapping[str, Any]],
    *,
    readers: tuple[str, ...],
) -> tuple[SiteDescription, str] | Problem:
    where = path("sites", name, "stack")
    short = stack.rsplit("/", 1)[-1]
    if short in readers:
        return Problem(
            where, f"stacks read each other in a circle: {' -> '.join((*readers, short))}"
        )
    if short not in stack_names(project):
        known = ", ".join(stack_names(project)) or "none"
        return Problem(
            where,
            f"stack {stack!r} has neither a state here nor a file (files: {known})."
            f"{nearest(short, stack_names(project))} Deploy it from here first, or write its file",
        )
    file = f"Pulumi.{short}.yaml"
    try:
        topology = read_topology(project, short)
    except ConfigurationError as error:
        told = (Problem("", f"{file}: {problem}") for problem in error.problems)
        raise ConfigurationError(told) from error
    missing = pick(name, stack, topology.own_sites())
    if missing is not None:
        return missing
    # What that stack cannot read matters here only if a user comes from there, and is missed then.
    further = _other_sites(project, topology, outputs, readers=(*readers, short))
    return describe_sites(topology, further.descriptions)[name], f"{file} (not deployed)"
