"""The option that every command on a lab takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.directory import LAB_VARIABLE

LabOption = Annotated[
    Path | None,
    typer.Option(
        "--directory",
        envvar=LAB_VARIABLE,
        file_okay=False,
        help="Where the lab lives; .lab in the checkout by default.",
    ),
]
