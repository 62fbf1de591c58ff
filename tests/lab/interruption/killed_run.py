"""Runs an operation that kills itself: ``killed_run.py <project> <lab> <stack> <operation> <kind> <moment>``."""

from __future__ import annotations

import sys
from pathlib import Path

import engine
from lab.deployment import engine_options
from lab.directory import LabDirectory
from tests.lab.interruption.stages import Moment, Once, Stage
from tests.lab.interruption.victims import Victim, kill


def main() -> None:
    """Run it; it does not return if the stage comes."""
    project, root, stack, operation, kind, moment = sys.argv[1:]
    lab = LabDirectory(Path(root))
    getattr(engine, operation)(
        engine.Project.load(project),
        stack,
        options=engine_options(lab),
        on_event=Once(Stage(kind, Moment(moment)), lambda: kill(lab, Victim.ENGINE)),
    )


if __name__ == "__main__":
    main()
