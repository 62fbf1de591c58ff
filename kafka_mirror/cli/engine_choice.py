"""The option that chooses what runs the program."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

import engine
from engine import pulumi_cli
from engine.interchange import Operations


class EngineChoice(StrEnum):
    """What runs the program."""

    EMBEDDED = "embedded"
    PULUMI = "pulumi"

    @property
    def operations(self) -> Operations:
        """What has the operations on stacks; both do them alike."""
        return pulumi_cli if self is EngineChoice.PULUMI else engine


EngineOption = Annotated[
    EngineChoice,
    typer.Option("--engine", help="What runs the program: our own engine, or the Pulumi CLI."),
]
