"""The command's entry: its subcommands, and the exit code of every way it can end.

0 fine · 1 finding or refusal · 2 usage or configuration · 3 cannot reach · 70 a bug of ours · 130 interrupted.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from typing import Annotated, Final

import typer

from kafka_mirror.cli.console import errors, results
from kafka_mirror.cli.plan import plan_command
from kafka_mirror.cli.render import render_command
from kafka_mirror.errors import KafkaMirrorError, UsageError

_BUG: Final = 70
_INTERRUPTED: Final = 130
_CHECKOUT_ONLY: Final = {
    "stack": "Preview and deploy stacks with the embedded engine or the Pulumi CLI.",
    "lab": "Run a local data centre: real API servers, Kafka and MirrorMaker 2.",
}

app = typer.Typer(
    name="kafka-mirror",
    help="Declare Kafka sites, users and MirrorMaker 2 flows; preview, deploy and prove them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("plan")(plan_command)
app.command("render")(render_command)


def _version(value: bool) -> None:  # noqa: FBT001 - typer calls it with the option's value
    if value:
        from importlib.metadata import version  # noqa: PLC0415 - reading metadata costs start-up time

        results().print(f"kafka-mirror {version('kafka-mirror')}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take the options that belong to no subcommand."""


def _add_checkout_commands() -> None:
    for name, summary in _CHECKOUT_ONLY.items():
        try:
            module = importlib.import_module(f"kafka_mirror.cli.{name}")
        except ModuleNotFoundError as error:
            if error.name is None or error.name.split(".")[0] not in {
                "engine",
                "lab",
                "components",
            }:
                raise
            app.command(name, help=summary)(_needs_checkout(name))
        else:
            app.add_typer(module.app, name=name, help=summary)


def _needs_checkout(name: str) -> typer.models.CommandFunctionType:  # type: ignore[type-var]
    def refuse() -> None:
        raise UsageError(
            f"kafka-mirror {name} runs the project's program: call it in a checkout of it"
        )

    return refuse  # type: ignore[return-value]


def main() -> None:
    """Run the command and leave with its exit code."""
    _add_checkout_commands()
    try:
        app(standalone_mode=True)
    except KafkaMirrorError as error:
        errors().print(f"Error: {error}", style="red")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        errors().print("Interrupted.")
        sys.exit(_INTERRUPTED)
    except Exception:  # noqa: BLE001 - the last line of defence tells a bug from a finding
        traceback.print_exc()
        errors().print("This is a bug of kafka-mirror. Please report it with the lines above.")
        sys.exit(_BUG)
