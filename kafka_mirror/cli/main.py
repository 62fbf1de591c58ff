"""The command's entry: its subcommands, and the exit code of every way it can end.

0 fine · 1 finding or refusal · 2 usage or configuration · 3 cannot reach · 70 a bug of ours · 130 interrupted.
"""

from __future__ import annotations

import copy
import errno
import importlib
import sys
import traceback
from collections.abc import Callable
from typing import Annotated, Final

import typer

from kafka_mirror.cli.check import check_command
from kafka_mirror.cli.console import errors, results
from kafka_mirror.cli.exit_codes import BUG, INTERRUPTED
from kafka_mirror.cli.graph import graph_command
from kafka_mirror.cli.plan import plan_command
from kafka_mirror.cli.render import render_command
from kafka_mirror.errors import KafkaMirrorError, UsageError

_CHECKOUT_ONLY: Final = {
    "stack": "Preview and deploy stacks with the embedded engine or the Pulumi CLI.",
    "lab": "Run a local data centre: real API servers, Kafka and MirrorMaker 2.",
}
_CHECKOUT_PARTS: Final = frozenset({"engine", "lab", "components"})
_LAB_EXTRA: Final = frozenset({"psutil"})
# The user's to mend: rights, a full disk, a path that leads nowhere. Any other OSError is a bug until shown otherwise.
_OF_THE_MACHINE: Final = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.ENOTDIR,
        errno.ENAMETOOLONG,
    }
)

app = typer.Typer(
    name="kafka-mirror",
    help="Declare Kafka sites, users and MirrorMaker 2 flows; preview, deploy and prove them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("plan")(plan_command)
app.command("render")(render_command)
app.command("graph")(graph_command)
app.command("check")(check_command)


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


def _with_checkout_commands() -> typer.Typer:
    """Return a whole command; `app` stays what it is however often it is asked for."""
    whole = copy.copy(app)
    whole.registered_commands = list(app.registered_commands)
    whole.registered_groups = list(app.registered_groups)
    for name, summary in _CHECKOUT_ONLY.items():
        try:
            module = importlib.import_module(f"kafka_mirror.cli.{name}")
        except ModuleNotFoundError as error:
            message = _why_absent(name, missing=(error.name or "").partition(".")[0])
            if message is None:
                raise
            anything = {"allow_extra_args": True, "ignore_unknown_options": True}
            told = f"{summary} Not installed here."
            whole.command(name, help=told, context_settings=anything)(_refusing(message))
        else:
            whole.add_typer(module.app, name=name, help=summary)
    return whole


def _why_absent(command: str, *, missing: str) -> str | None:
    """Say what a command needs that is not installed; None if that is no fault of the installation."""
    if missing in _CHECKOUT_PARTS:
        return (
            f"kafka-mirror {command} runs the project's program, which the package does not hold: "
            "run `pip install --editable '.[lab]'` in a checkout of the project"
        )
    if missing in _LAB_EXTRA:
        return (
            f"kafka-mirror {command} needs the package {missing}, which comes with the lab's extra: "
            "run `pip install --editable '.[lab]'` in the checkout"
        )
    return None


def _refusing(message: str) -> Callable[[], None]:
    def refuse() -> None:
        raise UsageError(message)

    return refuse


def main() -> None:
    """Run the command and leave with its exit code."""
    try:
        command = _with_checkout_commands()
        command(standalone_mode=True)
    except KafkaMirrorError as error:
        errors().print(f"Error: {error}", style="red")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        errors().print("Interrupted.")
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the last line of defence tells a bug from a finding
        if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
            errors().print(f"Error: {error.filename or 'a file'}: {error.strerror}", style="red")
            sys.exit(UsageError.exit_code)
        traceback.print_exc()
        errors().print("This is a bug of kafka-mirror. Please report it with the lines above.")
        sys.exit(BUG)
