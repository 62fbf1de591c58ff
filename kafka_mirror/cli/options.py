"""The arguments and options that several commands take, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kafka_mirror.cli.console import OutputFormat

StackArgument = Annotated[
    str, typer.Argument(metavar="STACK", help="The stack, as in Pulumi.<STACK>.yaml.")
]
ProjectOption = Annotated[
    Path, typer.Option("--project", help="The folder of Pulumi.yaml.", file_okay=False, exists=True)
]
OutputOption = Annotated[OutputFormat, typer.Option("--output", help="text, or json for programs.")]
