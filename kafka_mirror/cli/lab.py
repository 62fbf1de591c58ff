"""``kafka-mirror lab``: starts, shows and ends the local stand-in for the data centre."""

from __future__ import annotations

import os
import shlex
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

import lab as local_lab
from kafka_mirror.cli.console import OutputFormat, errors, print_json, results
from kafka_mirror.cli.demo import demo_command
from kafka_mirror.cli.engine_choice import EngineChoice, EngineOption
from kafka_mirror.cli.exit_codes import FINDING, INTERRUPTED
from kafka_mirror.cli.interruption import ending_on_termination, ending_once
from kafka_mirror.cli.lab_options import LabOption
from kafka_mirror.cli.options import OutputOption, ProjectOption
from lab import settings
from lab.binaries import ensure_everything
from lab.deployment import deploy
from lab.directory import LabDirectory
from lab.environment import PASSPHRASE_VARIABLE, environment
from lab.inspection import LabView, inspect
from lab.progress import draw, in_words
from lab.steps import one_after_another

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)

_MEGABYTE = 1 << 20


@app.command("up")
def up_command(
    directory: LabOption = None,
    sites: Annotated[str, typer.Option(help="Their names, which become kube contexts.")] = ",".join(
        local_lab.DEFAULT_SITES
    ),
    *,
    control_planes_only: Annotated[
        bool,
        typer.Option("--control-planes-only", help="API servers alone: nothing acts on objects."),
    ] = False,
) -> None:
    """Start a lab and wait until it is ready. The first time its real parts are fetched or built."""
    names = [name.strip() for name in sites.split(",") if name.strip()]
    lab = LabDirectory.locate(directory)
    began = time.monotonic()
    console = errors()
    console.print(f"Lab: sites {_listed(names)}")
    try:
        with ending_once():
            draw(
                local_lab.up(lab.root, sites=names, with_operator=not control_planes_only), console
            )
    except KeyboardInterrupt:
        console.print("Interrupted: what was started is stopped and removed.")
        raise typer.Exit(INTERRUPTED) from None
    elapsed = in_words(timedelta(seconds=time.monotonic() - began))
    contexts = "Context" if len(names) == 1 else "Contexts"
    are = "is" if len(names) == 1 else "are"
    console.print(
        f"Ready after {elapsed}. {contexts} {_listed(names)} {are} in {_short(lab.kubeconfig)}."
    )
    console.print(f"Next:  kafka-mirror lab deploy {' '.join(names)}")


@app.command("fetch")
def fetch_command() -> None:
    """Fetch or build a lab's real parts into the user's cache, which up does too: minutes, once."""
    with ending_on_termination():
        draw(ensure_everything(), errors())


@app.command("deploy")
def deploy_command(
    stacks: Annotated[
        list[str], typer.Argument(metavar="STACK", help="Stacks, those that others read first.")
    ],
    directory: LabOption = None,
    project: ProjectOption = Path(),
    *,
    engine_choice: EngineOption = EngineChoice.EMBEDDED,
) -> None:
    """Deploy stacks into a lab that is up, with the policy pack; the same as stack up with its clusters."""
    lab = LabDirectory.locate(directory)
    lab.sites()
    with ending_on_termination():
        draw(
            one_after_another(
                *(deploy(lab, project, stack, by=engine_choice.operations) for stack in stacks)
            ),
            errors(),
        )
    errors().print("Next:  kafka-mirror lab status")


app.command("demo")(demo_command)


@app.command("down")
def down_command(directory: LabOption = None) -> None:
    """Stop a lab in order and leave no process, port or file."""
    draw(local_lab.down(directory), errors())


@app.command("kill")
def kill_command(directory: LabOption = None) -> None:
    """End everything of a lab at once, whatever state it is in, and delete its files."""
    draw(local_lab.kill(directory), errors())


@app.command("env")
def env_command(directory: LabOption = None) -> None:
    """Print what leads kubectl, the engine and Pulumi into the lab: eval "$(kafka-mirror lab env)"."""
    variables = environment(LabDirectory.locate(directory))
    if PASSPHRASE_VARIABLE in os.environ:
        # It would come before the lab's file.
        sys.stdout.write(f"unset {PASSPHRASE_VARIABLE}\n")
    for name, value in variables.items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")


@app.command("status")
def status_command(directory: LabOption = None, output: OutputOption = OutputFormat.TEXT) -> None:
    """Show sites, processes, ports, Kafka resources and the settings only a lab has. Leaves with 1 if a part is missing."""
    view = inspect(LabDirectory.locate(directory))
    if output is OutputFormat.JSON:
        print_json(_document(view))
    else:
        _draw_status(view)
    if view.faults:
        raise typer.Exit(FINDING)


def _draw_status(view: LabView) -> None:
    console = results()
    used = sum(process.resident_bytes for process in view.processes) // _MEGABYTE
    console.print(f"Lab in {_short(view.directory.root)}: {view.state}, {used:,} MB in use")
    sites = _table("SITE", "API SERVER", "RESOURCE", "STATE")
    for site in view.sites:
        rows = list(site.resources.items()) or [("-", "no Kafka resource")]
        for row, (resource, state) in enumerate(rows):
            place = ("", "") if row else (site.name, site.endpoint)
            sites.add_row(
                *map(Text, (*place, resource, state if site.is_reachable else "no answer"))
            )
    processes = _table("PROCESS", "PID", "MB", "PORTS")
    for process in view.processes:
        record = process.record
        size = str(process.resident_bytes // _MEGABYTE) if process.is_alive else "ended"
        processes.add_row(
            *map(Text, (record.name, str(record.pid), size, " ".join(map(str, record.ports))))
        )
    chosen = _table("ONLY IN A LAB", "")
    for name, value in _lab_only().items():
        chosen.add_row(Text(name), Text(value))
    for table in (sites, processes, chosen):
        if table.row_count:
            console.print(table)
    if view.faults:
        console.print(f"{len(view.faults)} finding{'s' if len(view.faults) > 1 else ''}")
    for fault in view.faults:
        console.print(f"  {fault.part}: {fault.message} Log: {_short(fault.log)}")


def _document(view: LabView) -> dict[str, Any]:
    return {
        "findings": [
            {
                "rule": "lab-part",
                "level": "error",
                "object": fault.part,
                "path": str(fault.log),
                "message": fault.message,
            }
            for fault in view.faults
        ],
        "directory": str(view.directory.root),
        "state": view.state,
        "restarts": dict(view.restarts),
        "sites": {
            site.name: {
                "endpoint": site.endpoint,
                "reachable": site.is_reachable,
                "resources": dict(site.resources),
            }
            for site in view.sites
        },
        "processes": [
            {
                "name": process.record.name,
                "pid": process.record.pid,
                "alive": process.is_alive,
                "residentBytes": process.resident_bytes,
                "ports": list(process.record.ports),
            }
            for process in view.processes
        ],
        "ports": dict(view.ports),
        "labOnlySettings": _lab_only(),
    }


def _lab_only() -> dict[str, str]:
    return {
        **{f"broker {name}": value for name, value in settings.BROKER_SETTINGS.items()},
        **{f"worker {name}": value for name, value in settings.WORKER_SETTINGS.items()},
        "broker heap": " ".join(settings.BROKER_HEAP),
        "worker heap": " ".join(settings.WORKER_HEAP),
        "Java": " ".join(settings.JVM_FLAGS),
    }


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="")
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    return table


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _short(path: Path) -> str:
    """Return a path as seen from here, if it is below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
