"""``kafka-mirror lab demo``: the demonstration, drawn; the lab goes away with it."""

from __future__ import annotations

import signal
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

import lab as local_lab
from kafka_mirror.cli.console import errors, results
from kafka_mirror.cli.engine_choice import EngineChoice, EngineOption
from kafka_mirror.cli.exit_codes import FINDING
from kafka_mirror.cli.lab_options import LabOption
from kafka_mirror.cli.options import ProjectOption
from kafka_mirror.errors import UsageError
from kafka_mirror.topology.written import duration_text
from lab.demo.scenario import SOURCE, TARGET, Demo
from lab.directory import LabDirectory
from lab.progress import draw, in_words

_GIBIBYTE = 1 << 30


def demo_command(
    project: ProjectOption = Path(),
    directory: LabOption = None,
    *,
    engine_choice: EngineOption = EngineChoice.EMBEDDED,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the lab running afterwards.")] = False,
) -> None:
    """Deploy dev and stg into a new lab, mirror items, compare record for record, move a group.

    The lab is removed at the end, whatever happens; --keep leaves it running after a success.
    """
    lab = LabDirectory.locate(directory)
    if lab.exists:
        raise UsageError(
            f"There is a lab in {lab.root} already. End it with 'kafka-mirror lab down', or name another "
            "--directory."
        )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    demo = Demo(lab=lab, project=project.resolve(), by=engine_choice.operations)
    began = time.monotonic()
    is_kept = False
    try:
        errors().print(
            f"A lab with the sites {SOURCE} and {TARGET}: real API servers, Kafka and MirrorMaker 2"
        )
        draw(local_lab.up(lab.root, sites=(SOURCE, TARGET)), errors())
        ready = time.monotonic()
        draw(demo.steps(), errors())
        is_kept = keep
    finally:
        if not is_kept:
            # A second Ctrl-C, or a termination after the first, must not stop the clean-up half-way.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            draw(local_lab.down(lab.root), errors())
    _show(demo, control_planes=ready - began, total=time.monotonic() - began)
    if keep:
        errors().print("Next:  kafka-mirror lab status")
    if not _is_fine(demo):
        sys.exit(FINDING)


def _is_fine(demo: Demo) -> bool:
    topics_are_equal = all(topic.comparison.is_equal for topic in demo.topics)
    return topics_are_equal and demo.move is not None and demo.move.is_as_planned


def _show(demo: Demo, *, control_planes: float, total: float) -> None:
    console = results()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="")
    for heading in (
        "TOPIC",
        SOURCE.upper(),
        TARGET.upper(),
        "EQUAL",
        "LOST",
        "DUPLICATED",
        "REORDERED",
        "MIRRORED AFTER",
    ):
        table.add_column(
            Text(heading), justify="left" if heading == "TOPIC" else "right", no_wrap=True
        )
    for topic in demo.topics:
        found = topic.comparison
        counts = (found.lost, found.duplicated, found.reordered)
        table.add_row(
            Text(found.topic),
            *map(
                Text,
                (f"{found.at_source:,}", f"{found.at_target:,}", "yes" if found.is_equal else "no"),
            ),
            *(Text(f"{count:,}") for count in counts),
            Text(in_words(topic.until_mirrored)),
        )
    console.print()
    console.print(table)
    if demo.move is not None:
        move = demo.move
        console.print(
            f"Failover of group ItemConsumer at {move.rate:.0f} records/s: {move.read_twice:,} records re-read, at most "
            f"{move.planned_window:,} planned for a duplicate window of {duration_text(demo.duplicate_window)}; "
            f"{move.skipped:,} skipped; {move.out_of_service.total_seconds():.1f} s between the sites."
        )
    deployed = ", ".join(f"{one.stack} {in_words(one.elapsed)}" for one in demo.deployments)
    console.print(
        f"Cost: {in_words(timedelta(seconds=total))} in all; control planes {control_planes:.1f} s; "
        f"deployed {deployed}; {demo.memory_bytes / _GIBIBYTE:.1f} GiB resident."
    )
