"""``kafka-mirror graph``: a picture of sites and flows, in Mermaid. Reads stack files alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kafka_mirror.cli.graph_drawing import flowchart
from kafka_mirror.cli.offline import read_topology, stack_names
from kafka_mirror.cli.options import ProjectOption
from kafka_mirror.errors import ConfigurationError, Problem, UsageError
from kafka_mirror.topology import Topology

StacksArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="STACK",
        help="The stacks, as in Pulumi.<STACK>.yaml; every one with a file unless some are named.",
    ),
]
UsersOption = Annotated[bool, typer.Option("--users", help="Show each site's users.")]


def graph_command(
    stacks: StacksArgument = None, project: ProjectOption = Path(), *, users: UsersOption = False
) -> None:
    """Print a picture of sites and flows in Mermaid. Needs no cluster.

    One stack:     kafka-mirror graph stg

    The project:   kafka-mirror graph --users > topology.mmd

    GitHub and GitLab draw it between ```mermaid and ```. An arrow leads from a
    flow's source to its target: dotted for one that is paused, with a cross at
    its end for one that is stopped. The edge of a site is dashed if its stack
    is not in the picture.
    """
    named = tuple(dict.fromkeys(stacks or stack_names(project)))
    if not named:
        raise UsageError(f"there is no stack in {project}: a stack has a file Pulumi.<STACK>.yaml")
    sys.stdout.write(flowchart(_topologies(project, named), with_users=users))


def _topologies(project: Path, stacks: tuple[str, ...]) -> dict[str, Topology]:
    """Read stack files, or say everything that is wrong in any of them."""
    found: dict[str, Topology] = {}
    problems: list[Problem] = []
    for stack in stacks:
        try:
            found[stack] = read_topology(project, stack)
        except ConfigurationError as error:
            if len(stacks) == 1:
                raise
            file = f"Pulumi.{stack}.yaml"
            problems += [Problem("", f"{file}: {problem}") for problem in error.problems]
    if problems:
        raise ConfigurationError(problems)
    return found
